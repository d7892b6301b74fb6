#include "http/web_socket.h"

#include <algorithm>

#include "base/encoding.h"
#include "crypto/hash.h"

namespace jalousie::http {

namespace {

constexpr std::string_view kVersion = "13";
constexpr std::size_t kKeyBytes = 16;
// Section 1.3: what a server that knows nothing of WebSocket would not add to the key.
constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Whether one of the words of a field, or of several of that name, is `wanted`. Their commas part them.
bool has_word(const Headers& headers, std::string_view name, std::string_view wanted) {
  for (const auto& [key, value] : headers) {
    if (!same_word(key, name)) continue;
    for (std::string_view rest = value; !rest.empty();) {
      const auto comma = std::min(rest.find(','), rest.size());
      if (same_word(trimmed(rest.substr(0, comma)), wanted)) return true;
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  return false;
}

bool is_key(std::string_view text) {
  const auto key = decode_base64(text);
  return key && key->size() == kKeyBytes;
}

Response refusal(int status, std::string_view detail) {
  return Response::problem(status, status == 426 ? "Upgrade required" : "Not a WebSocket handshake", detail);
}

}  // namespace

std::optional<Response> refuse_web_socket(const Request& request, std::string_view protocol) {
  if (request.method != "GET" || !has_word(request.headers, "Upgrade", "websocket") ||
      !has_word(request.headers, "Connection", "upgrade")) {
    Response response = refusal(426, "Only WebSockets are served here.");
    response.headers.add("Upgrade", "websocket");
    response.headers.add("Connection", "Upgrade");
    return response;
  }
  if (request.headers.find("Sec-WebSocket-Version").value_or("") != kVersion) {
    Response response = refusal(426, "This version of WebSocket is not spoken here.");
    response.headers.add("Sec-WebSocket-Version", std::string(kVersion));
    return response;
  }
  if (!is_key(request.headers.find("Sec-WebSocket-Key").value_or("")))
    return refusal(400, "The handshake's key is missing or malformed.");
  if (!has_word(request.headers, "Sec-WebSocket-Protocol", protocol))
    return refusal(400,
                   std::string("The handshake offers no protocol that is spoken here: ").append(protocol));
  return std::nullopt;
}

Response accept_web_socket(const Request& request, std::string_view protocol,
                           std::function<io::Task<WebSocketEnd>(WebSocket&)> run) {
  Response response;
  response.status = 101;
  response.headers.add("Upgrade", "websocket");
  response.headers.add("Connection", "Upgrade");
  response.headers.add("Sec-WebSocket-Accept",
                       web_socket_accept(request.headers.find("Sec-WebSocket-Key").value_or("")));
  response.headers.add("Sec-WebSocket-Protocol", std::string(protocol));
  response.web_socket = std::move(run);
  return response;
}

std::string web_socket_accept(std::string_view key) {
  return encode_base64(crypto::sha1({as_bytes(key), as_bytes(kGuid)}));
}

}  // namespace jalousie::http
