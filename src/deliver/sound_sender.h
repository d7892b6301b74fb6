// The sound of one viewer by WebRTC: frames as RTP packets whose timestamps go on without holes, on the clock
// of the pictures (RFC 3550 section 5.1). Lost packets are not sent again: what would come is too late to be
// heard. One loop; no sockets.
#pragma once

#include <cstdint>
#include <optional>

#include "base/random.h"
#include "rtp/audio_packetizer.h"
#include "rtp/packet_batch.h"
#include "rtp/rtcp.h"
#include "stream/viewing.h"
#include "webrtc/offer.h"

namespace jalousie::deliver {

class SoundSender {
 public:
  SoundSender(const webrtc::NegotiatedSound& negotiated, RandomSource& random);

  std::uint32_t ssrc() const { return ssrc_; }
  /// Appends the packets of `sound`, and says how many there are: none for what this viewer was not promised
  /// (another codec), cannot take, or would have to hear over what it has.
  std::size_t packetize(const stream::Sound& sound, rtp::PacketBatch& batch);
  /// What stands beside the pictures' own report: `ntp` is the instant at which a picture of
  /// `picture_timestamp` (90 kHz, as Frame::rtp_timestamp) would be shown. Nothing before the first packet.
  std::optional<rtp::SenderReport> report(rtp::NtpTime ntp, std::uint32_t picture_timestamp) const;

 private:
  std::uint32_t ticks(Microseconds time) const;

  codec::AudioCodec codec_;
  std::uint32_t rate_;
  std::uint32_t ssrc_;
  std::uint32_t base_;
  std::uint16_t sequence_;
  rtp::AudioPacketizer packetizer_;
  struct Sent {
    Microseconds shown{};
    std::uint32_t timestamp = 0;
    std::uint32_t next = 0;  // where it ends
  };
  std::optional<Sent> last_;
  std::uint32_t packets_ = 0;
  std::uint32_t octets_ = 0;
};

}  // namespace jalousie::deliver
