// RTSP URLs (RFC 2326 section 3.2), with the credentials split off at once: what is left may be logged,
// stored in the clear and sent. And the control URLs of an SDP, resolved as cameras mean them (RFC 2326
// appendix C.1.1).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace jalousie::rtsp {

/// Without credentials. `host` is a name or an address, IPv6 without brackets.
struct Url {
  bool secure = false;  // rtsps
  std::string host;
  std::uint16_t port = 554;
  std::string path;  // with its leading '/' and query, escaped; may be empty

  /// As in a request line.
  std::string to_string() const;
  /// Scheme, host and port.
  std::string origin() const;
  friend bool operator==(const Url&, const Url&) = default;
};

struct UrlWithCredentials {
  Url url;
  std::string username;  // percent-decoded
  std::string password;
};

/// InvalidArgument says what is wrong without repeating any of the text, which may hold a password. `@` in a
/// password may stand as it is: the last one before the path counts.
Result<UrlWithCredentials> parse_url(std::string_view text);

/// What relative control URLs of a DESCRIBE answer are relative to. Content-Base, else Content-Location, else
/// the request: only the path of the first two is taken, since cameras behind NAT or with a stale
/// configuration write addresses that lead nowhere, and one that is no URL at all is passed over.
std::string control_base(const Url& request, std::string_view content_base,
                         std::string_view content_location);

/// `control` of a section, against `base`: absolute as it is (less its credentials), `*` or empty is the base
/// itself, anything else appended after one slash. That is what cameras mean; RFC 3986 resolution would drop
/// their queries.
std::string resolve_control(std::string_view base, std::string_view control);

}  // namespace jalousie::rtsp
