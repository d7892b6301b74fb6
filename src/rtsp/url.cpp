#include "rtsp/url.h"

#include <optional>

#include <fmt/format.h>

#include "base/limits.h"
#include "rtsp/text.h"

namespace jalousie::rtsp {

namespace {

std::string percent_decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto code = text[i] == '%' && i + 2 < text.size()
                          ? parse_number<std::uint8_t>(text.substr(i + 1, 2), 16)
                          : std::nullopt;
    decoded += code ? static_cast<char>(*code) : text[i];
    if (code) i += 2;
  }
  return decoded;
}

/// Blanks, controls and what is not ASCII are escaped: nothing of a URL can end a request line early.
std::string escape(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (code <= 0x20 || code >= 0x7f)
      escaped += fmt::format("%{:02X}", code);
    else
      escaped += c;
  }
  return escaped;
}

/// After the scheme, which goes; nothing for another one.
std::optional<bool> take_scheme(std::string_view& text) {
  for (const auto& [scheme, secure] :
       {std::pair{std::string_view("rtsp://"), false}, {std::string_view("rtsps://"), true}}) {
    if (!starts_with_ignoring_case(text, scheme)) continue;
    text.remove_prefix(scheme.size());
    return secure;
  }
  return std::nullopt;
}

Result<> take_host_and_port(Url& url, std::string_view authority) {
  std::string_view port;
  if (!authority.empty() && authority.front() == '[') {
    authority.remove_prefix(1);
    if (authority.find(']') == std::string_view::npos)
      return fail(ErrorKind::InvalidArgument, "the address has no closing bracket");
    url.host = take_until(authority, ']');
    if (!authority.empty() && authority.front() != ':')
      return fail(ErrorKind::InvalidArgument, "the address is not a host and a port");
    port = authority.empty() ? authority : authority.substr(1);
  } else {
    url.host = take_until(authority, ':');
    port = authority;
  }
  const auto is_host_character = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_' || c == ':' || c == '%';
  };
  if (url.host.empty() || url.host.size() > 253 || !std::ranges::all_of(url.host, is_host_character)) {
    return fail(ErrorKind::InvalidArgument, "the address has no host, or one that cannot be");
  }
  url.port = url.secure ? 322 : 554;
  if (!port.empty()) {
    const auto number = parse_number<std::uint16_t>(port);
    if (!number || *number == 0)
      return fail(ErrorKind::InvalidArgument, "the port is not a number from 1 to 65535");
    url.port = *number;
  }
  return {};
}

std::string authority_of(const Url& url) {
  const auto host = url.host.find(':') == std::string::npos ? url.host : fmt::format("[{}]", url.host);
  return url.port == (url.secure ? 322 : 554) ? host : fmt::format("{}:{}", host, url.port);
}

/// The path of a URL that a camera wrote, with or without scheme; nothing when there is none to be found.
std::optional<std::string> path_of(std::string_view text) {
  text = trim(text);
  if (text.empty() || text.size() > limits::kUrlBytes) return std::nullopt;
  if (text.front() == '/') return escape(text);
  auto rest = text;
  if (!take_scheme(rest) && text.find("://") != std::string_view::npos) return std::nullopt;
  const auto slash = rest.find_first_of("/?");
  return slash == std::string_view::npos ? std::string() : escape(rest.substr(slash));
}

}  // namespace

std::string Url::origin() const {
  return fmt::format("{}://{}", secure ? "rtsps" : "rtsp", authority_of(*this));
}

std::string Url::to_string() const { return origin() + path; }

Result<UrlWithCredentials> parse_url(std::string_view text) {
  UrlWithCredentials result;
  text = trim(text);
  if (text.size() > limits::kUrlBytes) return fail(ErrorKind::InvalidArgument, "the URL is too long");
  const auto secure = take_scheme(text);
  if (!secure) return fail(ErrorKind::InvalidArgument, "the URL does not start with rtsp:// or rtsps://");
  result.url.secure = *secure;
  const auto end = text.find_first_of("/?#");
  auto authority = text.substr(0, end);
  if (end != std::string_view::npos) {
    auto path = text.substr(end);
    path = path.substr(0, path.find('#'));
    result.url.path = escape(path);
  }
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    auto credentials = authority.substr(0, at);
    authority.remove_prefix(at + 1);
    result.username = percent_decode(take_until(credentials, ':'));
    result.password = percent_decode(credentials);
  }
  TRY_VOID(take_host_and_port(result.url, authority));
  return result;
}

std::string control_base(const Url& request, std::string_view content_base,
                         std::string_view content_location) {
  for (const auto candidate : {content_base, content_location}) {
    if (const auto path = path_of(candidate)) {
      auto url = request;
      // A base that is a bare host ("rtsp://192.168.1.10") says nothing: the request's own path is better.
      if (!path->empty()) url.path = *path;
      return url.to_string();
    }
  }
  return request.to_string();
}

std::string resolve_control(std::string_view base, std::string_view control) {
  control = trim(control);
  if (control.empty() || control == "*" || control.size() > limits::kUrlBytes) return std::string(base);
  auto rest = control;
  if (take_scheme(rest)) {
    const auto absolute = parse_url(control);
    if (!absolute) return std::string(base);
    // As it was written where it can be: some firmware compares text, and wants its own port back.
    const bool has_credentials =
        rest.substr(0, rest.find_first_of("/?#")).find('@') != std::string_view::npos;
    return has_credentials ? absolute->url.to_string() : escape(control);
  }
  std::string url(base);
  if (control.front() == '/') control.remove_prefix(1);
  if (url.empty() || url.back() != '/') url += '/';
  return url + escape(control);
}

}  // namespace jalousie::rtsp
