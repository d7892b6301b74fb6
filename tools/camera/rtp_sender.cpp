#include "camera/rtp_sender.h"

#include "rtp/packet.h"
#include "rtp/rtcp.h"

namespace jalousie::camera {
namespace {

// Ethernet's 1500 bytes less IPv6, UDP, RTP and an interleaved header.
constexpr std::size_t kPayloadBytes = 1400;
constexpr std::string_view kCname = "camera";

}  // namespace

Buffer sender_report(const rtp::SenderReport& report) {
  Buffer compound(256);
  ByteWriter writer(compound);
  rtp::write_sender_report(writer, report);
  rtp::write_cname(writer, report.ssrc, kCname);
  compound.resize(writer.position());
  return compound;
}

Buffer goodbye(std::uint32_t ssrc) {
  Buffer compound(256);
  ByteWriter writer(compound);
  rtp::write_receiver_report(writer, ssrc, {});  // a compound begins with a report (RFC 3550 section 6.1)
  rtp::write_cname(writer, ssrc, kCname);
  rtp::write_bye(writer, ssrc);
  compound.resize(writer.position());
  return compound;
}

RtpSender::RtpSender(unsigned fps, RandomSource& random)
    : fps_(fps),
      ssrc_(random_u32(random)),
      sequence_(static_cast<std::uint16_t>(random_u32(random))),
      first_time_(random_u32(random)),
      packetizer_(ssrc_, kPayloadType, kPayloadBytes) {}

Result<rtp::PacketBatch*> RtpSender::packetize(const CodedFrame& frame) {
  batch_.clear();
  TRY(const auto count, packetizer_.packetize(frame.unit, rtp_time(frame.number), sequence_, batch_));
  sequence_ = static_cast<std::uint16_t>(sequence_ + count);
  packets_ += static_cast<std::uint32_t>(count);
  for (const auto& packet : batch_.packets())
    octets_ += static_cast<std::uint32_t>(packet.size() - rtp::kHeaderBytes);
  return &batch_;
}

std::optional<Buffer> RtpSender::report(const CodedFrame& frame, SteadyTime now) {
  if (next_report_ && now < *next_report_) return std::nullopt;
  next_report_ = now + kReportEvery;
  return sender_report({.ssrc = ssrc_,
                        .ntp = rtp::to_ntp(frame.taken),
                        .rtp_timestamp = rtp_time(frame.number),
                        .packets = packets_,
                        .octets = octets_});
}

Buffer RtpSender::bye() const { return goodbye(ssrc_); }

}  // namespace jalousie::camera
