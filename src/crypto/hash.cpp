#include "crypto/hash.h"

#include <memory>

#include <openssl/evp.h>

#include "base/assert.h"

namespace jalousie::crypto {
namespace {

struct FreeDigest {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

template <class Digest>
Digest hash(const EVP_MD* algorithm, std::initializer_list<ByteView> parts) {
  const std::unique_ptr<EVP_MD_CTX, FreeDigest> context(EVP_MD_CTX_new());
  JAL_ASSERT(context && EVP_DigestInit_ex(context.get(), algorithm, nullptr) == 1);
  for (const ByteView part : parts)
    JAL_ASSERT(EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1);
  Digest digest{};
  unsigned int written = 0;
  JAL_ASSERT(EVP_DigestFinal_ex(context.get(), digest.data(), &written) == 1 && written == digest.size());
  return digest;
}

}  // namespace

Sha256Digest sha256(ByteView data) { return sha256({data}); }
Sha256Digest sha256(std::initializer_list<ByteView> parts) { return hash<Sha256Digest>(EVP_sha256(), parts); }
Sha512Digest sha512(ByteView data) { return sha512({data}); }
Sha512Digest sha512(std::initializer_list<ByteView> parts) { return hash<Sha512Digest>(EVP_sha512(), parts); }
Md5Digest md5(ByteView data) { return md5({data}); }
Md5Digest md5(std::initializer_list<ByteView> parts) { return hash<Md5Digest>(EVP_md5(), parts); }
Sha1Digest sha1(ByteView data) { return sha1({data}); }
Sha1Digest sha1(std::initializer_list<ByteView> parts) { return hash<Sha1Digest>(EVP_sha1(), parts); }

}  // namespace jalousie::crypto
