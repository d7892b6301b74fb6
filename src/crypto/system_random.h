// The RandomSource of production: getrandom(2), the kernel's generator. Safe from any thread; ends the
// process where the kernel gives no random bytes, since nothing that we make would be secret then.
#pragma once

#include "base/random.h"

namespace jalousie::crypto {

class SystemRandom final : public RandomSource {
 public:
  void fill(MutableBytes target) override;
};

}  // namespace jalousie::crypto
