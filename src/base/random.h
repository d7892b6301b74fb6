// Where random bytes come from: injected, so that tests can repeat a run. The one for production is crypto's.
#pragma once

#include "base/bytes.h"

namespace jalousie {

class RandomSource {
 public:
  virtual ~RandomSource() = default;
  /// Fills all of `target`. Safe to call from any thread.
  virtual void fill(MutableBytes target) = 0;
};

}  // namespace jalousie
