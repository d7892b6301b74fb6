#include "camera/rtp_sender.h"

namespace jalousie::camera {
namespace {

// Ethernet's 1500 bytes less IPv6, UDP, RTP and an interleaved header.
constexpr std::size_t kPayloadBytes = 1400;

}  // namespace

RtpSender::RtpSender(unsigned fps, RandomSource& random)
    : fps_(fps),
      ssrc_(random_u32(random)),
      sequence_(static_cast<std::uint16_t>(random_u32(random))),
      first_time_(random_u32(random)),
      packetizer_(ssrc_, kPayloadType, kPayloadBytes),
      reports_(ssrc_) {}

Result<rtp::PacketBatch*> RtpSender::packetize(const CodedFrame& frame) {
  batch_.clear();
  TRY(const auto count, packetizer_.packetize(frame.unit, rtp_time(frame.number), sequence_, batch_));
  sequence_ = static_cast<std::uint16_t>(sequence_ + count);
  reports_.count(batch_);
  return &batch_;
}

}  // namespace jalousie::camera
