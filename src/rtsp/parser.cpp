#include "rtsp/parser.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "base/assert.h"
#include "base/limits.h"
#include "rtsp/text.h"

namespace jalousie::rtsp {

Parser::Parser() = default;
Parser::~Parser() { wipe(buffer_); }

MutableBytes Parser::prepare(std::size_t at_least) {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (buffer_.size() - end_ < at_least) {
    // Not resize(): growing would leave a copy of the pictures behind in freed memory.
    Buffer larger(end_ + at_least);
    std::copy_n(buffer_.begin(), end_, larger.begin());
    wipe(buffer_);
    buffer_ = std::move(larger);
  }
  return MutableBytes(buffer_).subspan(end_);
}

void Parser::commit(std::size_t count) {
  JAL_ASSERT(count <= buffer_.size() - end_);
  end_ += count;
}

void Parser::feed(ByteView bytes) {
  if (bytes.empty()) return;
  const auto target = prepare(bytes.size());
  std::memcpy(target.data(), bytes.data(), bytes.size());
  commit(bytes.size());
}

void Parser::wipe_buffer() {
  wipe(buffer_);
  begin_ = end_ = scanned_ = 0;
}

Result<std::optional<Item>> Parser::next() {
  if (state_ == State::Failed) return fail(ErrorKind::InvalidArgument, "RTSP: the stream was broken before");
  auto item = step();
  if (!item) {
    state_ = State::Failed;
    return std::unexpected(std::move(item).error().within("RTSP"));
  }
  return item;
}

Result<std::optional<Item>> Parser::step() {
  while (true) {
    if (state_ == State::Body) {
      if (unread().size() < body_bytes_) return std::nullopt;
      return finish();
    }
    if (state_ == State::Start && begin_ < end_ && buffer_[begin_] == '$') return take_frame();
    TRY(const auto line, take_line());
    if (!line) return std::nullopt;
    if (state_ == State::Start) {
      if (!trim(*line).empty()) TRY_VOID(start_line(*line));
    } else if (line->empty()) {
      TRY_VOID(end_of_headers());
    } else {
      TRY_VOID(header_line(*line));
    }
  }
}

Result<std::optional<std::string_view>> Parser::take_line() {
  const auto bytes = unread();
  const auto* found = bytes.size() > scanned_ ? static_cast<const std::uint8_t*>(std::memchr(
                                                    bytes.data() + scanned_, '\n', bytes.size() - scanned_))
                                              : nullptr;
  const auto length = found == nullptr ? bytes.size() : static_cast<std::size_t>(found - bytes.data());
  if (length > limits::kRtspLineBytes) return fail(ErrorKind::ResourceExhausted, "a line is too long");
  if (found == nullptr) {
    scanned_ = length;
    // A peer that speaks another protocol is told apart from a slow one at once, not after a whole line.
    if (state_ == State::Start && length > 0 &&
        (bytes[0] >= 0x80 || (bytes[0] < 0x20 && bytes[0] != '\r' && bytes[0] != '\t'))) {
      return fail(ErrorKind::InvalidArgument, "what the peer sends is not RTSP");
    }
    return std::nullopt;
  }
  begin_ += length + 1;
  scanned_ = 0;
  auto line = as_text(bytes.first(length));
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

std::optional<Item> Parser::take_frame() {
  const auto bytes = unread();
  if (bytes.size() < kInterleavedHeaderBytes) return std::nullopt;
  const std::size_t length = static_cast<std::size_t>(bytes[2]) << 8 | bytes[3];
  if (bytes.size() < kInterleavedHeaderBytes + length) return std::nullopt;
  begin_ += kInterleavedHeaderBytes + length;
  return InterleavedFrame{bytes[1], bytes.subspan(kInterleavedHeaderBytes, length)};
}

Result<> Parser::start_line(std::string_view line) {
  header_bytes_ = header_lines_ = body_bytes_ = 0;
  line = trim(line);
  if (starts_with_ignoring_case(line, "RTSP/")) {
    Response response;
    static_cast<void>(take_until(line, ' '));  // the version: cameras write 1.0 whatever they speak
    line = trim(line);
    const auto status = parse_number<int>(take_until(line, ' '));
    if (!status || *status < 100 || *status > 999)
      return fail(ErrorKind::InvalidArgument, "a status line without a status");
    response.status = *status;
    response.reason = trim(line);
    message_ = std::move(response);
  } else {
    Request request;
    request.method = take_until(line, ' ');
    line = trim(line);
    request.uri = take_until(line, ' ');
    const auto is_method_character = [](char c) { return (c >= 'A' && c <= 'Z') || c == '_' || c == '-'; };
    if (request.method.empty() || request.uri.empty() ||
        !std::ranges::all_of(request.method, is_method_character) ||
        !starts_with_ignoring_case(trim(line), "RTSP/")) {
      return fail(ErrorKind::InvalidArgument, "what the peer sends is not RTSP");
    }
    message_ = std::move(request);
  }
  state_ = State::Headers;
  return {};
}

Headers& Parser::headers() {
  return std::visit([](auto& message) -> Headers& { return message.headers; }, message_);
}

Result<> Parser::header_line(std::string_view line) {
  header_bytes_ += line.size();
  if (++header_lines_ > limits::kRtspHeaders)
    return fail(ErrorKind::ResourceExhausted, "too many header lines");
  if (header_bytes_ > limits::kRtspHeaderBytes)
    return fail(ErrorKind::ResourceExhausted, "the header is too long");
  auto& list = headers().list();
  if (is_blank(line.front()) && !list.empty()) {  // folded
    list.back().second += ' ';
    list.back().second += trim(line);
    return {};
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return {};
  const auto name = trim(line.substr(0, colon));
  if (!name.empty()) list.emplace_back(name, trim(line.substr(colon + 1)));
  return {};
}

Result<> Parser::end_of_headers() {
  if (const auto text = headers().find("Content-Length")) {
    const auto length = parse_number<std::size_t>(trim(*text));
    if (!length) return fail(ErrorKind::InvalidArgument, "Content-Length is not a number");
    if (*length > limits::kRtspBodyBytes) return fail(ErrorKind::ResourceExhausted, "the body is too long");
    body_bytes_ = *length;
  }
  state_ = State::Body;
  return {};
}

Item Parser::finish() {
  const auto body = as_text(unread().first(body_bytes_));
  std::visit([body](auto& message) { message.body = body; }, message_);
  begin_ += body_bytes_;
  state_ = State::Start;
  return std::visit([](auto& message) -> Item { return std::move(message); }, message_);
}

}  // namespace jalousie::rtsp
