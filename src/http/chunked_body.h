// Decodes the chunked coding (RFC 9112 section 7.1), strictly: CRLF only, at most 16 digits of length,
// bounded extensions and trailer, which are dropped. Private to http.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>

#include "base/bytes.h"
#include "http/request_parser.h"

namespace jalousie::http {

class ChunkedBody {
 public:
  /// Appends to `body`; returns how many of `bytes` belong to it. 413 past limits::kHttpBodyBytes.
  std::expected<std::size_t, Refusal> feed(ByteView bytes, std::string& body);
  bool done() const { return state_ == State::Done; }

 private:
  enum class State : std::uint8_t {
    Size,       // of a chunk, in hex
    Extension,  // to the end of that line
    SizeLf,     // its CR was seen
    Data,
    DataCr,  // the chunk is complete
    DataLf,
    TrailerStart,  // of a line
    Trailer,
    TrailerLf,
    LastLf,  // of the empty line that ends all
    Done,
  };

  bool step(char c);
  bool size_ended(char c);

  State state_ = State::Size;
  std::uint64_t size_ = 0;
  int digits_ = 0;
  std::size_t extra_ = 0;  // bytes of extensions and trailer so far
};

}  // namespace jalousie::http
