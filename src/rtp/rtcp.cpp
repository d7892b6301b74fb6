#include "rtp/rtcp.h"

#include <algorithm>

#include "base/limits.h"
#include "rtp/rtcp_types.h"

namespace jalousie::rtp {
namespace {

constexpr std::int64_t kFrom1900To1970 = 2'208'988'800;  // seconds

/// Clause numbers are RFC 3550's. Each parser is given the body behind the first word, and leaves the reader
/// not ok() where that is too short.
ReportBlock read_block(ByteReader& reader) {  // 6.4.1
  ReportBlock block;
  block.ssrc = reader.u32();
  block.fraction_lost = reader.u8();
  const std::uint32_t lost = reader.u24();
  block.cumulative_lost = static_cast<std::int32_t>(lost) - ((lost & 0x800000) != 0 ? 0x1000000 : 0);
  block.highest_sequence = reader.u32();
  block.jitter = reader.u32();
  block.last_sr = reader.u32();
  block.delay_since_last_sr = reader.u32();
  return block;
}

std::vector<ReportBlock> read_blocks(ByteReader& reader, unsigned count) {
  std::vector<ReportBlock> blocks;
  blocks.reserve(count);
  for (unsigned i = 0; i < count && reader.ok(); ++i) blocks.push_back(read_block(reader));
  return blocks;
}

SenderReport read_sender_report(ByteReader& reader, unsigned count) {  // 6.4.1
  SenderReport report;
  report.ssrc = reader.u32();
  report.ntp = reader.u64();
  report.rtp_timestamp = reader.u32();
  report.packets = reader.u32();
  report.octets = reader.u32();
  report.blocks = read_blocks(reader, count);
  return report;
}

ReceiverReport read_receiver_report(ByteReader& reader, unsigned count) {  // 6.4.2
  ReceiverReport report;
  report.ssrc = reader.u32();
  report.blocks = read_blocks(reader, count);
  return report;
}

/// 6.5, one chunk: items until a zero, then up to the next word.
SourceDescription read_chunk(ByteReader& reader) {
  SourceDescription chunk;
  chunk.ssrc = reader.u32();
  while (reader.ok()) {
    const std::uint8_t type = reader.u8();
    if (type == 0) break;
    const ByteView value = reader.bytes(reader.u8());
    if (type == kCnameItem) chunk.cname = as_text(value);
  }
  while (reader.ok() && reader.position() % 4 != 0) reader.skip(1);
  return chunk;
}

Bye read_bye(ByteReader& reader, unsigned count) {  // 6.6
  Bye bye;
  for (unsigned i = 0; i < count && reader.ok(); ++i) bye.ssrcs.push_back(reader.u32());
  if (reader.remaining() > 0) bye.reason = as_text(reader.bytes(reader.u8()));
  return bye;
}

Nack read_nack(ByteReader& reader) {  // RFC 4585 6.2.1
  Nack nack;
  nack.sender_ssrc = reader.u32();
  nack.media_ssrc = reader.u32();
  while (reader.remaining() >= 4 && nack.sequences.size() < limits::kNackSequences) {
    const std::uint16_t first = reader.u16();
    const std::uint16_t following = reader.u16();
    nack.sequences.push_back(first);
    for (unsigned i = 0; i < 16 && nack.sequences.size() < limits::kNackSequences; ++i) {
      if ((following >> i & 1) != 0) nack.sequences.push_back(static_cast<std::uint16_t>(first + i + 1));
    }
  }
  return nack;
}

FullIntraRequest read_full_intra(ByteReader& reader) {  // RFC 5104 4.3.1.1
  FullIntraRequest request;
  request.sender_ssrc = reader.u32();
  reader.skip(4);  // media source: unused
  while (reader.remaining() >= 8 && request.entries.size() < limits::kRtcpPackets) {
    const std::uint32_t media = reader.u32();
    request.entries.push_back({media, reader.u8()});
    reader.skip(3);
  }
  return request;
}

/// The packets that one RTCP packet stands for: none for an unknown type, several for an SDES.
bool read_body(std::vector<RtcpPacket>& packets, std::uint8_t type, unsigned count, ByteView body) {
  ByteReader reader(body);
  switch (type) {
    case kSenderReport:
      packets.emplace_back(read_sender_report(reader, count));
      break;
    case kReceiverReport:
      packets.emplace_back(read_receiver_report(reader, count));
      break;
    case kSourceDescription:
      for (unsigned i = 0; i < count && reader.ok(); ++i) packets.emplace_back(read_chunk(reader));
      break;
    case kBye:
      packets.emplace_back(read_bye(reader, count));
      break;
    case kTransportFeedback:
      if (count == kNackFormat) packets.emplace_back(read_nack(reader));
      break;
    case kPayloadFeedback:
      if (count == kPictureLossFormat) {
        const std::uint32_t sender = reader.u32();
        packets.emplace_back(PictureLoss{sender, reader.u32()});
      } else if (count == kFullIntraFormat) {
        packets.emplace_back(read_full_intra(reader));
      }
      break;
    default:
      break;
  }
  return reader.ok();
}

}  // namespace

NtpTime to_ntp(UtcTime time) {
  const std::int64_t us = to_us(time);
  const std::int64_t seconds = us / 1'000'000 - (us % 1'000'000 < 0 ? 1 : 0);
  const auto fraction = static_cast<std::uint64_t>(us - seconds * 1'000'000);
  return static_cast<std::uint64_t>(seconds + kFrom1900To1970) << 32 | (fraction << 32) / 1'000'000;
}

UtcTime from_ntp(NtpTime ntp) {
  const auto seconds = static_cast<std::int64_t>(ntp >> 32);
  const std::int64_t era = seconds < (std::int64_t{1} << 31) ? std::int64_t{1} << 32 : 0;
  const std::uint64_t us = ((ntp & 0xFFFFFFFF) * 1'000'000 + 0x80000000) >> 32;
  return utc_from_us((seconds + era - kFrom1900To1970) * 1'000'000 + static_cast<std::int64_t>(us));
}

Result<std::vector<RtcpPacket>> parse_rtcp(ByteView compound) {
  std::vector<RtcpPacket> packets;
  ByteReader reader(compound);
  if (compound.empty()) return fail(ErrorKind::InvalidArgument, "RTCP: empty");
  for (std::size_t count = 0; reader.remaining() > 0; ++count) {
    const std::uint8_t first = reader.u8();
    const std::uint8_t type = reader.u8();
    ByteView body = reader.bytes(std::size_t{reader.u16()} * 4);
    if (!reader.ok() || first >> 6 != 2)
      return fail(ErrorKind::InvalidArgument, "RTCP: a header does not fit");
    if ((first & 0x20) != 0) {
      const std::size_t padding = body.empty() ? 0 : body.back();
      if (padding == 0 || padding > body.size())
        return fail(ErrorKind::InvalidArgument, "RTCP: padding does not fit");
      body = body.first(body.size() - padding);
    }
    if (!read_body(packets, type, first & 0x1F, body)) {
      return fail(ErrorKind::InvalidArgument, "RTCP: a packet ends early");
    }
    if (count >= limits::kRtcpPackets || packets.size() > 2 * limits::kRtcpPackets) {
      return fail(ErrorKind::ResourceExhausted, "RTCP: too many packets in one");
    }
  }
  return packets;
}

std::optional<Microseconds> round_trip(const ReportBlock& block, NtpTime now) {
  if (block.last_sr == 0) return std::nullopt;
  const auto units = static_cast<std::int32_t>(ntp_middle(now) - block.last_sr - block.delay_since_last_sr);
  if (units < 0) return std::nullopt;
  return Microseconds(std::int64_t{units} * 1'000'000 / 65'536);
}

}  // namespace jalousie::rtp
