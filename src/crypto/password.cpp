#include "crypto/password.h"

#include <array>

#include <fmt/format.h>
#include <sodium/core.h>
#include <sodium/crypto_pwhash_argon2id.h>

#include "base/assert.h"
#include "base/encoding.h"
#include "crypto/secret.h"

namespace jalousie::crypto {
namespace {

std::string prefix(Argon2Cost cost) {
  return fmt::format("$argon2id$v=19$m={},t={},p=1$", cost.memory_kib, cost.passes);
}

std::string unpadded(ByteView bytes) {
  std::string text = encode_base64(bytes);
  while (text.ends_with('=')) text.pop_back();
  return text;
}

}  // namespace

Result<std::string> hash_password(std::string_view password, RandomSource& random, Argon2Cost cost) {
  JAL_ASSERT(sodium_init() >= 0);
  JAL_ASSERT(cost.memory_kib >= 8 && cost.passes >= 1);
  std::array<std::uint8_t, crypto_pwhash_argon2id_SALTBYTES> salt;
  random.fill(salt);
  Secret<32> hash;
  if (crypto_pwhash_argon2id(hash.bytes().data(), hash.bytes().size(), password.data(), password.size(),
                             salt.data(), cost.passes, std::size_t{cost.memory_kib} * 1024,
                             crypto_pwhash_argon2id_ALG_ARGON2ID13) != 0) {
    return fail(ErrorKind::ResourceExhausted, "no memory to hash a password");
  }
  return prefix(cost) + unpadded(salt) + "$" + unpadded(hash.view());
}

bool verify_password(const std::string& hash, std::string_view password) {
  JAL_ASSERT(sodium_init() >= 0);
  return crypto_pwhash_argon2id_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

bool needs_rehash(std::string_view hash, Argon2Cost cost) { return !hash.starts_with(prefix(cost)); }

}  // namespace jalousie::crypto
