#include <fmt/format.h>

#include "base/encoding.h"
#include "rtsp/auth.h"
#include "rtsp/text.h"

namespace jalousie::rtsp {

namespace {

// A server that calls every nonce stale would have us sign for ever.
constexpr int kStaleInARow = 3;

void wipe_text(std::string& text) { wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()}); }

std::string in_quotes(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    if (c != '\r' && c != '\n' && c != '\0') result += c;
  }
  return result + '"';
}

int strength(const Challenge& challenge) {
  if (challenge.scheme == Challenge::Scheme::Basic) return 0;
  return challenge.algorithm == DigestAlgorithm::Sha256 || challenge.algorithm == DigestAlgorithm::Sha256Sess
             ? 2
             : 1;
}

}  // namespace

Authenticator::Authenticator(std::string username, std::string password, RandomSource& random)
    : username_(std::move(username)), password_(std::move(password)), random_(random) {}

Authenticator::~Authenticator() { wipe_text(password_); }

Authenticator::Verdict Authenticator::challenged(const std::vector<std::string_view>& challenges) {
  std::optional<Challenge> best;
  for (const auto& line : challenges) {
    for (const auto value : split_challenges(line)) {
      auto challenge = parse_challenge(value);
      if (challenge && (!best || strength(*challenge) > strength(*best))) best = std::move(challenge);
    }
  }
  if (!best) return Verdict::Unsupported;
  if (username_.empty() && password_.empty()) return Verdict::NoCredentials;
  if (sent_) {
    // The name and password were in that request. They are wrong, unless only the nonce was too old: said so,
    // or a nonce that has worked before (firmware that forgets stale=true).
    const bool new_nonce = challenge_ && best->nonce != challenge_->nonce;
    const bool aged =
        best->scheme == Challenge::Scheme::Digest && new_nonce && (best->stale || nonce_accepted_);
    if (!aged || ++stale_in_a_row_ > kStaleInARow) return Verdict::WrongPassword;
  }
  sent_ = false;
  nonce_accepted_ = false;
  nonce_count_ = 0;
  std::array<std::uint8_t, 8> random{};
  random_.fill(random);
  cnonce_ = encode_hex(random);
  challenge_ = std::move(best);
  return Verdict::TryAgain;
}

void Authenticator::accepted() {
  if (!sent_) return;
  sent_ = false;
  nonce_accepted_ = true;
  stale_in_a_row_ = 0;
}

std::optional<std::string> Authenticator::authorization(std::string_view method, std::string_view uri) {
  if (!challenge_) return std::nullopt;
  sent_ = true;
  if (challenge_->scheme == Challenge::Scheme::Basic) {
    auto pair = fmt::format("{}:{}", username_, password_);
    auto value = "Basic " + encode_base64(as_bytes(pair));
    wipe_text(pair);
    return value;
  }
  const auto nc = fmt::format("{:08x}", ++nonce_count_);
  const auto& c = *challenge_;
  const std::string_view qop = c.qop == Challenge::Qop::None   ? ""
                               : c.qop == Challenge::Qop::Auth ? "auth"
                                                               : "auth-int";
  const auto response = digest_response({.algorithm = c.algorithm,
                                         .username = username_,
                                         .password = password_,
                                         .realm = c.realm,
                                         .nonce = c.nonce,
                                         .method = method,
                                         .uri = uri,
                                         .qop = qop,
                                         .nc = nc,
                                         .cnonce = cnonce_});
  const bool session = c.algorithm == DigestAlgorithm::Md5Sess || c.algorithm == DigestAlgorithm::Sha256Sess;
  auto value =
      fmt::format("Digest username={}, realm={}, nonce={}, uri={}, response=\"{}\"", in_quotes(username_),
                  in_quotes(c.realm), in_quotes(c.nonce), in_quotes(uri), response);
  if (c.algorithm_named) value += fmt::format(", algorithm={}", to_string(c.algorithm));
  if (!qop.empty()) value += fmt::format(", qop={}, nc={}", qop, nc);
  if (!qop.empty() || session) value += fmt::format(", cnonce=\"{}\"", cnonce_);
  if (c.opaque) value += fmt::format(", opaque={}", in_quotes(*c.opaque));
  return value;
}

}  // namespace jalousie::rtsp
