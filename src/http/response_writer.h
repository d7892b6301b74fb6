// A response's bytes on the wire (RFC 9112 sections 4 and 6). Private to http.
#pragma once

#include <optional>
#include <string>

#include "base/time.h"
#include "http/message.h"

namespace jalousie::http {

struct Framing {
  bool close = false;   // this is the connection's last answer
  bool events = false;  // the body goes on until the connection ends
  std::optional<UtcTime> date;
};

/// Status line and header fields with the empty line. A field with a line break or NUL in it is left out and
/// logged: it would begin another field, or another answer.
std::string write_header(const Response& response, Framing framing);

/// IMF-fixdate, RFC 9110 section 5.6.7: "Sun, 06 Nov 1994 08:49:37 GMT".
std::string http_date(UtcTime time);

std::string_view body_of(const Response& response);
std::string_view reason_phrase(int status);
/// 1xx, 204 and 304 never have one (RFC 9110 section 6.4.1).
bool may_have_body(int status);

/// One event of text/event-stream (WHATWG HTML 9.2.5): line breaks in `data` become lines of their own; those
/// in `event` are dropped.
std::string write_event(std::string_view event, std::string_view data);
std::string write_comment(std::string_view text);

}  // namespace jalousie::http
