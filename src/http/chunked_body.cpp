#include "http/chunked_body.h"

#include <algorithm>

#include "base/limits.h"

namespace jalousie::http {

namespace {

constexpr int kDigits = 16;
// Nobody who talks to us has a use for either, so that this much in a whole body is an attack.
constexpr std::size_t kExtraBytes = 4096;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_text(char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f); }

}  // namespace

std::expected<std::size_t, Refusal> ChunkedBody::feed(ByteView bytes, std::string& body) {
  std::size_t used = 0;
  while (used < bytes.size() && !done()) {
    if (state_ == State::Data) {
      const std::size_t take = static_cast<std::size_t>(std::min<std::uint64_t>(size_, bytes.size() - used));
      body.append(as_text(bytes.subspan(used, take)));
      used += take;
      size_ -= take;
      if (size_ == 0) state_ = State::DataCr;
      continue;
    }
    if (!step(static_cast<char>(bytes[used++])))
      return std::unexpected(Refusal{400, "malformed chunked body"});
    if (state_ == State::Data && size_ > limits::kHttpBodyBytes - body.size()) {
      return std::unexpected(Refusal{413, "the body is too long"});
    }
  }
  return used;
}

// False when `c` may not come here.
bool ChunkedBody::step(char c) {
  const auto expect = [&](char wanted, State next) {
    state_ = next;
    return c == wanted;
  };
  switch (state_) {
    case State::Size:
      if (hex_digit(c) < 0) return size_ended(c);
      size_ = size_ * 16 + static_cast<std::uint64_t>(hex_digit(c));
      return ++digits_ <= kDigits;
    case State::Extension:
      if (c == '\r') return expect('\r', State::SizeLf);
      return is_text(c) && ++extra_ <= kExtraBytes;
    case State::SizeLf:
      digits_ = 0;
      return expect('\n', size_ > 0 ? State::Data : State::TrailerStart);
    case State::DataCr:
      return expect('\r', State::DataLf);
    case State::DataLf:
      return expect('\n', State::Size);
    case State::TrailerStart:
      if (c == '\r') return expect('\r', State::LastLf);
      state_ = State::Trailer;
      return is_text(c) && ++extra_ <= kExtraBytes;
    case State::Trailer:
      if (c == '\r') return expect('\r', State::TrailerLf);
      return is_text(c) && ++extra_ <= kExtraBytes;
    case State::TrailerLf:
      return expect('\n', State::TrailerStart);
    case State::LastLf:
      return expect('\n', State::Done);
    case State::Data:
    case State::Done:
      break;
  }
  return false;
}

bool ChunkedBody::size_ended(char c) {
  if (digits_ == 0) return false;
  if (c == '\r') {
    state_ = State::SizeLf;
    return true;
  }
  state_ = State::Extension;
  return c == ';' || c == ' ' || c == '\t';
}

}  // namespace jalousie::http
