#include "ingest/report.h"

#include <array>
#include <span>

#include "base/assert.h"
#include "rtp/rtcp.h"

namespace jalousie::ingest {

std::optional<Buffer> write_report(rtp::ReceptionStatistics& reception, std::uint32_t ssrc,
                                   std::uint32_t media_ssrc, SteadyTime now) {
  const auto block = reception.report(media_ssrc, now);
  if (!block) return std::nullopt;
  std::array<std::uint8_t, 128> memory{};
  ByteWriter writer(memory);
  rtp::write_receiver_report(writer, ssrc, std::span(&*block, 1));
  rtp::write_cname(writer, ssrc, "jalousie");
  JAL_ASSERT(writer.ok());
  const auto written = writer.written();
  return Buffer(written.begin(), written.end());
}

}  // namespace jalousie::ingest
