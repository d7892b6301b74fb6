// Hashes, one-shot: SHA-256 and SHA-512 (FIPS 180-4). MD5 and SHA-1 are broken as hashes and are here for
// what other people's protocols fix: MD5 for Digest sign-in to cameras (RFC 2617, RFC 7616), SHA-1 for STUN
// and SRTP, as an HMAC.
#pragma once

#include <array>
#include <initializer_list>

#include "base/bytes.h"

namespace jalousie::crypto {

using Md5Digest = std::array<std::uint8_t, 16>;
using Sha1Digest = std::array<std::uint8_t, 20>;
using Sha256Digest = std::array<std::uint8_t, 32>;
using Sha512Digest = std::array<std::uint8_t, 64>;

// Of several parts: the hash of their concatenation.
Sha256Digest sha256(ByteView data);
Sha256Digest sha256(std::initializer_list<ByteView> parts);
Sha512Digest sha512(ByteView data);
Sha512Digest sha512(std::initializer_list<ByteView> parts);

/// For Digest authentication with cameras only.
Md5Digest md5(ByteView data);
Md5Digest md5(std::initializer_list<ByteView> parts);
/// For protocols that fix it only (STUN, SRTP, WebSocket's handshake).
Sha1Digest sha1(ByteView data);
Sha1Digest sha1(std::initializer_list<ByteView> parts);

}  // namespace jalousie::crypto
