#include "api/request_rules.h"

#include <algorithm>

#include <fmt/format.h>

#include "keeper/sign_in.h"

namespace jalousie::api {

namespace {

std::string lower(std::string_view text) {
  std::string made(text);
  for (char& c : made) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return made;
}

// Behind a proxy on this machine that speaks TLS to the world we are asked in plain, and the page is https
// all the same.
bool is_our_origin(const http::Request& request, std::string_view origin) {
  const auto host = request.headers.find("Host");
  if (!host || host->empty()) return false;
  const std::string ours = lower(*host);
  const std::string theirs = lower(origin);
  return theirs == "https://" + ours || (!request.secure && theirs == "http://" + ours);
}

}  // namespace

bool is_from_here(const http::Request& request) {
  const auto site = request.headers.find("Sec-Fetch-Site");
  if (site && *site != "same-origin" && *site != "none") return false;
  const auto origin = request.headers.find("Origin");
  return !origin || is_our_origin(request, *origin);
}

bool is_json(const http::Request& request) {
  const auto type = request.headers.find("Content-Type");
  if (!type) return false;
  std::string_view essence = type->substr(0, type->find(';'));
  while (essence.ends_with(' ') || essence.ends_with('\t')) essence.remove_suffix(1);
  return lower(essence) == "application/json";
}

bool is_local(const http::Request& request) {
  if (!request.peer.is_loopback() || request.headers.find("Forwarded") ||
      request.headers.find("X-Forwarded-For") || request.headers.find("Via")) {
    return false;
  }
  // A proxy on this machine that says nothing of itself still passes the name on that it was asked for.
  const auto host = request.headers.find("Host");
  if (!host) return false;
  const std::string_view name = host->substr(0, host->rfind(':'));
  return name == "localhost" || name == "[::1]" || name.starts_with("127.");
}

std::string session_cookie(std::string_view secret) {
  const auto seconds = std::chrono::duration_cast<Seconds>(keeper::kSessionLasts).count();
  return fmt::format("{}={}; Path=/; Max-Age={}; Secure; HttpOnly; SameSite=Strict", kCookieName, secret,
                     seconds);
}

std::string no_session_cookie() {
  return fmt::format("{}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Strict", kCookieName);
}

}  // namespace jalousie::api
