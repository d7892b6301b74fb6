#include "ledger/record.h"

#include <algorithm>

#include "base/assert.h"
#include "crypto/hash.h"

namespace jalousie::ledger {

namespace {

template <class T>
T read_id(ByteReader& reader) {
  T id;
  const ByteView bytes = reader.bytes(id.bytes.size());
  std::copy(bytes.begin(), bytes.end(), id.bytes.begin());
  return id;
}

std::optional<Recorded> parse_payload(ByteView payload) {
  ByteReader reader(payload);
  Recorded recorded;
  Entry& entry = recorded.entry;
  const std::uint8_t kind = reader.u8();
  if (kind < static_cast<std::uint8_t>(EntryKind::Grant) ||
      kind > static_cast<std::uint8_t>(EntryKind::RightsChange))
    return {};
  entry.kind = static_cast<EntryKind>(kind);
  recorded.sequence = reader.u64();
  entry.at = utc_from_us(static_cast<std::int64_t>(reader.u64()));
  entry.home = read_id<HomeId>(reader);
  entry.account = read_id<AccountId>(reader);
  entry.session = read_id<SessionId>(reader);
  entry.camera = read_id<CameraId>(reader);
  entry.tenure = static_cast<Tenure>(reader.u64());
  entry.viewing = read_id<ViewingId>(reader);
  entry.frames = reader.u64();
  entry.bytes = reader.u64();
  entry.door = as_text(reader.bytes(reader.u8()));
  entry.detail = as_text(reader.bytes(reader.u16()));
  const bool whole = reader.ok() && reader.remaining() == 0;
  if (!whole || entry.door.size() > kDoorBytes || entry.detail.size() > kDetailBytes) return {};
  return recorded;
}

}  // namespace

std::string_view to_string(EntryKind kind) {
  switch (kind) {
    case EntryKind::Grant:
      return "grant";
    case EntryKind::Renewal:
      return "renewal";
    case EntryKind::End:
      return "end";
    case EntryKind::Refusal:
      return "refusal";
    case EntryKind::SignIn:
      return "sign_in";
    case EntryKind::RightsChange:
      return "rights_change";
  }
  JAL_ASSERT(false);
}

void encode_record(const Recorded& recorded, ChainHash& chain, Buffer& target) {
  const Entry& entry = recorded.entry;
  JAL_ASSERT(entry.door.size() <= kDoorBytes && entry.detail.size() <= kDetailBytes);
  std::array<std::uint8_t, kMaxRecordBytes> bytes;
  ByteWriter writer(bytes);
  writer.u32(static_cast<std::uint32_t>(kFixedPayloadBytes + entry.door.size() + entry.detail.size()));
  writer.u8(static_cast<std::uint8_t>(entry.kind));
  writer.u64(recorded.sequence);
  writer.u64(static_cast<std::uint64_t>(to_us(entry.at)));
  writer.bytes(entry.home.view());
  writer.bytes(entry.account.view());
  writer.bytes(entry.session.view());
  writer.bytes(entry.camera.view());
  writer.u64(to_number(entry.tenure));
  writer.bytes(entry.viewing.view());
  writer.u64(entry.frames);
  writer.u64(entry.bytes);
  writer.u8(static_cast<std::uint8_t>(entry.door.size()));
  writer.bytes(as_bytes(entry.door));
  writer.u16(static_cast<std::uint16_t>(entry.detail.size()));
  writer.bytes(as_bytes(entry.detail));
  JAL_ASSERT(writer.ok());
  chain = crypto::sha256({chain, writer.written()});
  writer.bytes(chain);
  target.insert(target.end(), writer.written().begin(), writer.written().end());
}

std::size_t record_length(ByteView bytes) {
  const std::size_t payload = ByteReader(bytes).u32();
  const bool possible =
      payload >= kFixedPayloadBytes && payload <= kFixedPayloadBytes + kDoorBytes + kDetailBytes;
  return possible ? 4 + payload + std::tuple_size_v<ChainHash> : 0;
}

ParsedRecord parse_record(ByteView bytes, const ChainHash& chain) {
  ParsedRecord parsed;
  ByteReader reader(bytes);
  const std::size_t payload_bytes = reader.u32();
  parsed.state = RecordState::Truncated;
  if (!reader.ok()) return parsed;
  if (record_length(bytes) == 0) {
    parsed.state = RecordState::Broken;
    return parsed;
  }
  const ByteView payload = reader.bytes(payload_bytes);
  const ByteView hash = reader.bytes(chain.size());
  if (!reader.ok()) return parsed;
  parsed.state = RecordState::Broken;
  parsed.chain = crypto::sha256({chain, bytes.first(4 + payload_bytes)});
  if (!std::ranges::equal(parsed.chain, hash)) return parsed;
  auto recorded = parse_payload(payload);
  if (!recorded) return parsed;
  parsed.recorded = *std::move(recorded);
  parsed.bytes = reader.position();
  parsed.state = RecordState::Good;
  return parsed;
}

}  // namespace jalousie::ledger
