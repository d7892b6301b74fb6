#include "ledger/checkpoint.h"

#include <algorithm>
#include <limits>

#include "base/assert.h"
#include "crypto/hash.h"

namespace jalousie::ledger {

namespace {

constexpr std::string_view kMagic = "JCHECKP1";

bool is_length(std::size_t bytes) {
  return bytes >= kCheckpointBytes && (bytes - kCheckpointBytes) % kCheckpointHomeBytes == 0;
}

}  // namespace

std::uint64_t Checkpoint::entries_of(HomeId home) const {
  const auto found = std::ranges::lower_bound(entries, home, {}, &std::pair<HomeId, std::uint64_t>::first);
  return found != entries.end() && found->first == home ? found->second : 0;
}

Buffer encode_checkpoint(const Checkpoint& checkpoint) {
  Buffer bytes(kCheckpointBytes + checkpoint.entries.size() * kCheckpointHomeBytes);
  JAL_ASSERT(bytes.size() <= std::numeric_limits<std::uint32_t>::max());
  ByteWriter writer(bytes);
  writer.bytes(as_bytes(kMagic));
  writer.u32(static_cast<std::uint32_t>(bytes.size()));
  writer.u32(static_cast<std::uint32_t>(checkpoint.entries.size()));
  writer.bytes(checkpoint.ledger);
  writer.u64(checkpoint.end);
  writer.bytes(checkpoint.chain);
  for (const auto& [home, entries] : checkpoint.entries) {
    writer.bytes(home.view());
    writer.u64(entries);
  }
  writer.bytes(crypto::sha256(writer.written()));
  writer.u32(static_cast<std::uint32_t>(bytes.size()));
  JAL_ASSERT(writer.ok() && writer.remaining() == 0);
  return bytes;
}

std::optional<std::size_t> checkpoint_length(ByteView start) {
  ByteReader reader(start);
  if (as_text(reader.bytes(kMagic.size())) != kMagic) return std::nullopt;
  const std::size_t length = reader.u32();
  if (!reader.ok() || !is_length(length)) return std::nullopt;
  return length;
}

std::optional<Checkpoint> parse_checkpoint(ByteView bytes) {
  if (checkpoint_length(bytes) != bytes.size()) return std::nullopt;
  ByteReader reader(bytes);
  reader.skip(kCheckpointStartBytes);
  const std::size_t homes = reader.u32();
  if (homes != (bytes.size() - kCheckpointBytes) / kCheckpointHomeBytes) return std::nullopt;
  Checkpoint parsed;
  std::ranges::copy(reader.bytes(parsed.ledger.size()), parsed.ledger.begin());
  parsed.end = reader.u64();
  std::ranges::copy(reader.bytes(parsed.chain.size()), parsed.chain.begin());
  parsed.entries.reserve(homes);
  for (std::size_t index = 0; index < homes; ++index) {
    HomeId home;
    std::ranges::copy(reader.bytes(home.bytes.size()), home.bytes.begin());
    if (!parsed.entries.empty() && !(parsed.entries.back().first < home)) return std::nullopt;
    parsed.entries.emplace_back(home, reader.u64());
  }
  const auto hash = crypto::sha256(bytes.first(reader.position()));
  if (!std::ranges::equal(hash, reader.bytes(hash.size()))) return std::nullopt;
  if (reader.u32() != bytes.size() || parsed.end < kFileHeaderBytes) return std::nullopt;
  return parsed;
}

}  // namespace jalousie::ledger
