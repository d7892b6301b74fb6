#include "http/target.h"

#include <algorithm>
#include <optional>

#include "base/limits.h"

namespace jalousie::http {

namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      decoded.push_back(' ');
    } else if (text[i] != '%') {
      decoded.push_back(text[i]);
    } else {
      if (text.size() - i < 3) return std::nullopt;
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      decoded.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    }
  }
  return decoded;
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

Result<std::string> decode_segment(std::string_view raw) {
  auto segment = percent_decode(raw, false);
  if (!segment) return fail(ErrorKind::InvalidArgument, "the path has a % that two hex digits do not follow");
  if (std::any_of(segment->begin(), segment->end(),
                  [](char c) { return is_control(c) || c == '/' || c == '\\'; })) {
    return fail(ErrorKind::InvalidArgument, "the path has an encoded slash, backslash or control character");
  }
  if (*segment == "." || *segment == "..")
    return fail(ErrorKind::InvalidArgument, "the path has dot segments");
  if (!is_utf8(*segment)) return fail(ErrorKind::InvalidArgument, "the path is not UTF-8");
  return *std::move(segment);
}

Result<std::string> decode_path(std::string_view raw) {
  if (raw.empty() || raw.front() != '/')
    return fail(ErrorKind::InvalidArgument, "the path does not begin with a slash");
  std::string path;
  path.reserve(raw.size());
  while (!raw.empty()) {
    raw.remove_prefix(1);
    const auto end = std::min(raw.find('/'), raw.size());
    if (end == 0 && !(raw.empty())) return fail(ErrorKind::InvalidArgument, "the path has empty segments");
    TRY(const std::string segment, decode_segment(raw.substr(0, end)));
    path.push_back('/');
    path.append(segment);
    raw.remove_prefix(end);
  }
  return path;
}

Result<std::map<std::string, std::string, std::less<>>> decode_query(std::string_view raw) {
  std::map<std::string, std::string, std::less<>> query;
  std::size_t fields = 0;
  while (!raw.empty()) {
    const auto end = std::min(raw.find('&'), raw.size());
    const std::string_view field = raw.substr(0, end);
    raw.remove_prefix(std::min(end + 1, raw.size()));
    if (field.empty()) continue;
    if (++fields > limits::kHttpQueryFields)
      return fail(ErrorKind::InvalidArgument, "the query has too many fields");
    const auto equals = std::min(field.find('='), field.size());
    auto name = percent_decode(field.substr(0, equals), true);
    auto value = percent_decode(field.substr(std::min(equals + 1, field.size())), true);
    if (!name || !value)
      return fail(ErrorKind::InvalidArgument, "the query has a % that two hex digits do not follow");
    for (const std::string* text : {&*name, &*value}) {
      if (text->find('\0') != std::string::npos || !is_utf8(*text)) {
        return fail(ErrorKind::InvalidArgument, "the query is not UTF-8 text");
      }
    }
    query.try_emplace(*std::move(name), *std::move(value));
  }
  return query;
}

bool is_host_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == '_' || c == ':';
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t size = lead < 0x80                   ? 1
                             : lead >= 0xc2 && lead < 0xe0 ? 2
                             : lead >= 0xe0 && lead < 0xf0 ? 3
                             : lead >= 0xf0 && lead < 0xf5 ? 4
                                                           : 0;
    if (size == 0 || size > text.size() - i) return false;
    for (std::size_t k = 1; k < size; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80) return false;
    }
    // RFC 3629 section 4: no overlong forms, no surrogates, nothing past U+10FFFF.
    const auto second = size > 1 ? static_cast<unsigned char>(text[i + 1]) : 0;
    if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f)) return false;
    if ((lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f)) return false;
    i += size;
  }
  return true;
}

Result<Target> parse_target(std::string_view target) {
  const auto visible = [](char c) { return c > 0x20 && c < 0x7f && c != '#'; };
  if (!std::all_of(target.begin(), target.end(), visible)) {
    return fail(ErrorKind::InvalidArgument, "the request target has characters that must be encoded");
  }
  const auto mark = std::min(target.find('?'), target.size());
  Target parsed;
  TRY(parsed.path, decode_path(target.substr(0, mark)));
  TRY(parsed.query, decode_query(target.substr(std::min(mark + 1, target.size()))));
  return parsed;
}

Result<std::string> parse_host(std::string_view authority) {
  const auto refused = [] { return fail(ErrorKind::InvalidArgument, "expected HOST or HOST:PORT"); };
  std::string_view host = authority;
  std::string_view port;
  if (host.starts_with('[')) {
    const auto end = host.find(']');
    if (end == std::string_view::npos) return refused();
    port = host.substr(end + 1);
    host = host.substr(1, end - 1);
    if (host.find(':') == std::string_view::npos) return refused();
  } else {
    const auto colon = std::min(host.find(':'), host.size());
    port = host.substr(colon);
    host = host.substr(0, colon);
  }
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!port.empty() &&
      (port.size() > 6 || port.front() != ':' || !std::all_of(port.begin() + 1, port.end(), digit)))
    return refused();
  std::string lower(host);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  constexpr std::size_t kLongest = 253;
  if (lower.empty() || lower.size() > kLongest || !std::all_of(lower.begin(), lower.end(), is_host_character))
    return refused();
  return lower;
}

std::string_view find_cookie(std::string_view field, std::string_view name) {
  while (!field.empty()) {
    const auto end = std::min(field.find(';'), field.size());
    std::string_view pair = field.substr(0, end);
    field.remove_prefix(std::min(end + 1, field.size()));
    while (!pair.empty() && (pair.front() == ' ' || pair.front() == '\t')) pair.remove_prefix(1);
    while (!pair.empty() && (pair.back() == ' ' || pair.back() == '\t')) pair.remove_suffix(1);
    const auto equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) return pair.substr(equals + 1);
  }
  return {};
}

}  // namespace jalousie::http
