#include "ingest/backoff.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"

namespace jalousie::ingest {

Microseconds Backoff::next(RandomSource& random) {
  std::array<std::uint8_t, 4> bytes{};
  random.fill(bytes);
  const auto half = next_ / 2;
  const auto wait =
      half + Microseconds(half.count() * static_cast<std::int64_t>(ByteReader(bytes).u32()) / 0xffff'ffff);
  next_ = std::min(next_ * 2, most_);
  return wait;
}

}  // namespace jalousie::ingest
