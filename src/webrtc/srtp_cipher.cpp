#include "webrtc/srtp_cipher.h"

#include <algorithm>

#include "base/assert.h"
#include "crypto/compare.h"

namespace jalousie::webrtc {
namespace {

/// RFC 3711 section 4.3.3: the key stream of AES in counter mode under the master key, beginning where the
/// salt and the label say.
void derive(const SrtpMasterKey& master, std::uint8_t label, MutableBytes target) {
  crypto::Secret<16> counter;
  std::copy(master.salt.view().begin(), master.salt.view().end(), counter.bytes().begin());
  counter.bytes()[7] ^= label;  // label || 48 bits of index, right-aligned in 112 bits
  std::fill(target.begin(), target.end(), std::uint8_t{0});
  crypto::AesCtr(master.key.view()).apply(counter.view(), target);
}

std::array<std::uint8_t, 4> big_endian(std::uint32_t word) {
  std::array<std::uint8_t, 4> bytes;
  ByteWriter(bytes).u32(word);
  return bytes;
}

/// Of an RTCP packet: its first 8 bytes and the index word (RFC 7714 section 9.2).
using RtcpAad = std::array<std::uint8_t, 12>;
RtcpAad rtcp_aad(ByteView packet, std::uint32_t word) {
  RtcpAad aad;
  ByteWriter writer(aad);
  writer.bytes(packet.first(8));
  writer.u32(word);
  return aad;
}

}  // namespace

SrtpSessionKeys derive_session_keys(const SrtpMasterKey& master, SrtpProtocol protocol) {
  const std::uint8_t first_label = protocol == SrtpProtocol::Rtp ? 0 : 3;
  SrtpSessionKeys keys;
  derive(master, first_label, keys.key.bytes());
  derive(master, first_label + 1, keys.auth_key.bytes());
  derive(master, first_label + 2, keys.salt.bytes());
  return keys;
}

SrtpCipher::SrtpCipher(SrtpSuite suite, SrtpProtocol protocol, const SrtpSessionKeys& keys)
    : suite_(suite),
      protocol_(protocol),
      salt_(keys.salt.view()),
      transform_(suite == SrtpSuite::AeadAes128Gcm
                     ? decltype(transform_)(crypto::AesGcm(keys.key.view()))
                     : decltype(transform_)(
                           CounterMode{crypto::AesCtr(keys.key.view()),
                                       crypto::Hmac(crypto::HmacHash::Sha1, keys.auth_key.view())})) {}

/// GCM, RFC 7714 sections 8.1 and 9.1: 16 zero bits, SSRC, 48 bits of index, XOR the salt (12 bytes).
/// CM, RFC 3711 section 4.1.1: salt * 2^16 XOR SSRC * 2^64 XOR index * 2^16 (16 bytes, the last two count
/// blocks).
SrtpCipher::Iv SrtpCipher::iv(const SrtpFrame& frame) const {
  Iv iv{};
  ByteWriter writer(iv);
  writer.u16(0);
  if (suite_ == SrtpSuite::Aes128CmSha1_80) writer.u16(0);
  writer.u32(frame.ssrc);
  writer.u16(static_cast<std::uint16_t>(frame.index >> 32));
  writer.u32(static_cast<std::uint32_t>(frame.index));
  for (std::size_t i = 0; i < srtp_salt_bytes(suite_); ++i) iv[i] ^= salt_.view()[i];
  return iv;
}

void SrtpCipher::apply_counter_mode(MutableBytes packet, const SrtpFrame& frame) {
  std::get<CounterMode>(transform_).cipher.apply(iv(frame), packet.subspan(frame.clear_bytes));
}

void SrtpCipher::authenticate(ByteView packet, const SrtpFrame& frame, MutableBytes tag) {
  std::get<CounterMode>(transform_).mac.compute({packet, big_endian(frame.word)}, tag);
}

void SrtpCipher::seal(MutableBytes packet, const SrtpFrame& frame, MutableBytes tag) {
  JAL_ASSERT(packet.size() >= frame.clear_bytes && tag.size() == tag_bytes());
  if (auto* gcm = std::get_if<crypto::AesGcm>(&transform_)) {
    const Iv nonce = iv(frame);
    const MutableBytes text = packet.subspan(frame.clear_bytes);
    if (protocol_ == SrtpProtocol::Rtp) {
      gcm->seal_in_place(ByteView(nonce).first(crypto::kGcmIvBytes), packet.first(frame.clear_bytes), text,
                         tag);
    } else {
      gcm->seal_in_place(ByteView(nonce).first(crypto::kGcmIvBytes), rtcp_aad(packet, frame.word), text, tag);
    }
    return;
  }
  apply_counter_mode(packet, frame);
  authenticate(packet, frame, tag);
}

bool SrtpCipher::open(MutableBytes packet, const SrtpFrame& frame, ByteView tag) {
  JAL_ASSERT(packet.size() >= frame.clear_bytes && tag.size() == tag_bytes());
  if (auto* gcm = std::get_if<crypto::AesGcm>(&transform_)) {
    const Iv nonce = iv(frame);
    const MutableBytes text = packet.subspan(frame.clear_bytes);
    if (protocol_ == SrtpProtocol::Rtp) {
      return gcm->open_in_place(ByteView(nonce).first(crypto::kGcmIvBytes), packet.first(frame.clear_bytes),
                                text, tag);
    }
    return gcm->open_in_place(ByteView(nonce).first(crypto::kGcmIvBytes), rtcp_aad(packet, frame.word), text,
                              tag);
  }
  std::array<std::uint8_t, 10> expected;
  authenticate(packet, frame, expected);
  if (!crypto::constant_time_equal(expected, tag)) return false;
  apply_counter_mode(packet, frame);
  return true;
}

}  // namespace jalousie::webrtc
