#include "base/redact.h"

#include <algorithm>
#include <array>

namespace jalousie {

namespace {

constexpr std::string_view kLeftOut = "***";
// Names that values of URLs seen in cameras' manuals go by; a part of a name is enough ("user" in
// "username").
constexpr std::array<std::string_view, 14> kNames{"user",   "usr", "login", "account", "pass",
                                                  "pwd",    "psw", "pw",    "auth",    "token",
                                                  "secret", "key", "sid",   "session"};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

/// In lower case and percent-decoded, twice: some firmware escapes what is escaped already.
std::string plain(std::string_view part) {
  std::string text(part);
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  for (int turn = 0; turn < 2; ++turn) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool escape =
          text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0;
      decoded += escape ? static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2])) : text[i];
      if (escape) i += 2;
    }
    text = std::move(decoded);
  }
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

bool may_hold_secrets(std::string_view part) {
  const std::string text = plain(part);
  if (text.find_first_of("?@:") != std::string::npos) return true;
  const auto assigned = text.find('=');
  return std::ranges::any_of(kNames, [&](std::string_view name) {
    const auto found = text.find(name);
    // "password=x", and "/user/admin/password/x".
    return found != std::string::npos && (assigned != std::string::npos || text == name ||
                                          text == "username" || text == "password" || text == "passwd");
  });
}

std::string shown_path(std::string_view path) {
  std::string shown;
  while (!path.empty()) {
    path.remove_prefix(1);  // '/'
    const auto part = path.substr(0, path.find('/'));
    shown += '/';
    if (may_hold_secrets(part)) return shown.append(kLeftOut);
    shown += part;
    path.remove_prefix(part.size());
  }
  return shown;
}

}  // namespace

std::string without_secrets(std::string_view url) {
  const auto scheme = url.find("://");
  const std::size_t begin = scheme == std::string_view::npos ? 0 : scheme + 3;
  const auto end = std::min(url.find_first_of("/?#", begin), url.size());
  std::string_view authority = url.substr(begin, end - begin);
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) authority.remove_prefix(at + 1);
  std::string_view path = url.substr(end);
  path = path.substr(0, path.find_first_of("?#"));
  return std::string(url.substr(0, begin)).append(authority).append(shown_path(path));
}

}  // namespace jalousie
