#include "webrtc/stun.h"

#include <algorithm>

#include "base/crc32.h"
#include "crypto/compare.h"

namespace jalousie::webrtc {
namespace {

constexpr std::size_t kMostAttributes = 32;
constexpr std::size_t kMostUsernameBytes =
    513;  // RFC 8489 section 14.3: fewer than 509 bytes; ICE: 256 + 1 + 256
constexpr std::size_t kDigestBytes = 20;
constexpr std::size_t kIntegrityBytes = 4 + kDigestBytes;
constexpr std::size_t kFingerprintBytes = 8;
constexpr std::uint32_t kFingerprintXor = 0x5354554E;  // RFC 8489 section 14.7

constexpr std::size_t padded(std::size_t length) { return (length + 3) & ~std::size_t{3}; }

/// Section 5: the class's two bits stand between the method's.
constexpr std::uint16_t type_of(StunClass message_class, std::uint16_t method) {
  const auto bits = static_cast<unsigned>(message_class);
  return static_cast<std::uint16_t>((method & 0x000FU) | (method & 0x0070U) << 1 | (method & 0x0F80U) << 2 |
                                    (bits & 1U) << 4 | (bits & 2U) << 7);
}

constexpr std::uint16_t method_of(std::uint16_t type) {
  return static_cast<std::uint16_t>((type & 0x000FU) | (type & 0x00E0U) >> 1 | (type & 0x3E00U) >> 2);
}

constexpr StunClass class_of(std::uint16_t type) {
  return static_cast<StunClass>((type >> 4 & 1) | (type >> 7 & 2));
}

/// The mask of XOR-MAPPED-ADDRESS (section 14.2): the cookie, then the transaction id.
std::array<std::uint8_t, 16> address_mask(const StunTransaction& transaction) {
  std::array<std::uint8_t, 16> mask{};
  ByteWriter writer(mask);
  writer.u32(kStunMagicCookie);
  writer.bytes(transaction);
  return mask;
}

}  // namespace

std::optional<StunMessage> StunMessage::parse(ByteView datagram) {
  if (datagram.size() < kStunHeaderBytes || datagram[0] > 3) return std::nullopt;
  ByteReader reader(datagram);
  const std::uint16_t type = reader.u16();
  const std::size_t length = reader.u16();
  if (length % 4 != 0 || length != datagram.size() - kStunHeaderBytes) return std::nullopt;
  if (reader.u32() != kStunMagicCookie) return std::nullopt;

  StunMessage message;
  message.bytes_ = datagram;
  message.class_ = class_of(type);
  message.method_ = method_of(type);
  const ByteView transaction = reader.bytes(message.transaction_.size());
  std::copy(transaction.begin(), transaction.end(), message.transaction_.begin());
  if (!message.read_attributes()) return std::nullopt;
  return message;
}

bool StunMessage::read_attributes() {
  ByteReader reader(bytes_);
  reader.skip(kStunHeaderBytes);
  for (std::size_t count = 0; reader.remaining() > 0; ++count) {
    const std::size_t at = reader.position();
    const std::uint16_t type = reader.u16();
    const std::size_t length = reader.u16();
    const ByteView value = reader.bytes(padded(length));
    if (!reader.ok() || count == kMostAttributes || has_fingerprint_) return false;
    if (!read_attribute(type, value.first(length), at)) return false;
  }
  return true;
}

bool StunMessage::read_attribute(std::uint16_t type, ByteView value, std::size_t at) {
  const auto known = static_cast<StunAttribute>(type);
  if (known == StunAttribute::Fingerprint) {
    has_fingerprint_ =
        value.size() == 4 && (crc32(bytes_.first(at)) ^ kFingerprintXor) == ByteReader(value).u32();
    return has_fingerprint_;
  }
  if (has_integrity()) return true;
  switch (known) {
    case StunAttribute::Username:
      if (value.size() > kMostUsernameBytes) return false;
      if (!username_) username_ = as_text(value);
      break;
    case StunAttribute::MessageIntegrity:
      if (value.size() != kDigestBytes) return false;
      integrity_at_ = at;
      break;
    case StunAttribute::Priority:
      if (value.size() != 4) return false;
      if (!priority_) priority_ = ByteReader(value).u32();
      break;
    case StunAttribute::ErrorCode:
      if (value.size() < 4) return false;
      error_code_ = static_cast<std::uint16_t>((value[2] & 7) * 100 + value[3]);
      break;
    case StunAttribute::UseCandidate:
      use_candidate_ = true;
      break;
    case StunAttribute::IceControlled:
      controlled_ = true;
      break;
    case StunAttribute::XorMappedAddress:
      read_address(value);
      break;
    case StunAttribute::IceControlling:
    case StunAttribute::MappedAddress:
    case StunAttribute::MessageIntegritySha256:
    case StunAttribute::UnknownAttributes:
    case StunAttribute::Fingerprint:
      break;
    default:
      if (type < 0x8000 && unknown_count_ < kUnknownKept) unknown_[unknown_count_++] = type;
  }
  return true;
}

void StunMessage::read_address(ByteView value) {
  ByteReader reader(value);
  reader.skip(1);
  const std::uint8_t family = reader.u8();
  const auto port = static_cast<std::uint16_t>(reader.u16() ^ (kStunMagicCookie >> 16));
  const ByteView address = reader.rest();
  const auto mask = address_mask(transaction_);
  const auto unmask = [&](auto bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = address[i] ^ mask[i];
    return bytes;
  };
  if (!reader.ok()) return;
  if (family == 1 && address.size() == 4) mapped_ = Endpoint::v4(unmask(std::array<std::uint8_t, 4>{}), port);
  if (family == 2 && address.size() == 16)
    mapped_ = Endpoint::v6(unmask(std::array<std::uint8_t, 16>{}), port);
}

bool StunMessage::integrity_holds(crypto::Hmac& key) const {
  if (!has_integrity()) return false;
  // Section 14.5: the length counts up to and with MESSAGE-INTEGRITY, whatever follows it.
  std::array<std::uint8_t, 2> length{};
  ByteWriter(length).u16(static_cast<std::uint16_t>(integrity_at_ + kIntegrityBytes - kStunHeaderBytes));
  crypto::Sha1Digest digest;
  key.compute({bytes_.first(2), length, bytes_.subspan(4, integrity_at_ - 4)}, digest);
  return crypto::constant_time_equal(digest, bytes_.subspan(integrity_at_ + 4, kDigestBytes));
}

StunWriter::StunWriter(MutableBytes target, StunClass message_class, std::uint16_t method,
                       const StunTransaction& transaction)
    : target_(target), writer_(target), transaction_(transaction) {
  writer_.u16(type_of(message_class, method));
  writer_.u16(0);
  writer_.u32(kStunMagicCookie);
  writer_.bytes(transaction);
}

void StunWriter::attribute(StunAttribute type, ByteView value) {
  writer_.u16(static_cast<std::uint16_t>(type));
  writer_.u16(static_cast<std::uint16_t>(value.size()));
  writer_.bytes(value);
  for (std::size_t i = value.size(); i % 4 != 0; ++i) writer_.u8(0);
  if (writer_.ok()) set_length(writer_.position() - kStunHeaderBytes);
}

void StunWriter::set_length(std::size_t after_header) {
  ByteWriter(target_.subspan(2, 2)).u16(static_cast<std::uint16_t>(after_header));
}

void StunWriter::xor_mapped_address(const Endpoint& endpoint) {
  std::array<std::uint8_t, 20> value{};
  ByteWriter out(value);
  out.u8(0);
  out.u8(endpoint.is_v4() ? 1 : 2);
  out.u16(static_cast<std::uint16_t>(endpoint.port() ^ (kStunMagicCookie >> 16)));
  const auto mask = address_mask(transaction_);
  const ByteView address = endpoint.address();
  for (std::size_t i = 0; i < address.size(); ++i) out.u8(address[i] ^ mask[i]);
  attribute(StunAttribute::XorMappedAddress, out.written());
}

void StunWriter::error_code(std::uint16_t code, std::string_view reason) {
  std::array<std::uint8_t, 64> value{};
  ByteWriter out(value);
  out.u16(0);
  out.u8(static_cast<std::uint8_t>(code / 100));
  out.u8(static_cast<std::uint8_t>(code % 100));
  out.bytes(as_bytes(reason.substr(0, 60)));
  attribute(StunAttribute::ErrorCode, out.written());
}

void StunWriter::unknown_attributes(std::span<const std::uint16_t> types) {
  std::array<std::uint8_t, 2 * StunMessage::kUnknownKept> value{};
  ByteWriter out(value);
  for (const std::uint16_t type : types) out.u16(type);
  attribute(StunAttribute::UnknownAttributes, out.written());
}

void StunWriter::message_integrity(crypto::Hmac& key) {
  if (!writer_.ok()) return;
  const std::size_t before = writer_.position();
  set_length(before + kIntegrityBytes - kStunHeaderBytes);
  crypto::Sha1Digest digest;
  key.compute({target_.first(before)}, digest);
  attribute(StunAttribute::MessageIntegrity, digest);
}

void StunWriter::fingerprint() {
  if (!writer_.ok()) return;
  const std::size_t before = writer_.position();
  set_length(before + kFingerprintBytes - kStunHeaderBytes);
  std::array<std::uint8_t, 4> value{};
  ByteWriter(value).u32(crc32(target_.first(before)) ^ kFingerprintXor);
  attribute(StunAttribute::Fingerprint, value);
}

std::optional<std::string_view> stun_username_fragment(ByteView datagram) {
  const auto message = StunMessage::parse(datagram);
  if (!message || message->message_class() != StunClass::Request || !message->username()) return std::nullopt;
  const std::size_t colon = message->username()->find(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  return message->username()->substr(0, colon);
}

}  // namespace jalousie::webrtc
