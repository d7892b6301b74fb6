// The handshake of a WebSocket (RFC 6455 section 4.2). What it is allowed for is the handler's business: it
// checks who asks, and that a browser's page that asks is our own (section 10.2), before it answers with
// accept_web_socket().
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "http/message.h"

namespace jalousie::http {

/// What to answer to a request that is no handshake for `protocol`, the one that we speak: 400, or 426 for
/// another version of WebSocket. Nothing where it is one.
std::optional<Response> refuse_web_socket(const Request& request, std::string_view protocol);

/// 101. `request` must have passed refuse_web_socket().
Response accept_web_socket(const Request& request, std::string_view protocol,
                           std::function<io::Task<WebSocketEnd>(WebSocket&)> run);

/// Sec-WebSocket-Accept for a Sec-WebSocket-Key.
std::string web_socket_accept(std::string_view key);

}  // namespace jalousie::http
