// Which requests are taken: who may have sent them (docs/ref/api.md, "Who asks"), and the session cookie's
// form (RFC 6265bis: a __Host- cookie is ours alone, whatever else runs on sibling domains).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/message.h"

namespace jalousie::api {

inline constexpr std::string_view kCookieName = "__Host-jalousie";

/// Whether a request that changes something comes from a page of ours, or from no page at all. Browsers say
/// so in Sec-Fetch-Site and Origin, which no page can forge.
bool is_from_here(const http::Request& request);
/// application/json, with or without parameters.
bool is_json(const http::Request& request);
/// Came straight from this machine, through no proxy.
bool is_local(const http::Request& request);

std::string session_cookie(std::string_view secret);
std::string no_session_cookie();

}  // namespace jalousie::api
