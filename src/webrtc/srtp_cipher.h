// The two transforms of SRTP and SRTCP that we offer, below packets and their counters: AEAD_AES_128_GCM (RFC
// 7714) and AES_CM_128_HMAC_SHA1_80 (RFC 3711 section 4). One object holds the session keys of one direction
// of either protocol. Private to this room; nothing here looks whether an index was used before: srtp.h does.
#pragma once

#include <array>
#include <cstdint>
#include <variant>

#include "base/bytes.h"
#include "crypto/aes.h"
#include "crypto/hmac.h"
#include "crypto/secret.h"

namespace jalousie::webrtc {

enum class SrtpSuite : std::uint8_t { AeadAes128Gcm, Aes128CmSha1_80 };

inline constexpr std::size_t kSrtpKeyBytes = 16;
inline constexpr std::size_t kSrtpSaltBytes =
    14;  // 12 are used with GCM, then two zeros (RFC 7714 section 11)
inline constexpr std::size_t kSrtpAuthKeyBytes = 20;

constexpr std::size_t srtp_salt_bytes(SrtpSuite suite) { return suite == SrtpSuite::AeadAes128Gcm ? 12 : 14; }
constexpr std::size_t srtp_tag_bytes(SrtpSuite suite) { return suite == SrtpSuite::AeadAes128Gcm ? 16 : 10; }

/// One direction's, as DTLS exports them.
struct SrtpMasterKey {
  crypto::Secret<kSrtpKeyBytes> key;
  crypto::Secret<kSrtpSaltBytes> salt;
};

struct SrtpSessionKeys {
  crypto::Secret<kSrtpKeyBytes> key;
  crypto::Secret<kSrtpSaltBytes> salt;
  crypto::Secret<kSrtpAuthKeyBytes> auth_key;  // unused with GCM
};

enum class SrtpProtocol : std::uint8_t { Rtp, Rtcp };

/// RFC 3711 section 4.3, with a key derivation rate of 0.
SrtpSessionKeys derive_session_keys(const SrtpMasterKey& master, SrtpProtocol protocol);

/// What surrounds the encrypted part of one packet.
struct SrtpFrame {
  std::size_t clear_bytes = 0;  // header in front, authenticated and not encrypted
  std::uint32_t ssrc = 0;
  std::uint64_t index = 0;  // 48 bits: of RTP rollover counter and sequence number, of RTCP the 31 bit index
  std::uint32_t word =
      0;  // authenticated though it is no part of the packet: rollover counter, or E bit and index
};

class SrtpCipher {
 public:
  SrtpCipher(SrtpSuite suite, SrtpProtocol protocol, const SrtpSessionKeys& keys);

  std::size_t tag_bytes() const { return srtp_tag_bytes(suite_); }
  SrtpSuite suite() const { return suite_; }

  /// Encrypts in place what follows the clear bytes; tag_bytes() go to `tag`. No allocation with GCM.
  void seal(MutableBytes packet, const SrtpFrame& frame, MutableBytes tag);
  /// False when the tag does not fit: then nothing of the packet's clear text is to be seen in it.
  [[nodiscard]] bool open(MutableBytes packet, const SrtpFrame& frame, ByteView tag);

 private:
  struct CounterMode {
    crypto::AesCtr cipher;
    crypto::Hmac mac;
  };
  using Iv = std::array<std::uint8_t, 16>;

  Iv iv(const SrtpFrame& frame) const;
  void apply_counter_mode(MutableBytes packet, const SrtpFrame& frame);
  void authenticate(ByteView packet, const SrtpFrame& frame, MutableBytes tag);

  SrtpSuite suite_;
  SrtpProtocol protocol_;
  crypto::Secret<kSrtpSaltBytes> salt_;
  std::variant<crypto::AesGcm, CounterMode> transform_;
};

}  // namespace jalousie::webrtc
