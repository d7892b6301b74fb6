// A block from bytes that nobody vouches for, and an opener under fixed keys: it opens the one genuine block
// and nothing else. Even first byte: the rest is a block. Odd: the rest is added to the genuine one, so that
// the fuzzer gets past its shape.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "seal/fixture.h"

namespace {

using namespace jalousie;
using namespace jalousie::seal;

// Of a label of its own: the published vectors, which are among the seeds, are genuine under theirs.
const StreamLabel kLabel = fixture::label(0xf1, 0xf2);

struct Genuine {
  Genuine() : bench(kLabel), block(bench.seal("an access unit of thirty bytes")) {}
  fixture::Bench bench;
  BlockPtr block;
};

Buffer candidate(const Block& genuine, ByteView input) {
  if (input.empty() || input[0] % 2 == 0) return fixture::copy_of(input.empty() ? input : input.subspan(1));
  Buffer bytes = fixture::copy_of(genuine.bytes());
  for (std::size_t at = 1; at < input.size() && at <= bytes.size(); ++at) bytes[at - 1] ^= input[at];
  return bytes;
}

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Genuine genuine;
  Buffer bytes = candidate(*genuine.block, {data, size});
  const bool untouched = std::ranges::equal(bytes, genuine.block->bytes());
  const auto block = Block::from_bytes(std::move(bytes));
  if (!block) {
    require(!untouched);
    return 0;
  }
  Opener opener = fixture::opener(kLabel);
  require(!opener.reopen(**block).has_value());
  const auto opened = opener.open(**block);
  require(opened.has_value() == untouched);
  require(opener.reopen(**block).has_value() == untouched);
  if (untouched) require(as_text(opened->bytes()) == "an access unit of thirty bytes");
  return 0;
}
