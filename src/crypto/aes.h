// AES (FIPS 197): GCM (NIST SP 800-38D), counter mode and the bare block for SRTP (RFC 3711). A keyed context
// belongs to one thread at a time and does not allocate per message. Keys are 16 or 32 bytes, chosen by the
// key's size.
//
// OpenSSL hands out plaintext before it has checked GCM's tag. open() therefore overwrites all it wrote with
// zeros before it returns false: no caller ever sees a byte that was not authenticated.
#pragma once

#include <array>
#include <memory>

#include "base/bytes.h"
#include "base/result.h"

struct evp_cipher_ctx_st;

namespace jalousie::crypto {

inline constexpr std::size_t kGcmIvBytes = 12;
inline constexpr std::size_t kGcmTagBytes = 16;

namespace aes_detail {
struct Free {
  void operator()(evp_cipher_ctx_st* context) const;
};
using Context = std::unique_ptr<evp_cipher_ctx_st, Free>;
}  // namespace aes_detail

class AesGcm {
 public:
  explicit AesGcm(ByteView key);
  /// Another key of the same size in the same context: cheaper than a new one.
  void rekey(ByteView key);

  // Ranges of input and output are of the same size, and the same range or apart. Tags are 16 bytes. Sizes
  // are below 2 GiB. A pair of key and iv must never seal two messages: the caller sees to it.

  void seal(ByteView iv, ByteView aad, ByteView plaintext, MutableBytes ciphertext, MutableBytes tag);
  void seal_in_place(ByteView iv, ByteView aad, MutableBytes text, MutableBytes tag) {
    seal(iv, aad, text, text, tag);
  }

  /// False when the tag does not fit; `plaintext` is all zeros then.
  [[nodiscard]] bool open(ByteView iv, ByteView aad, ByteView ciphertext, MutableBytes plaintext,
                          ByteView tag);
  /// False when the tag does not fit; `text` is all zeros then.
  [[nodiscard]] bool open_in_place(ByteView iv, ByteView aad, MutableBytes text, ByteView tag) {
    return open(iv, aad, text, text, tag);
  }

 private:
  std::size_t key_bytes_;
  aes_detail::Context context_;
};

/// One-shot, for what is rare: ciphertext followed by its tag.
Buffer aes_gcm_seal(ByteView key, ByteView iv, ByteView aad, ByteView plaintext);
/// DataLoss when it is too short or the tag does not fit.
Result<Buffer> aes_gcm_open(ByteView key, ByteView iv, ByteView aad, ByteView ciphertext_and_tag);

/// Counter mode over all 16 bytes of the block, big endian.
class AesCtr {
 public:
  explicit AesCtr(ByteView key);
  /// Adds the key stream that begins at `counter` (16 bytes) to `text`: encrypts and decrypts.
  void apply(ByteView counter, MutableBytes text);

 private:
  aes_detail::Context context_;
};

/// One block of 16 bytes, encrypted: for building other modes, never for data.
std::array<std::uint8_t, 16> aes_block(ByteView key, ByteView block);

}  // namespace jalousie::crypto
