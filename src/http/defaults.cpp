#include "http/defaults.h"

#include <array>
#include <utility>

namespace jalousie::http {

namespace {

using Field = std::pair<std::string_view, std::string_view>;

constexpr std::array<Field, 8> kDefaults{{
    {"Cache-Control", "no-store"},
    {"Content-Security-Policy",
     "default-src 'self'; connect-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; style-src "
     "'self'; "
     "frame-ancestors 'none'; object-src 'none'; base-uri 'none'; form-action 'self'"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), microphone=(self), geolocation=(), payment=(), usb=()"},
}};

}  // namespace

void add_defaults(Response& response, bool secure) {
  for (const auto& [name, value] : kDefaults) {
    if (!response.headers.find(name)) response.headers.add(std::string(name), std::string(value));
  }
  if (secure && !response.headers.find("Strict-Transport-Security")) {
    response.headers.add("Strict-Transport-Security", "max-age=31536000");
  }
}

}  // namespace jalousie::http
