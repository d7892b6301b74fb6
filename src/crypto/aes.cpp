#include "crypto/aes.h"

#include <algorithm>

#include <climits>
#include <openssl/evp.h>

#include "base/assert.h"

namespace jalousie::crypto {
namespace {

constexpr int kDecrypt = 0;
constexpr int kEncrypt = 1;
constexpr int kAsBefore = -1;

const EVP_CIPHER* pick(ByteView key, const EVP_CIPHER* with_16, const EVP_CIPHER* with_32) {
  JAL_ASSERT(key.size() == 16 || key.size() == 32);
  return key.size() == 16 ? with_16 : with_32;
}

aes_detail::Context keyed(const EVP_CIPHER* cipher, ByteView key) {
  aes_detail::Context context(EVP_CIPHER_CTX_new());
  JAL_ASSERT(context &&
             EVP_CipherInit_ex(context.get(), cipher, nullptr, key.data(), nullptr, kEncrypt) == 1);
  return context;
}

// As additional data where `target` is null.
void update(evp_cipher_ctx_st* context, ByteView source, std::uint8_t* target) {
  if (source.empty()) return;
  JAL_ASSERT(source.size() <= INT_MAX);
  int written = 0;
  JAL_ASSERT(EVP_CipherUpdate(context, target, &written, source.data(), static_cast<int>(source.size())) ==
                 1 &&
             static_cast<std::size_t>(written) == source.size());
}

void begin(evp_cipher_ctx_st* context, ByteView iv, ByteView aad, int direction) {
  JAL_ASSERT(iv.size() == kGcmIvBytes);
  JAL_ASSERT(EVP_CipherInit_ex(context, nullptr, nullptr, nullptr, iv.data(), direction) == 1);
  update(context, aad, nullptr);
}

}  // namespace

void aes_detail::Free::operator()(evp_cipher_ctx_st* context) const { EVP_CIPHER_CTX_free(context); }

AesGcm::AesGcm(ByteView key)
    : key_bytes_(key.size()), context_(keyed(pick(key, EVP_aes_128_gcm(), EVP_aes_256_gcm()), key)) {}

void AesGcm::rekey(ByteView key) {
  JAL_ASSERT(key.size() == key_bytes_);
  JAL_ASSERT(EVP_CipherInit_ex(context_.get(), nullptr, nullptr, key.data(), nullptr, kEncrypt) == 1);
}

void AesGcm::seal(ByteView iv, ByteView aad, ByteView plaintext, MutableBytes ciphertext, MutableBytes tag) {
  JAL_ASSERT(ciphertext.size() == plaintext.size() && tag.size() == kGcmTagBytes);
  begin(context_.get(), iv, aad, kEncrypt);
  update(context_.get(), plaintext, ciphertext.data());
  std::array<std::uint8_t, kGcmTagBytes> rest;
  int written = 0;
  JAL_ASSERT(EVP_CipherFinal_ex(context_.get(), rest.data(), &written) == 1 && written == 0);
  JAL_ASSERT(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(tag.size()),
                                 tag.data()) == 1);
}

bool AesGcm::open(ByteView iv, ByteView aad, ByteView ciphertext, MutableBytes plaintext, ByteView tag) {
  JAL_ASSERT(plaintext.size() == ciphertext.size() && tag.size() == kGcmTagBytes);
  std::array<std::uint8_t, kGcmTagBytes> expected;  // OpenSSL wants it writable
  std::copy(tag.begin(), tag.end(), expected.begin());
  begin(context_.get(), iv, aad, kDecrypt);
  update(context_.get(), ciphertext, plaintext.data());
  JAL_ASSERT(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(expected.size()),
                                 expected.data()) == 1);
  std::array<std::uint8_t, kGcmTagBytes> rest;
  int written = 0;
  if (EVP_CipherFinal_ex(context_.get(), rest.data(), &written) == 1) return true;
  wipe(plaintext);
  return false;
}

Buffer aes_gcm_seal(ByteView key, ByteView iv, ByteView aad, ByteView plaintext) {
  Buffer sealed(plaintext.size() + kGcmTagBytes);
  const MutableBytes all(sealed);
  AesGcm(key).seal(iv, aad, plaintext, all.first(plaintext.size()), all.last(kGcmTagBytes));
  return sealed;
}

Result<Buffer> aes_gcm_open(ByteView key, ByteView iv, ByteView aad, ByteView ciphertext_and_tag) {
  if (ciphertext_and_tag.size() < kGcmTagBytes) return fail(ErrorKind::DataLoss, "sealed data is too short");
  Buffer plaintext(ciphertext_and_tag.size() - kGcmTagBytes);
  if (!AesGcm(key).open(iv, aad, ciphertext_and_tag.first(plaintext.size()), plaintext,
                        ciphertext_and_tag.last(kGcmTagBytes))) {
    return fail(ErrorKind::DataLoss, "sealed data does not open");
  }
  return plaintext;
}

AesCtr::AesCtr(ByteView key) : context_(keyed(pick(key, EVP_aes_128_ctr(), EVP_aes_256_ctr()), key)) {}

void AesCtr::apply(ByteView counter, MutableBytes text) {
  JAL_ASSERT(counter.size() == 16);
  JAL_ASSERT(EVP_CipherInit_ex(context_.get(), nullptr, nullptr, nullptr, counter.data(), kAsBefore) == 1);
  update(context_.get(), text, text.data());
}

std::array<std::uint8_t, 16> aes_block(ByteView key, ByteView block) {
  JAL_ASSERT(block.size() == 16);
  const aes_detail::Context context = keyed(pick(key, EVP_aes_128_ecb(), EVP_aes_256_ecb()), key);
  EVP_CIPHER_CTX_set_padding(context.get(), 0);
  std::array<std::uint8_t, 16> encrypted;
  update(context.get(), block, encrypted.data());
  return encrypted;
}

}  // namespace jalousie::crypto
