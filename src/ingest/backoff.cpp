#include "ingest/backoff.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"

namespace jalousie::ingest {

Microseconds Backoff::next(RandomSource& random) {
  const auto half = next_ / 2;
  const auto wait =
      half + Microseconds(half.count() * static_cast<std::int64_t>(random_u32(random)) / 0xffff'ffff);
  next_ = std::min(next_ * 2, most_);
  return wait;
}

}  // namespace jalousie::ingest
