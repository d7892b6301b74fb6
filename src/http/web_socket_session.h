// An upgraded connection, to its end: the handler's messages out, pings both ways, and the closing handshake
// (RFC 6455 sections 5.5 and 7). Clients have nothing to say here but that they are there, and when they go.
// Private to http.
#pragma once

#include "base/bytes.h"
#include "http/message.h"
#include "io/stream.h"
#include "io/task.h"

namespace jalousie::http {

struct WebSocketTimes {
  Microseconds write_timeout;
  Microseconds ping_every;
};

/// After the 101. `early`: what the client has sent behind its request. On the stream's loop; `stream` and
/// `response` are the caller's, who waits.
io::Task<> serve_web_socket(io::Stream& stream, Buffer early, const Response& response, WebSocketTimes times);

}  // namespace jalousie::http
