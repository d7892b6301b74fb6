#include "keeper/text_rules.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/endpoint.h"
#include "base/limits.h"

namespace jalousie::keeper {

namespace {

constexpr std::string_view kSecureScheme = "rtsps://";
constexpr std::string_view kSchemes[] = {"rtsp://", kSecureScheme};

std::string_view scheme_of(std::string_view url) {
  for (const auto scheme : kSchemes) {
    if (url.starts_with(scheme)) return scheme;
  }
  return {};
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

struct Sequence {
  std::size_t bytes = 0;  // 0: no such beginning
  std::uint32_t least = 0;
};

Sequence sequence_at(unsigned char first) {
  if (first < 0x80) return {1, 0};
  if (first >= 0xc2 && first <= 0xdf) return {2, 0x80};
  if (first >= 0xe0 && first <= 0xef) return {3, 0x800};
  if (first >= 0xf0 && first <= 0xf4) return {4, 0x10000};
  return {};
}

// Length of the code point at the front; 0 when there is none.
std::size_t code_point(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  const Sequence sequence = sequence_at(first);
  if (sequence.bytes == 0 || sequence.bytes > text.size()) return 0;
  if (sequence.bytes == 1) return 1;
  std::uint32_t value = first & (0x7fU >> sequence.bytes);
  for (const char c : text.substr(1, sequence.bytes - 1)) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0) != 0x80) return 0;
    value = value << 6 | (byte & 0x3fU);
  }
  const bool surrogate = value >= 0xd800 && value <= 0xdfff;
  return value < sequence.least || value > 0x10ffff || surrogate ? 0 : sequence.bytes;
}

}  // namespace

std::optional<std::size_t> count_characters(std::string_view text) {
  std::size_t count = 0;
  while (!text.empty()) {
    const std::size_t bytes = code_point(text);
    if (bytes == 0) return std::nullopt;
    text.remove_prefix(bytes);
    ++count;
  }
  return count;
}

std::string lower_ascii(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

Result<> check_name(std::string_view field, std::string_view name) {
  const bool blank = std::ranges::all_of(name, [](char c) { return c == ' '; });
  if (blank) return fail(ErrorKind::InvalidArgument, fmt::format("{}: must not be empty.", field));
  if (name.size() > limits::kNameBytes) {
    return fail(ErrorKind::InvalidArgument,
                fmt::format("{}: must be at most {} bytes long.", field, limits::kNameBytes));
  }
  if (std::ranges::any_of(name, is_control) || !count_characters(name)) {
    return fail(ErrorKind::InvalidArgument, fmt::format("{}: must be plain text on one line.", field));
  }
  return {};
}

Result<> check_colour(std::string_view field, std::string_view colour) {
  const auto is_digit = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  };
  if (colour.size() == 7 && colour[0] == '#' && std::ranges::all_of(colour.substr(1), is_digit)) return {};
  return fail(ErrorKind::InvalidArgument, fmt::format("{}: must be like #3b82f6.", field));
}

std::string_view host_of(std::string_view url) {
  url.remove_prefix(scheme_of(url).size());
  return url.substr(0, url.find_first_of("/?#"));
}

bool is_same_place(std::string_view from, std::string_view to) {
  const bool loses_encryption = scheme_of(from) == kSecureScheme && scheme_of(to) != kSecureScheme;
  return host_of(from) == host_of(to) && !loses_encryption;
}

bool has_literal_host(std::string_view url) {
  std::string_view host = host_of(url);
  if (host.starts_with('[')) {
    host.remove_prefix(1);
    host = host.substr(0, host.find(']'));
  } else {
    host = host.substr(0, host.find(':'));
  }
  return Endpoint::parse(host, 0).has_value();
}

Result<> check_camera_url(std::string_view field, std::string_view url) {
  if (scheme_of(url).empty())
    return fail(ErrorKind::InvalidArgument, fmt::format("{}: must begin with rtsp:// or rtsps://.", field));
  if (url.size() > limits::kUrlBytes)
    return fail(ErrorKind::InvalidArgument, fmt::format("{}: is too long.", field));
  const auto cannot_be = [](char c) {
    return is_control(c) || c == ' ' || static_cast<unsigned char>(c) >= 0x80;
  };
  if (std::ranges::any_of(url, cannot_be)) {
    return fail(
        ErrorKind::InvalidArgument,
        fmt::format("{}: holds a space, a control character or a letter that needs escaping.", field));
  }
  const std::string_view authority = host_of(url);
  if (authority.empty()) return fail(ErrorKind::InvalidArgument, fmt::format("{}: names no host.", field));
  if (authority.find('@') != std::string_view::npos) {
    return fail(ErrorKind::InvalidArgument, fmt::format("{}: must not hold credentials.", field));
  }
  return {};
}

std::string tidy(std::string_view text) {
  std::string kept;
  while (!text.empty()) {
    const std::size_t bytes = code_point(text);
    if (kept.size() + bytes > limits::kNameBytes) break;
    if (bytes > 0 && !is_control(text.front())) kept += text.substr(0, bytes);
    text.remove_prefix(std::max<std::size_t>(bytes, 1));
  }
  return kept;
}

}  // namespace jalousie::keeper
