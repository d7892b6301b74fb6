#include "crypto/hmac.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <sodium/crypto_auth_hmacsha512.h>

#include "base/assert.h"
#include "crypto/secret.h"

namespace jalousie::crypto {
namespace {

struct FreeMac {
  void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
};

std::string name_of(HmacHash hash) {
  switch (hash) {
    case HmacHash::Sha1:
      return "SHA1";
    case HmacHash::Sha256:
      return "SHA256";
    case HmacHash::Sha512:
      break;
  }
  return "SHA512";
}

std::size_t size_of(HmacHash hash) {
  switch (hash) {
    case HmacHash::Sha1:
      return 20;
    case HmacHash::Sha256:
      return 32;
    case HmacHash::Sha512:
      break;
  }
  return 64;
}

template <class Digest>
Digest once(HmacHash hash, ByteView key, ByteView message) {
  Digest digest;
  Hmac(hash, key).compute({message}, digest);
  return digest;
}

}  // namespace

Sha1Digest hmac_sha1(ByteView key, ByteView message) {
  return once<Sha1Digest>(HmacHash::Sha1, key, message);
}
Sha256Digest hmac_sha256(ByteView key, ByteView message) {
  return once<Sha256Digest>(HmacHash::Sha256, key, message);
}
Sha512Digest hmac_sha512(ByteView key, ByteView message) { return HmacSha512(key).compute(message); }

void Hmac::Free::operator()(evp_mac_ctx_st* context) const { EVP_MAC_CTX_free(context); }

Hmac::Hmac(HmacHash hash, ByteView key) : size_(size_of(hash)) {
  const std::unique_ptr<EVP_MAC, FreeMac> mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  JAL_ASSERT(mac);
  context_.reset(EVP_MAC_CTX_new(mac.get()));
  std::string name = name_of(hash);
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), name.size()),
      OSSL_PARAM_construct_end()};
  // A null key means "the key of before" to OpenSSL, so an empty one needs an address.
  static constexpr std::uint8_t kNothing = 0;
  JAL_ASSERT(context_ &&
             EVP_MAC_init(context_.get(), key.empty() ? &kNothing : key.data(), key.size(), params) == 1);
}

Hmac::~Hmac() = default;
Hmac::Hmac(Hmac&& other) noexcept = default;
Hmac& Hmac::operator=(Hmac&& other) noexcept = default;

void Hmac::compute(std::initializer_list<ByteView> parts, MutableBytes target) {
  JAL_ASSERT(context_ && target.size() <= size_);
  JAL_ASSERT(EVP_MAC_init(context_.get(), nullptr, 0, nullptr) == 1);
  for (const ByteView part : parts) JAL_ASSERT(EVP_MAC_update(context_.get(), part.data(), part.size()) == 1);
  Sha512Digest digest;
  std::size_t written = 0;
  JAL_ASSERT(EVP_MAC_final(context_.get(), digest.data(), &written, digest.size()) == 1 && written == size_);
  std::copy_n(digest.begin(), target.size(), target.begin());
  wipe(digest);
}

static_assert(sizeof(crypto_auth_hmacsha512_state) == 416 && alignof(crypto_auth_hmacsha512_state) <= 16);

HmacSha512::HmacSha512(ByteView key) {
  crypto_auth_hmacsha512_state state;
  crypto_auth_hmacsha512_init(&state, key.data(), key.size());
  std::memcpy(state_.data(), &state, sizeof state);
  wipe({reinterpret_cast<std::uint8_t*>(&state), sizeof state});
}

HmacSha512::~HmacSha512() { wipe(state_); }
HmacSha512::HmacSha512(HmacSha512&& other) noexcept : state_(other.state_) { wipe(other.state_); }
HmacSha512& HmacSha512::operator=(HmacSha512&& other) noexcept {
  if (this != &other) {
    state_ = other.state_;
    wipe(other.state_);
  }
  return *this;
}

Sha512Digest HmacSha512::compute(ByteView message) const {
  crypto_auth_hmacsha512_state state;
  std::memcpy(&state, state_.data(), sizeof state);
  Sha512Digest digest;
  crypto_auth_hmacsha512_update(&state, message.data(), message.size());
  crypto_auth_hmacsha512_final(&state, digest.data());  // which wipes the inner state
  wipe({reinterpret_cast<std::uint8_t*>(&state), sizeof state});
  return digest;
}

void hkdf_sha256(ByteView key, ByteView salt, ByteView info, MutableBytes target) {
  JAL_ASSERT(target.size() <= std::size_t{255} * 32);
  static constexpr Sha256Digest kNoSalt{};
  Secret<32> extracted;
  Hmac(HmacHash::Sha256, salt.empty() ? ByteView(kNoSalt) : salt).compute({key}, extracted.bytes());
  Hmac expand(HmacHash::Sha256, extracted.view());
  Secret<32> block;
  std::size_t known = 0;
  for (std::uint8_t counter = 1; !target.empty(); ++counter) {
    expand.compute({block.view().first(known), info, ByteView(&counter, 1)}, block.bytes());
    known = std::min(block.view().size(), target.size());
    std::copy_n(block.view().begin(), known, target.begin());
    target = target.subspan(known);
  }
}

}  // namespace jalousie::crypto
