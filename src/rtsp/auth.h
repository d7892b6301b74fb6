// Who asks: Digest (RFC 7616, and RFC 2617 and 2069 as cameras still speak them) with SHA-256 and MD5, and
// Basic (RFC 7617). Both ends: Authenticator answers a camera's challenges, DigestVerifier is the server's
// side. Passwords stay inside and are wiped; what comes out are header values, and those are never logged.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"

namespace jalousie::rtsp {

enum class DigestAlgorithm : std::uint8_t { Md5, Md5Sess, Sha256, Sha256Sess };
std::string_view to_string(DigestAlgorithm algorithm);  // "MD5", "SHA-256-sess", ...

/// One WWW-Authenticate value.
struct Challenge {
  enum class Scheme : std::uint8_t { Basic, Digest } scheme = Scheme::Basic;
  std::string realm;
  // Digest:
  std::string nonce;
  std::optional<std::string> opaque;
  DigestAlgorithm algorithm = DigestAlgorithm::Md5;
  bool algorithm_named = false;  // some firmware fails when it is told the default that it did not name
  enum class Qop : std::uint8_t { None, Auth, AuthInt } qop = Qop::None;  // None: as in RFC 2069
  bool stale = false;
};

/// `name=value, name="quoted \" value", ...` as in both headers; at most 32 of them.
std::vector<std::pair<std::string, std::string>> parse_auth_parameters(std::string_view text);
/// Nothing for a scheme, algorithm or qop that is not ours.
std::optional<Challenge> parse_challenge(std::string_view value);
/// The challenges of one header line, which may hold several (RFC 9110 section 11.6.1). At most 16.
std::vector<std::string_view> split_challenges(std::string_view value);

/// What goes into a Digest (RFC 7616 section 3.4.1). All as text on the wire.
struct DigestInput {
  DigestAlgorithm algorithm = DigestAlgorithm::Md5;
  std::string_view username, password, realm, nonce, method, uri;
  std::string_view qop, nc, cnonce;  // empty qop: RFC 2069
  std::string_view body{};           // for qop=auth-int
};
std::string digest_response(const DigestInput& input);

/// The client's side, for one server: answers its challenges, and keeps the nonce for the requests that
/// follow.
class Authenticator {
 public:
  Authenticator(std::string username, std::string password, RandomSource& random);
  ~Authenticator();
  Authenticator(const Authenticator&) = delete;
  Authenticator& operator=(const Authenticator&) = delete;

  enum class Verdict : std::uint8_t {
    TryAgain,       // send the request again, with authorization()
    WrongPassword,  // this name and password were refused: no further try, since cameras lock accounts
    NoCredentials,  // there is nothing to answer with
    Unsupported,    // no challenge of a kind that we know
  };
  /// After a 401, with its WWW-Authenticate values. The strongest known one is taken.
  Verdict challenged(const std::vector<std::string_view>& challenges);
  /// After any answer but 401 to a request that carried authorization().
  void accepted();
  /// The Authorization value for a request; nothing before a challenge.
  std::optional<std::string> authorization(std::string_view method, std::string_view uri);

 private:
  std::string username_;
  std::string password_;
  RandomSource& random_;
  std::optional<Challenge> challenge_;
  std::uint32_t nonce_count_ = 0;
  std::string cnonce_;
  bool sent_ = false;            // authorization() was given out since the last verdict
  bool nonce_accepted_ = false;  // the present nonce has worked
  int stale_in_a_row_ = 0;
};

/// The server's side: one realm, one name and password, Digest with the given algorithms and Basic where
/// allowed.
class DigestVerifier {
 public:
  struct Options {
    std::string realm;
    std::string username;
    std::string password;
    std::vector<DigestAlgorithm> algorithms{DigestAlgorithm::Sha256,
                                            DigestAlgorithm::Md5};  // in order of preference
    bool basic = false;
    bool qop = true;  // false: challenges as in RFC 2069
    Seconds nonce_lifetime{300};
  };
  DigestVerifier(Options options, RandomSource& random);
  ~DigestVerifier();
  DigestVerifier(const DigestVerifier&) = delete;
  DigestVerifier& operator=(const DigestVerifier&) = delete;

  enum class Outcome : std::uint8_t { Accepted, Refused, Stale };
  /// `authorization` is the header's value, empty when there is none. Stale: all is right but the nonce is
  /// too old or its count was seen before. `uri` is the request line's: it must be the one that was signed.
  Outcome verify(std::string_view authorization, std::string_view method, std::string_view uri,
                 SteadyTime now);
  /// Values for WWW-Authenticate, with a fresh nonce, in order of preference.
  std::vector<std::string> challenges(bool stale, SteadyTime now);

 private:
  struct Nonce {
    std::string text;
    SteadyTime made;
    std::uint32_t highest_count = 0;
  };
  Outcome verify_basic(std::string_view parameters) const;
  Outcome verify_digest(std::string_view parameters, std::string_view method, std::string_view uri,
                        SteadyTime now);

  Options options_;
  RandomSource& random_;
  std::deque<Nonce> nonces_;
};

}  // namespace jalousie::rtsp
