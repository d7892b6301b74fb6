// One HTTP/1.1 request from bytes (RFC 9112), strict where a proxy before us might read it otherwise (request
// smuggling): a request with both Content-Length and Transfer-Encoding, two Content-Lengths, folded lines,
// bare CR or LF, or a coding other than chunked is refused. No I/O, no clock; bounded by base/limits.h.
//
//   RequestParser parser;
//   while (!parser.done()) consumed = parser.feed(bytes)   // what is not consumed belongs to the next
//   request
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "http/message.h"

namespace jalousie::http {

/// Why a request gets no further: the status to answer with, after which the connection is closed.
struct Refusal {
  int status;
  std::string reason;
};

class RequestParser {
 public:
  RequestParser();
  ~RequestParser();

  /// How many bytes of `bytes` belong to this request. After a refusal the parser is of no further use.
  std::expected<std::size_t, Refusal> feed(ByteView bytes);

  bool begun() const;  // something of a request has come
  bool header_done() const;
  bool done() const;

  // Good once header_done():
  bool wants_continue() const;  // Expect: 100-continue (RFC 9110 section 10.1.1)
  bool keep_alive() const;
  bool is_server_wide() const;      // OPTIONS *
  const std::string& host() const;  // lower case, without port; empty in HTTP/1.0 without Host

  /// The request, without what the connection knows (peer, secure). Once, when done().
  Request take();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jalousie::http
