// Frames of G.711 and Opus to RTP packets for viewers: RFC 3551 section 4.5.14, RFC 7587 section 4.2. An Opus
// packet goes as it is; G.711 is a byte a sample, so that what is longer than a packet is cut anywhere.
//
// The same inputs give the same bytes, at any time: a lost packet is made again from the frame.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/audio_format.h"
#include "rtp/packet_batch.h"

namespace jalousie::rtp {

class AudioPacketizer {
 public:
  /// As H264Packetizer::kPayloadBytes.
  static constexpr std::size_t kPayloadBytes = 1200;

  AudioPacketizer(std::uint32_t ssrc, std::uint8_t payload_type) : ssrc_(ssrc), payload_type_(payload_type) {}

  /// Appends the packets of `frame`, of G.711 in one channel or Opus, to `batch`, and says how many there
  /// are. `begins`: the first after a silence, which has the marker (RFC 3551 section 4.1). Unsupported for
  /// AAC and for G.711 in more channels, ResourceExhausted for an Opus packet above kPayloadBytes; then
  /// `batch` is as before.
  Result<std::size_t> packetize(const codec::AudioFrame& frame, std::uint32_t timestamp,
                                std::uint16_t first_sequence, bool begins, PacketBatch& batch) const;

 private:
  std::uint32_t ssrc_;
  std::uint8_t payload_type_;
};

}  // namespace jalousie::rtp
