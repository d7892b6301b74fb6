#include "base/endpoint.h"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>

#include <fmt/format.h>

namespace jalousie {

Endpoint Endpoint::v4(std::array<std::uint8_t, 4> address, std::uint16_t port) {
  Endpoint made;
  std::copy(address.begin(), address.end(), made.bytes_.begin());
  made.port_ = port;
  return made;
}

Endpoint Endpoint::v6(std::array<std::uint8_t, 16> address, std::uint16_t port) {
  Endpoint made;
  made.bytes_ = address;
  made.v4_ = false;
  made.port_ = port;
  return made;
}

Result<Endpoint> Endpoint::parse(std::string_view address, std::uint16_t port) {
  const std::string text(address);
  std::array<std::uint8_t, 4> four{};
  if (inet_pton(AF_INET, text.c_str(), four.data()) == 1) return v4(four, port);
  std::array<std::uint8_t, 16> sixteen{};
  if (inet_pton(AF_INET6, text.c_str(), sixteen.data()) == 1) return v6(sixteen, port);
  return fail(ErrorKind::InvalidArgument, "expected an IP address");
}

Result<Endpoint> Endpoint::parse(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return fail(ErrorKind::InvalidArgument, "expected ADDRESS:PORT");
  std::string_view address = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (problem != std::errc() || end != digits.data() + digits.size()) {
    return fail(ErrorKind::InvalidArgument, "expected a port from 0 to 65535 after the colon");
  }
  if (address.size() >= 2 && address.front() == '[' && address.back() == ']') {
    address = address.substr(1, address.size() - 2);
  } else if (address.find(':') != std::string_view::npos) {
    return fail(ErrorKind::InvalidArgument, "expected brackets around the IPv6 address");
  }
  return parse(address, port);
}

bool Endpoint::is_loopback() const {
  if (v4_) return bytes_[0] == 127;
  return std::all_of(bytes_.begin(), bytes_.end() - 1, [](std::uint8_t byte) { return byte == 0; }) &&
         bytes_[15] == 1;
}

bool Endpoint::is_unspecified() const {
  const auto all = address();
  return std::all_of(all.begin(), all.end(), [](std::uint8_t byte) { return byte == 0; });
}

std::string Endpoint::address_text() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(v4_ ? AF_INET : AF_INET6, bytes_.data(), text.data(), text.size());
  return text.data();
}

std::string Endpoint::to_string() const {
  return v4_ ? fmt::format("{}:{}", address_text(), port_) : fmt::format("[{}]:{}", address_text(), port_);
}

}  // namespace jalousie
