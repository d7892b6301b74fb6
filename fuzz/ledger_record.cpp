// Records of the ledger's file. An even first byte: the rest as it is. An odd one: the rest is one payload,
// given the length and hash that it needs, so that the fuzzer gets past them. What parses is what encodes to
// the same bytes.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "crypto/hash.h"
#include "ledger/record.h"

using namespace jalousie;
using namespace jalousie::ledger;

namespace {

Buffer framed(ByteView payload) {
  std::array<std::uint8_t, 4> length{};
  ByteWriter writer(length);
  writer.u32(static_cast<std::uint32_t>(payload.size()));
  const auto hash = crypto::sha256({ChainHash{}, length, payload});
  Buffer record(length.begin(), length.end());
  record.insert(record.end(), payload.begin(), payload.end());
  record.insert(record.end(), hash.begin(), hash.end());
  return record;
}

void check(ByteView bytes) {
  ChainHash chain{};
  while (!bytes.empty()) {
    const ParsedRecord parsed = parse_record(bytes, chain);
    if (parsed.state != RecordState::Good) return;
    if (parsed.bytes > bytes.size() || parsed.bytes > kMaxRecordBytes) std::abort();
    Buffer again;
    encode_record(parsed.recorded, chain, again);
    if (chain != parsed.chain || !std::ranges::equal(again, bytes.first(parsed.bytes))) std::abort();
    bytes = bytes.subspan(parsed.bytes);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView rest(data + 1, size - 1);
  check(data[0] % 2 == 0 ? Buffer(rest.begin(), rest.end()) : framed(rest));
  return 0;
}
