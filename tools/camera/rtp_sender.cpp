#include "camera/rtp_sender.h"

#include "rtp/packet.h"
#include "rtp/rtcp.h"

namespace jalousie::camera {
namespace {

// Ethernet's 1500 bytes less IPv6, UDP, RTP and an interleaved header.
constexpr std::size_t kPayloadBytes = 1400;
constexpr Seconds kReportEvery{5};
constexpr std::string_view kCname = "camera";

std::array<std::uint8_t, 10> chance_from(RandomSource& random) {
  std::array<std::uint8_t, 10> bytes{};
  random.fill(bytes);
  return bytes;
}

}  // namespace

RtpSender::RtpSender(unsigned fps, RandomSource& random) : RtpSender(fps, chance_from(random)) {}

RtpSender::RtpSender(unsigned fps, std::array<std::uint8_t, 10> chance)
    : fps_(fps),
      ssrc_(ByteReader(chance).u32()),
      sequence_(ByteReader(ByteView(chance).subspan(4)).u16()),
      first_time_(ByteReader(ByteView(chance).subspan(6)).u32()),
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
  Buffer compound(256);
  ByteWriter writer(compound);
  rtp::write_sender_report(writer, {.ssrc = ssrc_,
                                    .ntp = rtp::to_ntp(frame.taken),
                                    .rtp_timestamp = rtp_time(frame.number),
                                    .packets = packets_,
                                    .octets = octets_});
  rtp::write_cname(writer, ssrc_, kCname);
  compound.resize(writer.position());
  return compound;
}

Buffer RtpSender::bye() const {
  Buffer compound(256);
  ByteWriter writer(compound);
  rtp::write_receiver_report(writer, ssrc_, {});  // a compound begins with a report (RFC 3550 section 6.1)
  rtp::write_cname(writer, ssrc_, kCname);
  rtp::write_bye(writer, ssrc_);
  compound.resize(writer.position());
  return compound;
}

}  // namespace jalousie::camera
