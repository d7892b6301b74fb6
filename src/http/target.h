// The request target (RFC 9112 section 3.2, RFC 3986): a path that is safe to compare and look up, and its
// query. Bytes in, values out; called on what strangers send.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace jalousie::http {

struct Target {
  std::string path;
  std::map<std::string, std::string, std::less<>> query;
};

/// Origin form: "/path?query". Percent-decoded once. InvalidArgument for a path with control characters,
/// invalid UTF-8, a slash or backslash that was encoded, dot segments or empty segments (but a trailing slash
/// may be there), for a fragment, and for more than limits::kHttpQueryFields fields.
Result<Target> parse_target(std::string_view target);

/// The host of a Host field or an authority, in lower case, without port and brackets. InvalidArgument for
/// what is none.
Result<std::string> parse_host(std::string_view authority);

/// The first cookie of that name in a Cookie field (RFC 6265 section 5.4), as it was sent.
std::string_view find_cookie(std::string_view field, std::string_view name);

bool is_utf8(std::string_view text);

}  // namespace jalousie::http
