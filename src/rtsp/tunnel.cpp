#include "rtsp/tunnel.h"

#include <array>

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/limits.h"
#include "rtsp/text.h"

namespace jalousie::rtsp {

namespace {

constexpr std::string_view kType = "application/x-rtsp-tunnelled";
// Apple's note asks for some length; it and everybody since have written this one.
constexpr std::size_t kPostBytes = 32'767;

/// One line of a head, without its end; nothing when it is not whole yet.
std::optional<std::string_view> take_line(std::string_view& text) {
  const auto end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  auto line = text.substr(0, end);
  text.remove_prefix(end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

struct Head {
  std::string_view start;
  Headers headers;
  std::size_t size = 0;
};

Result<std::optional<Head>> parse_head(ByteView bytes) {
  const auto whole = as_text(bytes.first(std::min(bytes.size(), limits::kRtspHeaderBytes)));
  auto text = whole;
  Head head;
  const auto start = take_line(text);
  if (start) head.start = *start;
  while (start) {
    const auto line = take_line(text);
    if (!line) break;
    if (trim(*line).empty()) {
      head.size = whole.size() - text.size();
      return head;
    }
    const auto colon = line->find(':');
    if (colon == std::string_view::npos) continue;
    if (head.headers.list().size() == limits::kRtspHeaders)
      return fail(ErrorKind::ResourceExhausted, "HTTP tunnel: too many header lines");
    head.headers.add(trim(line->substr(0, colon)), trim(line->substr(colon + 1)));
  }
  if (whole.size() == limits::kRtspHeaderBytes)
    return fail(ErrorKind::ResourceExhausted, "HTTP tunnel: the header is too long");
  return std::nullopt;
}

/// Whether `bytes` may begin with `start`, as far as they go.
bool may_begin_with(ByteView bytes, std::string_view start) {
  const auto text = as_text(bytes.first(std::min(bytes.size(), start.size())));
  return equal_ignoring_case(text, start.substr(0, text.size()));
}

int value_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

}  // namespace

bool TunnelReply::is_text() const {
  return starts_with_ignoring_case(headers.find("Content-Type").value_or(""), "text/");
}

std::string make_tunnel_cookie(RandomSource& random) {
  std::array<std::uint8_t, 16> bytes{};
  random.fill(bytes);
  return encode_base64url(bytes);
}

std::string tunnel_path(const Url& url) {
  if (url.path.empty()) return "/";
  return url.path.front() == '/' ? url.path : "/" + url.path;
}

constexpr std::size_t kRestBytes = 512;  // of a request, beside what is put into it

std::string write_tunnel_request(TunnelHalf half, const Url& url, std::string_view host,
                                 std::string_view cookie, std::string_view authorization) {
  const bool get = half == TunnelHalf::Get;
  auto text = fmt::format("{} {} HTTP/1.0\r\nHost: {}\r\nUser-Agent: Jalousie\r\nx-sessioncookie: {}\r\n",
                          get ? "GET" : "POST", one_line(tunnel_path(url)), one_line(host), one_line(cookie));
  // Growing would leave a copy of what follows behind, which nobody wipes.
  text.reserve(text.size() + authorization.size() + kRestBytes);
  if (!authorization.empty()) text.append("Authorization: ").append(one_line(authorization)).append("\r\n");
  if (get)
    text += fmt::format("Accept: {}\r\n", kType);
  else
    text += fmt::format("Content-Type: {}\r\nContent-Length: {}\r\nExpires: Sun, 9 Jan 1972 00:00:00 GMT\r\n",
                        kType, kPostBytes);
  text += "Pragma: no-cache\r\nCache-Control: no-cache\r\n\r\n";
  return text;
}

Result<std::optional<TunnelReply>> parse_tunnel_reply(ByteView bytes) {
  if (!may_begin_with(bytes, "HTTP/"))
    return fail(ErrorKind::InvalidArgument, "HTTP tunnel: what the peer sends is not HTTP");
  TRY(auto head, parse_head(bytes));
  if (!head) return std::nullopt;
  auto line = head->start;
  static_cast<void>(take_until(line, ' '));
  line = trim(line);
  const auto status = parse_number<int>(take_until(line, ' '));
  if (!status || *status < 100 || *status > 999)
    return fail(ErrorKind::InvalidArgument, "HTTP tunnel: a status line without a status");
  return TunnelReply{*status, std::move(head->headers), head->size};
}

Result<std::optional<TunnelRequest>> parse_tunnel_request(ByteView bytes) {
  if (!may_begin_with(bytes, "GET ") && !may_begin_with(bytes, "POST "))
    return fail(ErrorKind::InvalidArgument, "HTTP tunnel: neither GET nor POST");
  TRY(auto head, parse_head(bytes));
  if (!head) return std::nullopt;
  TunnelRequest request;
  auto line = head->start;
  request.half = equal_ignoring_case(take_until(line, ' '), "GET") ? TunnelHalf::Get : TunnelHalf::Post;
  line = trim(line);
  request.path = take_until(line, ' ');
  if (request.path.empty() || !starts_with_ignoring_case(trim(line), "HTTP/"))
    return fail(ErrorKind::InvalidArgument, "HTTP tunnel: a request line that is none");
  request.headers = std::move(head->headers);
  request.size = head->size;
  return request;
}

std::string encode_tunnelled(ByteView bytes) { return encode_base64(bytes); }

Result<Buffer> TunnelDecoder::feed(ByteView bytes) {
  Buffer decoded;
  for (const char c : as_text(bytes)) {
    if (is_blank(c) || c == '\r' || c == '\n') continue;
    const bool pad = c == '=' && characters_ >= 2;
    const int value = value_of(c);
    if (failed_ || (!pad && (value < 0 || padded_))) {
      failed_ = true;
      return fail(ErrorKind::InvalidArgument, "HTTP tunnel: the body of the POST is not Base64");
    }
    padded_ = padded_ || pad;
    // The byte that a third or fourth character would complete is none where it is padding.
    bits_ = bits_ << 6 | static_cast<std::uint32_t>(pad ? 0 : value);
    ++characters_;
    if (characters_ > 1 && !pad) decoded.push_back(static_cast<std::uint8_t>(bits_ >> (8 - 2 * characters_)));
    if (characters_ == 4) {
      characters_ = 0;
      padded_ = false;
    }
  }
  return decoded;
}

}  // namespace jalousie::rtsp
