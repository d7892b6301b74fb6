#include "rtp/nal_packetizer.h"

#include <algorithm>

#include "base/assert.h"
#include "codec/access_unit.h"
#include "rtp/packet.h"

namespace jalousie::rtp {

struct NalPacketizer::Run {
  PacketBatch& batch;
  std::uint32_t timestamp;
  std::uint16_t next_sequence;
};

NalPacketizer::NalPacketizer(std::uint32_t ssrc, std::uint8_t payload_type, std::size_t max_payload_bytes,
                             std::size_t nal_header_bytes)
    : ssrc_(ssrc),
      payload_type_(payload_type),
      max_payload_bytes_(max_payload_bytes),
      nal_header_bytes_(nal_header_bytes) {
  JAL_ASSERT(max_payload_bytes >= 64 && max_payload_bytes <= 65'000);
}

MutableBytes NalPacketizer::add_packet(Run& run, std::size_t payload_bytes) const {
  const MutableBytes packet = run.batch.append(kHeaderBytes + payload_bytes);
  ByteWriter writer(packet);
  write_header(writer, {.payload_type = payload_type_,
                        .sequence = run.next_sequence++,
                        .timestamp = run.timestamp,
                        .ssrc = ssrc_});
  return packet.subspan(kHeaderBytes);
}

void NalPacketizer::add_single(Run& run, ByteView nal) const {
  std::ranges::copy(nal, add_packet(run, nal.size()).begin());
}

/// `nals` is that part of the unit: lengths of 4 bytes become lengths of 2.
void NalPacketizer::add_aggregate(Run& run, ByteView nals, std::size_t bytes) const {
  ByteWriter writer(add_packet(run, bytes));
  write_aggregate_header(writer, nals);
  for (const ByteView nal : codec::NalUnits(nals)) {
    writer.u16(static_cast<std::uint16_t>(nal.size()));
    writer.bytes(nal);
  }
  JAL_ASSERT(writer.ok() && writer.remaining() == 0);
}

void NalPacketizer::add_fragments(Run& run, ByteView nal) const {
  const std::size_t header_bytes = nal_header_bytes_ + 1;
  ByteView rest = nal.subspan(nal_header_bytes_);
  const std::size_t room = max_payload_bytes_ - header_bytes;
  const std::size_t count = (rest.size() + room - 1) / room;
  const std::size_t each = (rest.size() + count - 1) / count;
  for (std::size_t i = 0; i < count; ++i) {
    const ByteView fragment = rest.first(std::min(each, rest.size()));
    rest = rest.subspan(fragment.size());
    ByteWriter writer(add_packet(run, header_bytes + fragment.size()));
    write_fragment_header(writer, nal, i == 0, i + 1 == count);
    writer.bytes(fragment);
    JAL_ASSERT(writer.ok() && writer.remaining() == 0);
  }
  JAL_ASSERT(rest.empty());
}

Result<std::size_t> NalPacketizer::packetize(ByteView unit, std::uint32_t timestamp,
                                             std::uint16_t first_sequence, PacketBatch& batch) const {
  TRY_VOID(codec::check_access_unit(unit));
  for (const ByteView nal : codec::NalUnits(unit)) {
    if (!can_carry(nal))
      return fail(ErrorKind::InvalidArgument, "packetizer: a NAL unit of a type that RTP cannot carry");
  }
  const std::size_t before = batch.size();
  Run run{batch, timestamp, first_sequence};
  while (!unit.empty()) {
    std::size_t taken = 0;  // bytes of the unit that go into the next packet, whole NAL units
    std::size_t payload = nal_header_bytes_;  // and what they make with the header of an aggregate
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
