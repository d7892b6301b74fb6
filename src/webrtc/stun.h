// STUN messages (RFC 8489) as ICE uses them (RFC 8445 section 7): read in place, written into the caller's
// bytes. Only the syntax and its two checks are here; what a check means is ice.h's. No sockets, no clocks,
// no allocation.
//
//   0                   1                   2                   3
//   |0 0|  type (14)    |  length (16, of what follows the header)  |
//   |                 magic cookie 0x2112A442                       |
//   |                 transaction id (96)                           |
//   |  attribute type (16) | length (16) | value, padded to 4 ...   |
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/bytes.h"
#include "base/endpoint.h"
#include "crypto/hmac.h"

namespace jalousie::webrtc {

inline constexpr std::size_t kStunHeaderBytes = 20;
inline constexpr std::uint32_t kStunMagicCookie = 0x2112A442;
inline constexpr std::uint16_t kStunBinding = 0x001;

enum class StunClass : std::uint8_t { Request = 0, Indication = 1, Success = 2, Error = 3 };

/// RFC 8489 section 18.3, RFC 8445 section 16.1. Below 0x8000: to be understood or refused.
enum class StunAttribute : std::uint16_t {
  MappedAddress = 0x0001,
  Username = 0x0006,
  MessageIntegrity = 0x0008,
  ErrorCode = 0x0009,
  UnknownAttributes = 0x000A,
  MessageIntegritySha256 = 0x001C,
  XorMappedAddress = 0x0020,
  Priority = 0x0024,
  UseCandidate = 0x0025,
  Fingerprint = 0x8028,
  IceControlled = 0x8029,
  IceControlling = 0x802A,
};

using StunTransaction = std::array<std::uint8_t, 12>;

/// A well-formed message, borrowed from its datagram. What it says is believed only after integrity_holds().
class StunMessage {
 public:
  static constexpr std::size_t kUnknownKept = 8;

  /// Nothing when it is no STUN message: wrong cookie or lengths, more than 32 attributes, a fingerprint that
  /// does not fit. Of attributes that appear twice the first counts; what follows MESSAGE-INTEGRITY, but for
  /// FINGERPRINT, is ignored.
  static std::optional<StunMessage> parse(ByteView datagram);

  StunClass message_class() const { return class_; }
  std::uint16_t method() const { return method_; }
  const StunTransaction& transaction() const { return transaction_; }
  std::optional<std::string_view> username() const { return username_; }
  std::optional<std::uint32_t> priority() const { return priority_; }
  bool use_candidate() const { return use_candidate_; }
  bool says_controlled() const { return controlled_; }
  bool has_fingerprint() const { return has_fingerprint_; }
  bool has_integrity() const { return integrity_at_ != 0; }
  /// HMAC-SHA1 over the message up to MESSAGE-INTEGRITY, compared in constant time.
  bool integrity_holds(crypto::Hmac& key) const;
  /// Types below 0x8000 that we do not know; at most kUnknownKept of them.
  std::span<const std::uint16_t> unknown() const { return std::span(unknown_).first(unknown_count_); }
  /// Of a Success: XOR-MAPPED-ADDRESS.
  std::optional<Endpoint> mapped_address() const { return mapped_; }
  /// Of an Error: 300 to 699.
  std::optional<std::uint16_t> error_code() const { return error_code_; }

 private:
  StunMessage() = default;
  bool read_attributes();
  bool read_attribute(std::uint16_t type, ByteView value, std::size_t at);
  void read_address(ByteView value);

  ByteView bytes_;
  StunClass class_ = StunClass::Request;
  std::uint16_t method_ = 0;
  StunTransaction transaction_{};
  std::optional<std::string_view> username_;
  std::optional<std::uint32_t> priority_;
  std::optional<Endpoint> mapped_;
  std::optional<std::uint16_t> error_code_;
  std::size_t integrity_at_ = 0;  // where the attribute begins; 0: there is none
  bool use_candidate_ = false;
  bool controlled_ = false;
  bool has_fingerprint_ = false;
  std::array<std::uint16_t, kUnknownKept> unknown_{};
  std::size_t unknown_count_ = 0;
};

/// Writes one message into `target`. Attributes in the order of the calls; integrity, then fingerprint, come
/// last.
class StunWriter {
 public:
  StunWriter(MutableBytes target, StunClass message_class, std::uint16_t method,
             const StunTransaction& transaction);

  void attribute(StunAttribute type, ByteView value);
  void username(std::string_view name) { attribute(StunAttribute::Username, as_bytes(name)); }
  void xor_mapped_address(const Endpoint& endpoint);
  void error_code(std::uint16_t code, std::string_view reason = {});
  void unknown_attributes(std::span<const std::uint16_t> types);
  void message_integrity(crypto::Hmac& key);
  void fingerprint();

  /// The message; empty when `target` was too small.
  ByteView finish() const { return writer_.ok() ? writer_.written() : ByteView(); }

 private:
  void set_length(std::size_t after_header);

  MutableBytes target_;
  ByteWriter writer_;
  StunTransaction transaction_;
};

/// The part of a request's USERNAME before the colon: to which session of a shared port it goes (RFC 8445
/// section 7.2.2). Not authenticated: the session checks. Borrowed from `datagram`.
std::optional<std::string_view> stun_username_fragment(ByteView datagram);

}  // namespace jalousie::webrtc
