#include "api/camera_form.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/limits.h"
#include "rtsp/url.h"

namespace jalousie::api {

namespace {

struct Address {
  std::string url;
  std::optional<std::string> username;
  std::optional<std::string> password;
};

Result<rtsp::UrlWithCredentials> url_in(std::string_view field, const std::string& text) {
  const auto wrong = [field](std::string_view why) {
    return fail(ErrorKind::InvalidArgument, fmt::format("{}: {}.", field, why));
  };
  if (text.size() > limits::kUrlBytes) return wrong("is too long");
  if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }))
    return wrong("must not hold control characters");
  auto parsed = rtsp::parse_url(text);
  if (!parsed) return wrong(parsed.error().message());
  return *std::move(parsed);
}

Result<Address> address_in(const Body& body) {
  TRY(const std::string text, body.required("url"));
  TRY(auto parsed, url_in("url", text));
  Address address{parsed.url.to_string(), body.optional("username"), body.optional("password")};
  if (!address.username && !parsed.username.empty()) address.username = std::move(parsed.username);
  if (!address.password && !parsed.password.empty()) address.password = std::move(parsed.password);
  return address;
}

/// The camera's user name and password count for its small stream; such as stand in this URL are left out.
Result<std::optional<std::string>> sub_url_in(const Body& body) {
  auto text = body.optional("sub_url");
  if (!text || text->empty()) return text;
  TRY(const auto parsed, url_in("sub_url", *text));
  return parsed.url.to_string();
}

Result<std::optional<registry::Transport>> transport_in(const Body& body) {
  const auto text = body.optional("transport");
  if (!text) return std::nullopt;
  const auto transport = registry::parse_transport(*text);
  if (!transport) return fail(ErrorKind::InvalidArgument, "transport: must be tcp, udp or http.");
  return transport;
}

Result<std::optional<bool>> sound_in(const Body& body) {
  const auto text = body.optional("sound");
  if (!text) return std::nullopt;
  if (*text != "on" && *text != "off") return fail(ErrorKind::InvalidArgument, "sound: must be on or off.");
  return *text == "on";
}

Result<std::optional<std::string>> certificate_in(const Body& body) {
  auto text = body.optional("certificate");
  if (!text || text->empty()) return text;
  const auto bytes = decode_hex(*text);
  if (!bytes || bytes->size() != 32)
    return fail(ErrorKind::InvalidArgument,
                "certificate: must be a SHA-256 fingerprint of 64 hex digits, or empty.");
  return encode_hex(*bytes);
}

// They go into a request's header lines.
Result<> check_credential(const Body& body, std::string_view field) {
  const auto text = body.optional(field);
  if (!text) return {};
  if (text->size() > 256) return fail(ErrorKind::InvalidArgument, fmt::format("{}: is too long.", field));
  for (const char c : *text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      return fail(ErrorKind::InvalidArgument, fmt::format("{}: must not hold control characters.", field));
    }
  }
  return {};
}

}  // namespace

Result<keeper::NewCamera> new_camera(const Body& body, bool with_name) {
  keeper::NewCamera camera;
  if (with_name) {
    TRY_VOID(body.allow_only({"name", "url", "sub_url", "username", "password", "transport"}));
    TRY(camera.name, body.required("name"));
  } else {
    TRY_VOID(body.allow_only({"url", "sub_url", "username", "password", "transport"}));
  }
  TRY_VOID(check_credential(body, "username"));
  TRY_VOID(check_credential(body, "password"));
  TRY(Address address, address_in(body));
  TRY(const auto transport, transport_in(body));
  camera.url = std::move(address.url);
  camera.credentials = keeper::Credentials(address.username.value_or(""), address.password.value_or(""));
  camera.transport = transport.value_or(registry::Transport::Tcp);
  TRY(auto sub_url, sub_url_in(body));
  camera.sub_url = std::move(sub_url).value_or(std::string());
  // Before anything is connected to: a test has one address, not two.
  TRY_VOID(keeper::check_sub_url(camera.sub_url, camera.url));
  return camera;
}

Result<keeper::CameraChange> camera_change(const Body& body) {
  TRY_VOID(body.allow_only(
      {"name", "url", "sub_url", "username", "password", "transport", "sound", "certificate"}));
  TRY_VOID(check_credential(body, "username"));
  TRY_VOID(check_credential(body, "password"));
  keeper::CameraChange change;
  change.name = body.optional("name");
  change.username = body.optional("username");
  change.password = body.optional("password");
  if (body.has("url")) {
    TRY(Address address, address_in(body));
    change.url = std::move(address.url);
    change.username = std::move(address.username);
    change.password = std::move(address.password);
  }
  TRY(change.sub_url, sub_url_in(body));
  TRY(change.transport, transport_in(body));
  TRY(change.sound, sound_in(body));
  TRY(change.certificate, certificate_in(body));
  return change;
}

}  // namespace jalousie::api
