#include <fmt/format.h>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "rtsp/auth.h"
#include "rtsp/text.h"

namespace jalousie::rtsp {

namespace {

constexpr std::size_t kParameters = 32;

bool is_sha256(DigestAlgorithm algorithm) {
  return algorithm == DigestAlgorithm::Sha256 || algorithm == DigestAlgorithm::Sha256Sess;
}
bool is_session(DigestAlgorithm algorithm) {
  return algorithm == DigestAlgorithm::Md5Sess || algorithm == DigestAlgorithm::Sha256Sess;
}

std::string hash(DigestAlgorithm algorithm, std::initializer_list<ByteView> parts) {
  return is_sha256(algorithm) ? encode_hex(crypto::sha256(parts)) : encode_hex(crypto::md5(parts));
}

std::optional<DigestAlgorithm> parse_algorithm(std::string_view text) {
  for (const auto algorithm : {DigestAlgorithm::Md5, DigestAlgorithm::Md5Sess, DigestAlgorithm::Sha256,
                               DigestAlgorithm::Sha256Sess}) {
    if (equal_ignoring_case(text, to_string(algorithm))) return algorithm;
  }
  return std::nullopt;
}

/// `qop` lists what the server takes; auth-int would need the body hashed, which RTSP servers do not ask for
/// alone.
std::optional<bool> offers_auth(std::string_view qop) {
  while (!qop.empty()) {
    if (equal_ignoring_case(trim(take_until(qop, ',')), "auth")) return true;
  }
  return std::nullopt;
}

std::string take_value(std::string_view& text) {
  std::string value;
  text = trim(text);
  if (text.empty() || text.front() != '"') {
    value = trim(take_until(text, ','));
    return value;
  }
  text.remove_prefix(1);
  while (!text.empty() && text.front() != '"') {
    if (text.front() == '\\' && text.size() > 1) text.remove_prefix(1);
    value += text.front();
    text.remove_prefix(1);
  }
  static_cast<void>(take_until(text, ','));
  return value;
}

std::optional<Challenge> digest_challenge(std::string_view parameters) {
  Challenge challenge;
  challenge.scheme = Challenge::Scheme::Digest;
  for (auto& [name, value] : parse_auth_parameters(parameters)) {
    if (equal_ignoring_case(name, "realm"))
      challenge.realm = std::move(value);
    else if (equal_ignoring_case(name, "nonce"))
      challenge.nonce = std::move(value);
    else if (equal_ignoring_case(name, "opaque"))
      challenge.opaque = std::move(value);
    else if (equal_ignoring_case(name, "stale"))
      challenge.stale = equal_ignoring_case(value, "true");
    else if (equal_ignoring_case(name, "algorithm")) {
      const auto algorithm = parse_algorithm(value);
      if (!algorithm) return std::nullopt;
      challenge.algorithm = *algorithm;
      challenge.algorithm_named = true;
    } else if (equal_ignoring_case(name, "qop") && !value.empty()) {
      const auto auth = offers_auth(value);
      if (!auth) return std::nullopt;
      challenge.qop_auth = *auth;
    }
  }
  // RFC 7616 section 3.4.2: a -sess algorithm is built on the client's nonce, so it is sent even without qop.
  if (challenge.nonce.empty()) return std::nullopt;
  return challenge;
}

}  // namespace

std::string_view to_string(DigestAlgorithm algorithm) {
  switch (algorithm) {
    case DigestAlgorithm::Md5:
      return "MD5";
    case DigestAlgorithm::Md5Sess:
      return "MD5-sess";
    case DigestAlgorithm::Sha256:
      return "SHA-256";
    case DigestAlgorithm::Sha256Sess:
      return "SHA-256-sess";
  }
  return "";
}

std::vector<std::pair<std::string, std::string>> parse_auth_parameters(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> parameters;
  while (!text.empty() && parameters.size() < kParameters) {
    const auto end = text.find_first_of("=,");
    if (end == std::string_view::npos) break;
    const auto name = trim(text.substr(0, end));
    const bool has_value = text[end] == '=';
    text.remove_prefix(end + 1);
    auto value = has_value ? take_value(text) : std::string();
    if (!name.empty()) parameters.emplace_back(name, std::move(value));
  }
  return parameters;
}

std::optional<Challenge> parse_challenge(std::string_view value) {
  value = trim(value);
  const auto scheme = take_until(value, ' ');
  if (equal_ignoring_case(scheme, "Digest")) return digest_challenge(value);
  if (!equal_ignoring_case(scheme, "Basic")) return std::nullopt;
  Challenge challenge;
  for (auto& [name, text] : parse_auth_parameters(value)) {
    if (equal_ignoring_case(name, "realm")) challenge.realm = std::move(text);
  }
  return challenge;
}

std::string digest_response(const DigestInput& input) {
  const auto text = [](std::string_view of) { return as_bytes(of); };
  const auto colon = as_bytes(":");
  auto a1 =
      hash(input.algorithm, {text(input.username), colon, text(input.realm), colon, text(input.password)});
  if (is_session(input.algorithm))
    a1 = hash(input.algorithm, {text(a1), colon, text(input.nonce), colon, text(input.cnonce)});
  const auto a2 = hash(input.algorithm, {text(input.method), colon, text(input.uri)});
  if (input.qop.empty()) return hash(input.algorithm, {text(a1), colon, text(input.nonce), colon, text(a2)});
  return hash(input.algorithm, {text(a1), colon, text(input.nonce), colon, text(input.nc), colon,
                                text(input.cnonce), colon, text(input.qop), colon, text(a2)});
}

}  // namespace jalousie::rtsp
