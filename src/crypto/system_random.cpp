#include "crypto/system_random.h"

#include <cerrno>
#include <sys/random.h>

#include "base/assert.h"

namespace jalousie::crypto {

void SystemRandom::fill(MutableBytes target) {
  while (!target.empty()) {
    const ssize_t got = ::getrandom(target.data(), target.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    JAL_ASSERT(got > 0);
    target = target.subspan(static_cast<std::size_t>(got));
  }
}

}  // namespace jalousie::crypto
