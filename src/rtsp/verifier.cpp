#include <algorithm>

#include <fmt/format.h>

#include "base/encoding.h"
#include "crypto/compare.h"
#include "rtsp/auth.h"
#include "rtsp/text.h"

namespace jalousie::rtsp {

namespace {

// Nonces that we remember: the oldest goes first, and its client is told that it is stale.
constexpr std::size_t kNonces = 1024;

struct Authorization {
  std::string username, nonce, response, qop, nc, cnonce;
  DigestAlgorithm algorithm = DigestAlgorithm::Md5;
  bool known_algorithm = true;
};

Authorization parse_authorization(std::string_view parameters) {
  Authorization found;
  for (auto& [name, value] : parse_auth_parameters(parameters)) {
    for (auto& [key, field] : {std::pair{"username", &found.username},

                               {"nonce", &found.nonce},

                               {"response", &found.response},
                               {"qop", &found.qop},
                               {"nc", &found.nc},
                               {"cnonce", &found.cnonce}}) {
      if (equal_ignoring_case(name, key)) *field = value;
    }
    if (!equal_ignoring_case(name, "algorithm")) continue;
    found.known_algorithm = false;
    for (const auto algorithm : {DigestAlgorithm::Md5, DigestAlgorithm::Md5Sess, DigestAlgorithm::Sha256,
                                 DigestAlgorithm::Sha256Sess}) {
      if (!equal_ignoring_case(value, to_string(algorithm))) continue;
      found.algorithm = algorithm;
      found.known_algorithm = true;
    }
  }
  return found;
}

bool same(std::string_view a, std::string_view b) {
  return crypto::constant_time_equal(as_bytes(a), as_bytes(b));
}

void wipe_text(std::string& text) { wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()}); }

}  // namespace

DigestVerifier::DigestVerifier(Options options, RandomSource& random)
    : options_(std::move(options)), random_(random) {}

DigestVerifier::~DigestVerifier() { wipe_text(options_.password); }

DigestVerifier::Outcome DigestVerifier::verify(std::string_view authorization, std::string_view method,
                                               std::string_view uri, SteadyTime now) {
  authorization = trim(authorization);
  const auto scheme = take_until(authorization, ' ');
  if (equal_ignoring_case(scheme, "Basic") && options_.basic) return verify_basic(authorization);
  if (equal_ignoring_case(scheme, "Digest")) return verify_digest(authorization, method, uri, now);
  return Outcome::Refused;
}

DigestVerifier::Outcome DigestVerifier::verify_basic(std::string_view parameters) const {
  const auto decoded = decode_base64(trim(parameters));
  if (!decoded) return Outcome::Refused;
  return same(as_text(*decoded), fmt::format("{}:{}", options_.username, options_.password))
             ? Outcome::Accepted
             : Outcome::Refused;
}

DigestVerifier::Outcome DigestVerifier::verify_digest(std::string_view parameters, std::string_view method,
                                                      std::string_view uri, SteadyTime now) {
  const auto given = parse_authorization(parameters);
  const bool offered = given.known_algorithm &&
                       std::ranges::find(options_.algorithms, given.algorithm) != options_.algorithms.end();
  if (!offered) return Outcome::Refused;
  if (options_.qop ? given.qop != "auth" : !given.qop.empty()) return Outcome::Refused;
  const auto expected = digest_response({.algorithm = given.algorithm,
                                         .username = options_.username,
                                         .password = options_.password,
                                         .realm = options_.realm,
                                         .nonce = given.nonce,
                                         .method = method,
                                         .uri = uri,
                                         .qop = given.qop,
                                         .nc = given.nc,
                                         .cnonce = given.cnonce});
  const bool right_name = same(given.username, options_.username);
  if (!same(given.response, expected) || !right_name) return Outcome::Refused;
  const auto nonce = std::ranges::find(nonces_, given.nonce, &Nonce::text);
  if (nonce == nonces_.end() || now - nonce->made > options_.nonce_lifetime) return Outcome::Stale;
  if (options_.qop) {
    const auto count = parse_number<std::uint32_t>(given.nc, 16);
    if (!count || *count <= nonce->highest_count) return Outcome::Stale;
    nonce->highest_count = *count;
  }
  return Outcome::Accepted;
}

std::vector<std::string> DigestVerifier::challenges(bool stale, SteadyTime now) {
  std::array<std::uint8_t, 16> random{};
  random_.fill(random);
  if (nonces_.size() >= kNonces) nonces_.pop_front();
  nonces_.push_back({encode_hex(random), now, 0});
  std::vector<std::string> values;
  for (const auto algorithm : options_.algorithms) {
    auto value = fmt::format("Digest realm=\"{}\", nonce=\"{}\"", options_.realm, nonces_.back().text);
    // Before RFC 7616 there was MD5 alone; clients of that time stumble over a word they do not expect.
    if (algorithm != DigestAlgorithm::Md5) value += fmt::format(", algorithm={}", to_string(algorithm));
    if (options_.qop) value += ", qop=\"auth\"";
    if (stale) value += ", stale=true";
    values.push_back(std::move(value));
  }
  if (options_.basic) values.push_back(fmt::format("Basic realm=\"{}\"", options_.realm));
  return values;
}

}  // namespace jalousie::rtsp
