// An IP address and a port, as a value: for protocols and sockets alike.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace jalousie {

class Endpoint {
 public:
  Endpoint() = default;
  static Endpoint v4(std::array<std::uint8_t, 4> address, std::uint16_t port);
  static Endpoint v6(std::array<std::uint8_t, 16> address, std::uint16_t port);
  /// "192.0.2.1:80", "[2001:db8::1]:80". No names.
  static Result<Endpoint> parse(std::string_view text);
  static Result<Endpoint> parse(std::string_view address, std::uint16_t port);

  bool is_v4() const { return v4_; }
  /// 4 or 16 bytes, network order.
  ByteView address() const { return ByteView(bytes_).first(v4_ ? 4 : 16); }
  std::uint16_t port() const { return port_; }
  bool is_loopback() const;
  bool is_unspecified() const;
  std::string address_text() const;  // without brackets
  std::string to_string() const;     // as parse() takes it

  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
  std::uint16_t port_ = 0;
  bool v4_ = true;
};

}  // namespace jalousie

template <>
struct std::hash<jalousie::Endpoint> {
  std::size_t operator()(const jalousie::Endpoint& endpoint) const noexcept {
    const auto address = endpoint.address();
    return std::hash<std::string_view>()(jalousie::as_text(address)) * 31 + endpoint.port();
  }
};
