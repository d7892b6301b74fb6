#include "http/request_parser.h"

#include <algorithm>
#include <charconv>

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include "base/assert.h"
#include "base/limits.h"
#include "http/chunked_body.h"
#include "http/target.h"

namespace jalousie::http {

namespace beast = boost::beast::http;

namespace {

constexpr std::size_t kMethodBytes = 32;
constexpr std::size_t kEmptyLines = 2;  // before the request line, RFC 9112 section 2.2

using Checked = std::expected<void, Refusal>;

std::unexpected<Refusal> refuse(int status, std::string reason) {
  return std::unexpected(Refusal{status, std::move(reason)});
}

std::unexpected<Refusal> refuse(const boost::system::error_code& error, std::string_view head) {
  const std::string_view line = head.substr(0, head.find("\r\n"));
  const bool versioned =
      std::count(line.begin(), line.end(), ' ') == 2 && line.substr(line.rfind(' ')).starts_with(" HTTP/");
  if (error == beast::error::bad_version && versioned) return refuse(505, "the version is not HTTP/1.1");
  if (error == beast::error::header_limit) return refuse(431, "the header is too long");
  return refuse(400, error.message());
}

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

// What Beast lets pass and others may read in another way: bare CR or LF, NUL, folded lines (RFC 9112
// sections 2.2, 5.2).
Checked check_lines(std::string_view head) {
  for (std::size_t i = 0; i < head.size(); ++i) {
    if (head[i] == '\0') return refuse(400, "the header has a NUL");
    if (head[i] == '\r' && (i + 1 == head.size() || head[i + 1] != '\n'))
      return refuse(400, "the header has a bare CR");
    if (head[i] != '\n') continue;
    if (i == 0 || head[i - 1] != '\r') return refuse(400, "the header has a bare LF");
    if (i + 1 < head.size() && (head[i + 1] == ' ' || head[i + 1] == '\t'))
      return refuse(400, "the header has a folded line");
  }
  if (head.find("\r\n") > limits::kHttpTargetBytes + kMethodBytes + 16)
    return refuse(414, "the request line is too long");
  return {};
}

bool is_method(std::string_view method) {
  return !method.empty() && method.size() <= kMethodBytes &&
         std::all_of(method.begin(), method.end(), [](char c) { return (c >= 'A' && c <= 'Z') || c == '-'; });
}

bool same(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

// The authority of an absolute-form target (RFC 9112 section 3.2.2), which wins over Host, and what follows
// it.
struct Split {
  std::string_view authority;
  std::string_view rest;
};

Split split_absolute(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!same(target.substr(0, scheme.size()), scheme)) continue;
    const std::string_view rest = target.substr(scheme.size());
    const auto end = std::min(rest.find_first_of("/?"), rest.size());
    return {rest.substr(0, end), rest.substr(end)};
  }
  return {{}, target};
}

}  // namespace

struct RequestParser::Impl {
  Impl() {
    parser.header_limit(static_cast<std::uint32_t>(limits::kHttpHeaderBytes + 1));
    parser.body_limit(boost::none);
  }

  std::expected<std::size_t, Refusal> feed_head(ByteView bytes);
  std::expected<std::size_t, Refusal> feed_body(ByteView bytes);
  Checked read_head();
  Checked read_fields();
  Checked read_target(std::string_view target);
  Checked read_expectation();
  Checked read_length(std::string_view value);

  // Reads the request line and the fields. The body is ours: Beast would merge a trailer into the header,
  // takes a list as a length, and asserts on the last chunk when it comes byte by byte.
  beast::request_parser<beast::empty_body> parser;
  std::string waiting;  // the header so far
  std::size_t empty_lines = 0;
  std::optional<ChunkedBody> chunked;
  std::size_t length = 0;  // of the rest of a body that is not chunked
  bool header_done = false;
  bool wants_continue = false;
  bool keep_alive = true;
  bool server_wide = false;
  std::string host;
  Request request;
};

std::expected<std::size_t, Refusal> RequestParser::Impl::feed_head(ByteView bytes) {
  std::size_t used = 0;
  while (waiting.size() < 2 && used < bytes.size()) {
    waiting.push_back(static_cast<char>(bytes[used++]));
    if (waiting != "\r\n") continue;
    waiting.clear();
    if (++empty_lines > kEmptyLines) return refuse(400, "empty lines before the request");
  }
  const std::size_t before = waiting.size();
  waiting.append(as_text(bytes.subspan(used)));
  const std::size_t end = waiting.find("\r\n\r\n", before < 3 ? 0 : before - 3);
  const std::size_t size = end == std::string::npos ? waiting.size() : end + 4;
  if (size > limits::kHttpHeaderBytes) {
    if (waiting.find("\r\n") == std::string::npos) return refuse(414, "the request line is too long");
    return refuse(431, "the header is too long");
  }
  if (end == std::string::npos) return bytes.size();
  used += size - before;
  waiting.resize(size);
  if (auto read = read_head(); !read) return std::unexpected(std::move(read).error());
  waiting.clear();
  return used;
}

