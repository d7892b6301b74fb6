// Endpoint to and from the kernel's sockaddr. Private to io.
#pragma once

#include <sys/socket.h>

#include "base/endpoint.h"

namespace jalousie::io {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  /// For a socket of `family` (AF_INET, AF_INET6): an IPv4 endpoint on an IPv6 socket becomes IPv4-mapped
  /// (RFC 4291 2.5.5.2).
  static SocketAddress of(const Endpoint& endpoint, int family);
  static SocketAddress of(const Endpoint& endpoint) {
    return of(endpoint, endpoint.is_v4() ? AF_INET : AF_INET6);
  }

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

/// IPv4-mapped addresses come out as IPv4, so that one peer has one Endpoint. A default Endpoint for other
/// families.
Endpoint to_endpoint(const sockaddr_storage& address);
Endpoint local_endpoint(int fd);

}  // namespace jalousie::io
