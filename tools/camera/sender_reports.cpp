#include "camera/sender_reports.h"

#include "rtp/packet.h"
#include "rtp/rtcp.h"

namespace jalousie::camera {
namespace {

constexpr Seconds kEvery{5};
constexpr std::string_view kCname = "camera";
constexpr std::size_t kCompoundBytes = 256;

}  // namespace

void SenderReports::count(const rtp::PacketBatch& sent) {
  packets_ += static_cast<std::uint32_t>(sent.size());
  for (std::size_t i = 0; i < sent.size(); ++i)
    octets_ += static_cast<std::uint32_t>(sent.packet(i).size() - rtp::kHeaderBytes);
}

std::optional<Buffer> SenderReports::report(UtcTime taken, std::uint32_t rtp_time, SteadyTime now) {
  if (next_ && now < *next_) return std::nullopt;
  next_ = now + kEvery;
  Buffer compound(kCompoundBytes);
  ByteWriter writer(compound);
  rtp::write_sender_report(writer, {.ssrc = ssrc_,
                                    .ntp = rtp::to_ntp(taken),
                                    .rtp_timestamp = rtp_time,
                                    .packets = packets_,
                                    .octets = octets_});
  rtp::write_cname(writer, ssrc_, kCname);
  compound.resize(writer.position());
  return compound;
}

Buffer SenderReports::bye() const {
  Buffer compound(kCompoundBytes);
  ByteWriter writer(compound);
  rtp::write_receiver_report(writer, ssrc_, {});  // a compound begins with a report (RFC 3550 section 6.1)
  rtp::write_cname(writer, ssrc_, kCname);
  rtp::write_bye(writer, ssrc_);
  compound.resize(writer.position());
  return compound;
}

}  // namespace jalousie::camera
