#include "io/address.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstring>
#include <netinet/in.h>

namespace jalousie::io {

namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

SocketAddress SocketAddress::of(const Endpoint& endpoint, int family) {
  SocketAddress made;
  const ByteView bytes = endpoint.address();
  if (family == AF_INET && endpoint.is_v4()) {
    sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_port = htons(endpoint.port());
    std::memcpy(&four.sin_addr, bytes.data(), 4);
    std::memcpy(&made.storage, &four, sizeof four);
    made.size = sizeof four;
    return made;
  }
  sockaddr_in6 six{};
  six.sin6_family = AF_INET6;
  six.sin6_port = htons(endpoint.port());
  if (endpoint.is_v4()) {
    std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), six.sin6_addr.s6_addr);
    std::copy(bytes.begin(), bytes.end(), six.sin6_addr.s6_addr + 12);
  } else {
    std::copy(bytes.begin(), bytes.end(), six.sin6_addr.s6_addr);
  }
  std::memcpy(&made.storage, &six, sizeof six);
  made.size = sizeof six;
  return made;
}

Endpoint to_endpoint(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    sockaddr_in four;
    std::memcpy(&four, &address, sizeof four);
    std::array<std::uint8_t, 4> bytes;
    std::memcpy(bytes.data(), &four.sin_addr, 4);
    return Endpoint::v4(bytes, ntohs(four.sin_port));
  }
  if (address.ss_family != AF_INET6) return {};
  sockaddr_in6 six;
  std::memcpy(&six, &address, sizeof six);
  std::array<std::uint8_t, 16> bytes;
  std::memcpy(bytes.data(), &six.sin6_addr, 16);
  if (std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes.begin())) {
    return Endpoint::v4({bytes[12], bytes[13], bytes[14], bytes[15]}, ntohs(six.sin6_port));
  }
  return Endpoint::v6(bytes, ntohs(six.sin6_port));
}

Endpoint local_endpoint(int fd) {
  SocketAddress address;
  address.size = sizeof address.storage;
  if (::getsockname(fd, address.get(), &address.size) != 0) return {};
  return to_endpoint(address.storage);
}

}  // namespace jalousie::io
