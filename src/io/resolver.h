// Host names to addresses by getaddrinfo, which blocks, on threads of its own. Private to io.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/endpoint.h"
#include "base/result.h"
#include "io/loop.h"
#include "io/task.h"

namespace jalousie::io {

/// Addresses of `host` (a name, or an address as text), in the order of RFC 6724. NotFound when there is no
/// such name, Unavailable when the name server does not answer, DeadlineExceeded after `timeout`.
Task<Result<std::vector<Endpoint>>> resolve(std::string host, std::uint16_t port, Microseconds timeout);

}  // namespace jalousie::io
