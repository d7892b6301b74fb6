// RTP packets that hold one frame of sound each: G.711 (RFC 3551 section 4.5.14; any rate and ptime) and
// Opus (RFC 7587 section 4.2).
//
//   push(packet); if (auto unit = pull()) ...
//
// Packets must come in order (over UDP: from a ReorderBuffer).
#pragma once

#include <optional>

#include "base/result.h"
#include "codec/audio_format.h"
#include "rtp/audio_unit.h"
#include "rtp/packet.h"
#include "rtp/packet_order.h"

namespace jalousie::rtp {

class FrameDepacketizer {
 public:
  /// Pcmu, Pcma or Opus.
  explicit FrameDepacketizer(codec::AudioCodec codec, std::uint8_t channels);

  /// InvalidArgument where the payload is no frame of the codec, ResourceExhausted over
  /// limits::kAudioFrameBytes; the next packets may be pushed. An empty payload is silence.
  Result<> push(const PacketView& packet);
  std::optional<AudioUnit> pull();
  AudioStats stats() const;

 private:
  Result<> check(ByteView frame) const;

  codec::AudioCodec codec_;
  std::uint8_t channels_;
  PacketOrder order_;
  TimestampUnwrapper timestamps_;
  std::optional<AudioUnit> unit_;
  bool gap_pending_ = false;
  AudioStats stats_;
};

}  // namespace jalousie::rtp
