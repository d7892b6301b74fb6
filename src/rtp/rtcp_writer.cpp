#include <algorithm>

#include "base/assert.h"
#include "rtp/rtcp.h"
#include "rtp/rtcp_types.h"
#include "rtp/sequence.h"

namespace jalousie::rtp {
namespace {

/// RFC 3550 section 6.4.1: the first word. `count` is RC, SC or a feedback format; `bytes` is all that
/// follows.
void write_head(ByteWriter& writer, std::size_t count, std::uint8_t type, std::size_t bytes) {
  JAL_ASSERT(count <= 31 && bytes % 4 == 0);
  writer.u8(static_cast<std::uint8_t>(2 << 6 | count));
  writer.u8(type);
  writer.u16(static_cast<std::uint16_t>(bytes / 4));
}

void write_blocks(ByteWriter& writer, std::span<const ReportBlock> blocks) {
  for (const ReportBlock& block : blocks) {
    writer.u32(block.ssrc);
    writer.u8(block.fraction_lost);
    writer.u24(static_cast<std::uint32_t>(block.cumulative_lost) & 0xFFFFFF);
    writer.u32(block.highest_sequence);
    writer.u32(block.jitter);
    writer.u32(block.last_sr);
    writer.u32(block.delay_since_last_sr);
  }
}

}  // namespace

void write_sender_report(ByteWriter& writer, const SenderReport& report) {
  const auto blocks = std::span(report.blocks).first(std::min(report.blocks.size(), kReportBlocks));
  write_head(writer, blocks.size(), kSenderReport, 24 + blocks.size() * kReportBlockBytes);
  writer.u32(report.ssrc);
  writer.u64(report.ntp);
  writer.u32(report.rtp_timestamp);
  writer.u32(report.packets);
  writer.u32(report.octets);
  write_blocks(writer, blocks);
}

void write_receiver_report(ByteWriter& writer, std::uint32_t ssrc, std::span<const ReportBlock> blocks) {
  blocks = blocks.first(std::min(blocks.size(), kReportBlocks));
  write_head(writer, blocks.size(), kReceiverReport, 4 + blocks.size() * kReportBlockBytes);
  writer.u32(ssrc);
  write_blocks(writer, blocks);
}

void write_cname(ByteWriter& writer, std::uint32_t ssrc, std::string_view cname) {
  JAL_ASSERT(cname.size() <= 255);
  const std::size_t item = 2 + cname.size();
  const std::size_t padding = 4 - item % 4;  // at least one zero ends the chunk
  write_head(writer, 1, kSourceDescription, 4 + item + padding);
  writer.u32(ssrc);
  writer.u8(kCnameItem);
  writer.u8(static_cast<std::uint8_t>(cname.size()));
  writer.bytes(as_bytes(cname));
  for (std::size_t i = 0; i < padding; ++i) writer.u8(0);
}

void write_nack(ByteWriter& writer, std::uint32_t sender_ssrc, std::uint32_t media_ssrc,
                std::span<const std::uint16_t> sequences) {
  std::vector<std::pair<std::uint16_t, std::uint16_t>> entries;  // PID, BLP
  for (const std::uint16_t sequence : sequences) {
    const std::int32_t ahead = entries.empty() ? 0 : sequence_distance(entries.back().first, sequence);
    if (ahead >= 1 && ahead <= 16) {
      entries.back().second |= static_cast<std::uint16_t>(1U << (ahead - 1));
    } else {
      entries.emplace_back(sequence, 0);
    }
  }
  write_head(writer, kNackFormat, kTransportFeedback, 8 + entries.size() * 4);
  writer.u32(sender_ssrc);
  writer.u32(media_ssrc);
  for (const auto& [first, following] : entries) {
    writer.u16(first);
    writer.u16(following);
  }
}

void write_picture_loss(ByteWriter& writer, std::uint32_t sender_ssrc, std::uint32_t media_ssrc) {
  write_head(writer, kPictureLossFormat, kPayloadFeedback, 8);
  writer.u32(sender_ssrc);
  writer.u32(media_ssrc);
}

void write_bye(ByteWriter& writer, std::uint32_t ssrc) {
  write_head(writer, 1, kBye, 4);
  writer.u32(ssrc);
}

}  // namespace jalousie::rtp
