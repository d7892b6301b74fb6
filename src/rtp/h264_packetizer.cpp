#include "rtp/h264_packetizer.h"

#include <algorithm>

#include "base/assert.h"
#include "codec/access_unit.h"
#include "codec/h264_nal.h"
#include "rtp/h264_payload.h"
#include "rtp/packet.h"

namespace jalousie::rtp {
namespace {

/// NAL units with types 1 to 23 can be carried (RFC 6184 table 1).
Result<> check_types(ByteView unit) {
  for (const ByteView nal : codec::NalUnits(unit)) {
    const std::uint8_t type = nal[0] & kTypeBits;
    if (type == 0 || type >= kStapA) {
      return fail(ErrorKind::InvalidArgument, "H.264 packetizer: a NAL unit of a type that RTP cannot carry");
    }
  }
  return {};
}

}  // namespace

struct H264Packetizer::Run {
  PacketBatch& batch;
  std::uint32_t timestamp;
  std::uint16_t next_sequence;
};

H264Packetizer::H264Packetizer(std::uint32_t ssrc, std::uint8_t payload_type, std::size_t max_payload_bytes)
    : ssrc_(ssrc), payload_type_(payload_type), max_payload_bytes_(max_payload_bytes) {
  JAL_ASSERT(max_payload_bytes >= 64 && max_payload_bytes <= 65'000);
}

MutableBytes H264Packetizer::add_packet(Run& run, std::size_t payload_bytes) const {
  const MutableBytes packet = run.batch.append(kHeaderBytes + payload_bytes);
  ByteWriter writer(packet);
  write_header(writer, {.payload_type = payload_type_,
                        .sequence = run.next_sequence++,
                        .timestamp = run.timestamp,
                        .ssrc = ssrc_});
  return packet.subspan(kHeaderBytes);
}

void H264Packetizer::add_single(Run& run, ByteView nal) const {
  std::ranges::copy(nal, add_packet(run, nal.size()).begin());
}

/// `nals` is that part of the unit: lengths of 4 bytes become lengths of 2. RFC 6184 section 5.7.1.
void H264Packetizer::add_aggregate(Run& run, ByteView nals, std::size_t bytes) const {
  ByteWriter writer(add_packet(run, bytes));
  std::uint8_t forbidden = 0;
  std::uint8_t importance = 0;
  for (const ByteView nal : codec::NalUnits(nals)) {
    forbidden |= nal[0] & kForbiddenBit;
    importance = std::max<std::uint8_t>(importance, nal[0] & kImportanceBits);
  }
  writer.u8(static_cast<std::uint8_t>(forbidden | importance | kStapA));
  for (const ByteView nal : codec::NalUnits(nals)) {
    writer.u16(static_cast<std::uint16_t>(nal.size()));
    writer.bytes(nal);
  }
  JAL_ASSERT(writer.ok() && writer.remaining() == 0);
}

/// RFC 6184 section 5.8.
void H264Packetizer::add_fragments(Run& run, ByteView nal) const {
  const auto indicator = static_cast<std::uint8_t>((nal[0] & (kForbiddenBit | kImportanceBits)) | kFuA);
  const std::uint8_t type = nal[0] & kTypeBits;
  ByteView rest = nal.subspan(1);
  const std::size_t room = max_payload_bytes_ - kFuHeaderBytes;
  const std::size_t count = (rest.size() + room - 1) / room;
  const std::size_t each = (rest.size() + count - 1) / count;
  for (std::size_t i = 0; i < count; ++i) {
    const ByteView fragment = rest.first(std::min(each, rest.size()));
    rest = rest.subspan(fragment.size());
    ByteWriter writer(add_packet(run, kFuHeaderBytes + fragment.size()));
    writer.u8(indicator);
    writer.u8(static_cast<std::uint8_t>((i == 0 ? kFuStart : 0) | (i + 1 == count ? kFuEnd : 0) | type));
    writer.bytes(fragment);
  }
  JAL_ASSERT(rest.empty());
}

Result<std::size_t> H264Packetizer::packetize(ByteView unit, std::uint32_t timestamp,
                                              std::uint16_t first_sequence, PacketBatch& batch) const {
  TRY_VOID(codec::check_access_unit(unit));
  TRY_VOID(check_types(unit));
  const std::size_t before = batch.size();
  Run run{batch, timestamp, first_sequence};
  while (!unit.empty()) {
    std::size_t taken = 0;    // bytes of the unit that go into the next packet, whole NAL units
    std::size_t payload = 1;  // and what they make with the header of a STAP-A
    std::size_t count = 0;
    for (const ByteView nal : codec::NalUnits(unit)) {
      if (count > 0 && payload + 2 + nal.size() > max_payload_bytes_) break;
      payload += 2 + nal.size();
      taken += codec::kLengthBytes + nal.size();
      ++count;
    }
    const ByteView nals = unit.first(taken);
    const ByteView nal = nals.subspan(codec::kLengthBytes);
    if (count > 1) {
      add_aggregate(run, nals, payload);
    } else if (nal.size() <= max_payload_bytes_) {
      add_single(run, nal);
    } else {
      add_fragments(run, nal);
    }
    unit = unit.subspan(taken);
  }
  if (batch.size() > before) batch.packet(batch.size() - 1)[1] |= 0x80;  // the marker
  return batch.size() - before;
}

}  // namespace jalousie::rtp
