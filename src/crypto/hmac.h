// HMAC (RFC 2104) with SHA-1, SHA-256 and SHA-512, one-shot and keyed for many messages, and HKDF (RFC 5869).
//
// A keyed context belongs to one thread at a time. HmacSha512 holds its state in place and never allocates:
// it is on the way of every sealed block. Hmac is OpenSSL's, faster for whole packets with SHA-1; OpenSSL 3
// copies its state on the heap for every message (two small allocations, measured 40 ns).
#pragma once

#include <array>
#include <initializer_list>
#include <memory>

#include "base/bytes.h"
#include "crypto/hash.h"

struct evp_mac_ctx_st;

namespace jalousie::crypto {

Sha1Digest hmac_sha1(ByteView key, ByteView message);
Sha256Digest hmac_sha256(ByteView key, ByteView message);
Sha512Digest hmac_sha512(ByteView key, ByteView message);

enum class HmacHash : std::uint8_t { Sha1, Sha256, Sha512 };

/// One key, many messages.
class Hmac {
 public:
  Hmac(HmacHash hash, ByteView key);
  ~Hmac();
  Hmac(Hmac&& other) noexcept;
  Hmac& operator=(Hmac&& other) noexcept;

  /// 20, 32 or 64.
  std::size_t size() const { return size_; }
  /// The MAC of the parts' concatenation, its first target.size() bytes: at most size().
  void compute(std::initializer_list<ByteView> parts, MutableBytes target);

 private:
  struct Free {
    void operator()(evp_mac_ctx_st* context) const;
  };
  std::unique_ptr<evp_mac_ctx_st, Free> context_;
  std::size_t size_;
};

/// HMAC-SHA-512 for short messages: one key, many messages, no allocation. Wiped when it goes.
class HmacSha512 {
 public:
  explicit HmacSha512(ByteView key);
  ~HmacSha512();
  HmacSha512(HmacSha512&& other) noexcept;
  HmacSha512& operator=(HmacSha512&& other) noexcept;

  Sha512Digest compute(ByteView message) const;

 private:
  static constexpr std::size_t kStateBytes = 416;  // two SHA-512 states, checked in the source
  alignas(16) std::array<std::uint8_t, kStateBytes> state_;
};

/// HKDF-SHA-256 (RFC 5869): fills `target`, at most 255 * 32 bytes.
void hkdf_sha256(ByteView key, ByteView salt, ByteView info, MutableBytes target);

}  // namespace jalousie::crypto