Checked RequestParser::Impl::read_head() {
  if (auto lines = check_lines(waiting); !lines) return lines;
  boost::system::error_code error;
  parser.put(boost::asio::buffer(waiting), error);
  if (error && error != beast::error::need_more) return refuse(error, waiting);
  if (!parser.is_header_done()) return refuse(400, "malformed header");
  header_done = true;
  const auto& message = parser.get();
  request.method = std::string(view(message.method_string()));
  if (!is_method(request.method)) return refuse(400, "malformed method");
  if (request.method == "CONNECT" || request.method == "TRACE") return refuse(501, "method not supported");
  keep_alive = message.version() >= 11 && parser.keep_alive();
  if (auto fields = read_fields(); !fields) return fields;
  return read_target(view(message.target()));
}

Checked RequestParser::Impl::read_fields() {
  std::size_t fields = 0;
  std::size_t hosts = 0;
  std::size_t lengths = 0;
  std::size_t codings = 0;
  for (const auto& field : parser.get()) {
    if (++fields > limits::kHttpHeaders) return refuse(431, "too many header fields");
    const std::string_view value = view(field.value());
    if (field.name() == beast::field::content_length) {
      ++lengths;
      if (auto read = read_length(value); !read) return read;
    }
    if (field.name() == beast::field::transfer_encoding) {
      ++codings;
      if (!same(value, "chunked")) return refuse(501, "transfer coding not supported");
      chunked.emplace();
    }
    if (field.name() == beast::field::host) {
      ++hosts;
      auto parsed = parse_host(value);
      if (!parsed) return refuse(400, "malformed Host");
      host = *std::move(parsed);
    }
    request.headers.add(std::string(view(field.name_string())), std::string(value));
  }
  const bool old = parser.get().version() < 11;
  if (hosts > 1 || (hosts == 0 && !old)) return refuse(400, "expected one Host");
  if (lengths > 1 || codings > 1 || (lengths > 0 && codings > 0))
    return refuse(400, "the length of the body is ambiguous");
  if (codings > 0 && old) return refuse(400, "a transfer coding in HTTP/1.0");
  return read_expectation();
}

Checked RequestParser::Impl::read_length(std::string_view value) {
  const auto [end, problem] = std::from_chars(value.data(), value.data() + value.size(), length);
  if (problem == std::errc::result_out_of_range) return refuse(413, "the body is too long");
  if (problem != std::errc() || end != value.data() + value.size())
    return refuse(400, "malformed Content-Length");
  if (length > limits::kHttpBodyBytes) return refuse(413, "the body is too long");
  return {};
}

Checked RequestParser::Impl::read_expectation() {
  const auto expected = request.headers.find("Expect");
  if (!expected || parser.get().version() < 11) return {};
  if (!same(*expected, "100-continue")) return refuse(417, "expectation not supported");
  wants_continue = true;
  return {};
}

Checked RequestParser::Impl::read_target(std::string_view target) {
  if (target.size() > limits::kHttpTargetBytes) return refuse(414, "the request target is too long");
  if (target == "*" && request.method == "OPTIONS") {
    server_wide = true;
    return {};
  }
  const Split split = split_absolute(target);
  if (split.rest.data() != target.data()) {
    auto parsed = parse_host(split.authority);
    if (!parsed) return refuse(400, "malformed request target");
    host = *std::move(parsed);
  }
  auto parsed = parse_target(split.rest.empty() ? "/" : split.rest);
  if (!parsed) return refuse(400, parsed.error().message());
  request.path = std::move(parsed->path);
  request.query = std::move(parsed->query);
  return {};
}

std::expected<std::size_t, Refusal> RequestParser::Impl::feed_body(ByteView bytes) {
  if (chunked) return chunked->feed(bytes, request.body);
  const std::size_t take = std::min(length, bytes.size());
  request.body.append(as_text(bytes.first(take)));
  length -= take;
  return take;
}

RequestParser::RequestParser() : impl_(std::make_unique<Impl>()) {}
RequestParser::~RequestParser() = default;

std::expected<std::size_t, Refusal> RequestParser::feed(ByteView bytes) {
  std::size_t used = 0;
  if (!impl_->header_done) {
    auto taken = impl_->feed_head(bytes);
    if (!taken) return taken;
    used = *taken;
  }
  if (impl_->header_done && !done() && used < bytes.size()) {
    auto taken = impl_->feed_body(bytes.subspan(used));
    if (!taken) return taken;
    used += *taken;
  }
  return used;
}

bool RequestParser::begun() const { return header_done() || !impl_->waiting.empty(); }
bool RequestParser::header_done() const { return impl_->header_done; }
bool RequestParser::done() const {
  return impl_->header_done && (impl_->chunked ? impl_->chunked->done() : impl_->length == 0);
}
bool RequestParser::wants_continue() const { return impl_->wants_continue; }
bool RequestParser::keep_alive() const { return impl_->keep_alive; }
bool RequestParser::is_server_wide() const { return impl_->server_wide; }
const std::string& RequestParser::host() const { return impl_->host; }

Request RequestParser::take() {
  JAL_ASSERT(done());
  return std::move(impl_->request);
}

}  // namespace jalousie::http
