#include "crypto/compare.h"

#include <openssl/crypto.h>

namespace jalousie::crypto {

bool constant_time_equal(ByteView a, ByteView b) noexcept {
  if (a.size() != b.size()) return false;
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace jalousie::crypto
