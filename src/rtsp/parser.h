// Reads RTSP 1.0 from a byte stream cut in any way: requests, responses, and interleaved frames between them
// (RFC 2326 sections 4 and 10.12). Owns the one buffer that a connection's bytes are read into; frames are
// views into it, so that a camera's pictures are not copied here. The buffer is wiped when the parser goes.
//
//   auto target = parser.prepare();  read into it;  parser.commit(count);
//   while (true) { TRY(auto item, parser.next()); if (!item) break; ... }
//
// Lenient as RFC 2326 appendix and real cameras ask: empty lines before a message, LF for CRLF, folded
// headers, header lines without a colon (ignored), any case. Strict in lengths: limits::kRtsp*.
#pragma once

#include <optional>
#include <variant>

#include "base/bytes.h"
#include "base/result.h"
#include "rtsp/message.h"

namespace jalousie::rtsp {

using Item = std::variant<Request, Response, InterleavedFrame>;

class Parser {
 public:
  Parser();
  ~Parser();
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;

  /// Room for at least `at_least` more bytes; ends the life of views that next() gave. Never grows beyond one
  /// largest message or frame plus one read.
  MutableBytes prepare(std::size_t at_least = 16 * 1024);
  void commit(std::size_t count);
  /// prepare(), copy, commit().
  void feed(ByteView bytes);

  /// The next whole item; nothing when more bytes are needed. An error (InvalidArgument, ResourceExhausted)
  /// is final: the stream cannot be read on, and every later call gives an error again.
  Result<std::optional<Item>> next();

  /// Overwrites all that was read.
  void wipe_buffer();

 private:
  enum class State : std::uint8_t { Start, Headers, Body, Failed };

  Result<std::optional<Item>> step();
  /// The next line without its end, or nothing when it is not whole yet.
  Result<std::optional<std::string_view>> take_line();
  std::optional<Item> take_frame();
  Result<> start_line(std::string_view line);
  Result<> header_line(std::string_view line);
  Result<> end_of_headers();
  Item finish();

  ByteView unread() const { return ByteView(buffer_).subspan(begin_, end_ - begin_); }
  Headers& headers();

  Buffer buffer_;
  std::size_t begin_ = 0;    // of what is not consumed
  std::size_t end_ = 0;      // of what was read
  std::size_t scanned_ = 0;  // bytes of the line at begin_ that hold no LF
  State state_ = State::Start;
  std::variant<Request, Response> message_;
  std::size_t header_bytes_ = 0;
  std::size_t header_lines_ = 0;
  std::size_t body_bytes_ = 0;
};

}  // namespace jalousie::rtsp
