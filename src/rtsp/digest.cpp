#include <fmt/format.h>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "rtsp/auth.h"
#include "rtsp/text.h"

namespace jalousie::rtsp {

namespace {

constexpr std::size_t kParameters = 32;
constexpr std::size_t kChallenges = 16;

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

/// `qop` lists what the server takes. "auth" is preferred: auth-int has been got wrong more often.
std::optional<Challenge::Qop> best_qop(std::string_view qop) {
  std::optional<Challenge::Qop> best;
  while (!qop.empty()) {
    const auto name = trim(take_until(qop, ','));
    if (equal_ignoring_case(name, "auth")) return Challenge::Qop::Auth;
    if (equal_ignoring_case(name, "auth-int")) best = Challenge::Qop::AuthInt;
  }
  return best;
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
      const auto qop = best_qop(value);
      if (!qop) return std::nullopt;
      challenge.qop = *qop;
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

namespace {

/// Up to the next comma that stands outside of quotes, which goes too.
std::string_view take_item(std::string_view& text) {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < text.size() && (quoted || text[end] != ','); ++end) {
    if (text[end] == '"') quoted = !quoted;
    if (quoted && text[end] == '\\') ++end;
  }
  end = std::min(end, text.size());
  const auto item = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return item;
}

/// `Scheme` or `Scheme name=...`, and not `name=...` or `name = ...`.
bool begins_challenge(std::string_view item) {
  item = trim(item);
  const auto end = item.find_first_of(" \t=");
  if (end == std::string_view::npos) return !item.empty();
  const auto rest = trim(item.substr(end));
  return item[end] != '=' && !rest.starts_with('=');
}

}  // namespace

std::vector<std::string_view> split_challenges(std::string_view value) {
  std::vector<std::string_view> challenges;
  auto rest = value;
  std::size_t begin = 0;
  bool first = true;
  while (!rest.empty()) {
    const std::size_t at = value.size() - rest.size();
    const auto item = take_item(rest);
    if (!begins_challenge(item)) continue;
    if (!first && challenges.size() < kChallenges) challenges.push_back(value.substr(begin, at - begin));
    begin = first ? 0 : at;
    first = false;
  }
  if (challenges.size() < kChallenges) challenges.push_back(value.substr(begin));
  return challenges;
}

std::string digest_response(const DigestInput& input) {
  const auto text = [](std::string_view of) { return as_bytes(of); };
  const auto colon = as_bytes(":");
  auto a1 =
      hash(input.algorithm, {text(input.username), colon, text(input.realm), colon, text(input.password)});
  if (is_session(input.algorithm))
    a1 = hash(input.algorithm, {text(a1), colon, text(input.nonce), colon, text(input.cnonce)});
  const auto a2 = input.qop == "auth-int"
                      ? hash(input.algorithm, {text(input.method), colon, text(input.uri), colon,
                                               text(hash(input.algorithm, {text(input.body)}))})
                      : hash(input.algorithm, {text(input.method), colon, text(input.uri)});
  if (input.qop.empty()) return hash(input.algorithm, {text(a1), colon, text(input.nonce), colon, text(a2)});
  return hash(input.algorithm, {text(a1), colon, text(input.nonce), colon, text(input.nc), colon,
                                text(input.cnonce), colon, text(input.qop), colon, text(a2)});
}

}  // namespace jalousie::rtsp
