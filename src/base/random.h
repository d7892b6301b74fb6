// Where random bytes come from: injected, so that tests can repeat a run. The one for production is crypto's.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace jalousie {

class RandomSource {
 public:
  virtual ~RandomSource() = default;
  /// Fills all of `target`. Safe to call from any thread.
  virtual void fill(MutableBytes target) = 0;
};

inline std::uint32_t random_u32(RandomSource& random) {
  std::array<std::uint8_t, 4> bytes{};
  random.fill(bytes);
  return ByteReader(bytes).u32();
}

}  // namespace jalousie
