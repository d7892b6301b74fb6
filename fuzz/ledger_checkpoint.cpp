// Checkpoints of the ledger. An even first byte: the rest as it is. An odd one: the rest is what stands
// before the hash, given the hash and length that it needs, so that the fuzzer gets past them. What parses is
// what encodes to the same bytes.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "crypto/hash.h"
#include "ledger/checkpoint.h"

using namespace jalousie;
using namespace jalousie::ledger;

namespace {

Buffer finished(ByteView content) {
  Buffer bytes(content.begin(), content.end());
  bytes.resize(content.size() + kCheckpointEndBytes);
  const auto length = static_cast<std::uint32_t>(content.size() + 32 + kCheckpointEndBytes);
  if (content.size() >= kCheckpointStartBytes)
    ByteWriter(MutableBytes(bytes).subspan(kCheckpointStartBytes - 4)).u32(length);
  bytes.resize(content.size());
  const auto hash = crypto::sha256(bytes);
  bytes.insert(bytes.end(), hash.begin(), hash.end());
  bytes.resize(length);
  ByteWriter(MutableBytes(bytes).last(kCheckpointEndBytes)).u32(length);
  return bytes;
}

void check(ByteView bytes) {
  const auto parsed = parse_checkpoint(bytes);
  if (!parsed) return;
  if (checkpoint_length(bytes) != bytes.size()) std::abort();
  if (!std::ranges::equal(encode_checkpoint(*parsed), bytes)) std::abort();
  for (const auto& [home, entries] : parsed->entries) {
    if (parsed->entries_of(home) != entries) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView rest(data + 1, size - 1);
  check(data[0] % 2 == 0 ? Buffer(rest.begin(), rest.end()) : finished(rest));
  return 0;
}
