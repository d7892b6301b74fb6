// RTCP: what parses is bounded, and what we can write of it reads back the same.
#include "rtp/rtcp.h"

#include <cstdlib>
#include <set>

#include "base/limits.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace jalousie;
  const auto packets = rtp::parse_rtcp({data, size});
  if (!packets) return 0;
  Buffer memory(64 * 1024);
  for (const auto& packet : *packets) {
    ByteWriter writer(memory);
    if (const auto* report = std::get_if<rtp::SenderReport>(&packet)) {
      rtp::write_sender_report(writer, *report);
      const auto again = rtp::parse_rtcp(writer.written());
      const auto& read = std::get<rtp::SenderReport>(again->at(0));
      if (read.ntp != report->ntp || read.blocks != report->blocks) std::abort();
      static_cast<void>(rtp::from_ntp(report->ntp));
    } else if (const auto* received = std::get_if<rtp::ReceiverReport>(&packet)) {
      rtp::write_receiver_report(writer, received->ssrc, received->blocks);
      const auto again = rtp::parse_rtcp(writer.written());
      if (std::get<rtp::ReceiverReport>(again->at(0)).blocks != received->blocks) std::abort();
      for (const auto& block : received->blocks)
        static_cast<void>(rtp::round_trip(block, 0x1234567890ABCDEF));
    } else if (const auto* nack = std::get_if<rtp::Nack>(&packet)) {
      if (nack->sequences.size() > limits::kNackSequences) std::abort();
      rtp::write_nack(writer, nack->sender_ssrc, nack->media_ssrc, nack->sequences);
      const auto again = rtp::parse_rtcp(writer.written());
      const auto& read =
          std::get<rtp::Nack>(again->at(0)).sequences;  // what came twice or out of order may be joined
      if (std::set(read.begin(), read.end()) != std::set(nack->sequences.begin(), nack->sequences.end()))
        std::abort();
    } else if (const auto* source = std::get_if<rtp::SourceDescription>(&packet)) {
      rtp::write_cname(writer, source->ssrc, source->cname);
      const auto again = rtp::parse_rtcp(writer.written());
      if (std::get<rtp::SourceDescription>(again->at(0)).cname != source->cname) std::abort();
    }
  }
  return 0;
}
