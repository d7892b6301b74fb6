#include "rtsp/auth.h"

#include <gtest/gtest.h>

namespace jalousie::rtsp {
namespace {

class CountingRandom final : public RandomSource {
 public:
  void fill(MutableBytes target) override {
    for (auto& byte : target) byte = next_++;
  }

 private:
  std::uint8_t next_ = 0;
};

constexpr SteadyTime kNow{Seconds(1000)};

TEST(Digest, AgreesWithTheExamplesOfTheRfcs) {
  // RFC 7616 section 3.9.1.
  DigestInput input{.algorithm = DigestAlgorithm::Md5,
                    .username = "Mufasa",
                    .password = "Circle of Life",
                    .realm = "http-auth@example.org",
                    .nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
                    .method = "GET",
                    .uri = "/dir/index.html",
                    .qop = "auth",
                    .nc = "00000001",
                    .cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"};
  EXPECT_EQ(digest_response(input), "8ca523f5e9506fed4657c9700eebdbec");
  input.algorithm = DigestAlgorithm::Sha256;
  EXPECT_EQ(digest_response(input), "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
  // RFC 2617 section 3.5.
  input = {.algorithm = DigestAlgorithm::Md5,
           .username = "Mufasa",
           .password = "Circle Of Life",
           .realm = "testrealm@host.com",
           .nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093",
           .method = "GET",
           .uri = "/dir/index.html",
           .qop = "auth",
           .nc = "00000001",
           .cnonce = "0a4f113b"};
  EXPECT_EQ(digest_response(input), "6629fae49393a05397450978507c4ef1");
  // The same with the body hashed, by Python's hashlib.
  input.qop = "auth-int";
  EXPECT_EQ(digest_response(input), "5e6610ecf9ba3017a4870ad48e3ad30b");
  // RFC 2069 section 2.4, as its erratum 749 corrects it.
  input.password = "CircleOfLife";
  input.qop = "";
  EXPECT_EQ(digest_response(input), "1949323746fe6a43ef61f9606e7febea");
}

TEST(Digest, ReadsChallenges) {
  const auto challenge = parse_challenge(
      R"x(Digest realm="IP Camera(\"x\")", domain="::", qop="auth-int, auth", nonce="aGk=", opaque="", algorithm="SHA-256", stale=TRUE)x");
  ASSERT_TRUE(challenge.has_value());
  EXPECT_EQ(challenge->realm, "IP Camera(\"x\")");
  EXPECT_EQ(challenge->nonce, "aGk=");
  EXPECT_EQ(challenge->opaque, "");
  EXPECT_EQ(challenge->algorithm, DigestAlgorithm::Sha256);
  EXPECT_EQ(challenge->qop, Challenge::Qop::Auth);
  EXPECT_TRUE(challenge->stale);
  EXPECT_EQ(parse_challenge("digest nonce=abc,realm=r")->nonce, "abc");
  EXPECT_EQ(parse_challenge("Basic realm=\"b\"")->scheme, Challenge::Scheme::Basic);
  for (const std::string_view text :
       {"", "Bearer x", "Digest", "Digest realm=\"r\"", "Digest nonce=\"n\", algorithm=SHA-512-256",
        "Digest nonce=\"n\", qop=\"token\"", "Digest nonce=\"unterminated"}) {
    if (text.find("unterminated") != std::string_view::npos)
      EXPECT_EQ(parse_challenge(text)->nonce, "unterminated");
    else
      EXPECT_FALSE(parse_challenge(text).has_value()) << text;
  }
}

TEST(Digest, SplitsSeveralChallengesOfOneLine) {
  using Lines = std::vector<std::string_view>;
  const auto split = [](std::string_view text) {
    auto parts = split_challenges(text);
    for (auto& part : parts) {
      while (part.ends_with(' ') || part.ends_with(',')) part.remove_suffix(1);
      while (part.starts_with(' ')) part.remove_prefix(1);
    }
    return parts;
  };
  EXPECT_EQ(split(R"(Digest realm="a, Basic b", nonce="1", Basic realm="c\", d")"),
            (Lines{R"(Digest realm="a, Basic b", nonce="1")", R"(Basic realm="c\", d")"}));
  EXPECT_EQ(split("Negotiate, Digest realm = \"r\", nonce =n, qop=\"auth,auth-int\""),
            (Lines{"Negotiate", "Digest realm = \"r\", nonce =n, qop=\"auth,auth-int\""}));
  EXPECT_EQ(split("Basic realm=x"), Lines{"Basic realm=x"});
  EXPECT_EQ(split(""), Lines{""});
  std::string many;
  for (int i = 0; i < 100; ++i) many += "Basic realm=x,";
  EXPECT_EQ(split_challenges(many).size(), 16u);
  for (const char* open : {"Digest realm=\"", "Digest realm=\"\\", ",,,", "=,", "\"\\"})
    EXPECT_FALSE(split_challenges(open).empty());
}

TEST(Authenticator, SignsTheBodyWhereOnlyThatIsTaken) {
  CountingRandom random;
  Authenticator auth("u", "p", random);
  ASSERT_EQ(auth.challenged({"Basic realm=\"b\", Digest realm=\"r\", nonce=\"1\", qop=\"auth-int\""}),
            Authenticator::Verdict::TryAgain);
  const auto value = auth.authorization("OPTIONS", "rtsp://h/").value();
  EXPECT_TRUE(value.starts_with("Digest ")) << "not the weaker one of the same line";
  EXPECT_NE(value.find(", qop=auth-int, nc=00000001, cnonce="), std::string::npos);
}

TEST(Authenticator, TakesTheStrongestChallenge) {
  CountingRandom random;
  Authenticator auth("u", "p", random);
  EXPECT_EQ(auth.authorization("OPTIONS", "rtsp://h/"), std::nullopt);
  EXPECT_EQ(auth.challenged({"Basic realm=\"b\"", "Digest realm=\"r\", nonce=\"1\"",
                             "Digest realm=\"r\", nonce=\"2\", algorithm=SHA-256, qop=\"auth\"",
                             "Digest realm=\"r\", nonce=\"3\", algorithm=MD5"}),
            Authenticator::Verdict::TryAgain);
  const auto value = auth.authorization("DESCRIBE", "rtsp://h/a\"b").value_or("");
  EXPECT_NE(value.find("nonce=\"2\""), std::string::npos) << value;
  EXPECT_NE(value.find("algorithm=SHA-256, qop=auth, nc=00000001, cnonce=\"0001020304050607\""),
            std::string::npos)
      << value;
  EXPECT_NE(value.find("uri=\"rtsp://h/a\\\"b\""), std::string::npos) << value;
  EXPECT_NE(auth.authorization("SETUP", "rtsp://h/")->find("nc=00000002"), std::string::npos);
}

TEST(Authenticator, GivesUpOnAWrongPasswordAfterOneTry) {
  CountingRandom random;
  Authenticator auth("u", "p", random);
  EXPECT_EQ(auth.challenged({"Digest realm=\"r\", nonce=\"1\""}), Authenticator::Verdict::TryAgain);
  static_cast<void>(auth.authorization("DESCRIBE", "x"));
  EXPECT_EQ(auth.challenged({"Digest realm=\"r\", nonce=\"2\""}), Authenticator::Verdict::WrongPassword);
}

TEST(Authenticator, RenewsAStaleNonceButNotForEver) {
  CountingRandom random;
  Authenticator auth("u", "p", random);
  EXPECT_EQ(auth.challenged({"Digest realm=\"r\", nonce=\"0\""}), Authenticator::Verdict::TryAgain);
  for (int i = 1; i <= 3; ++i) {
    static_cast<void>(auth.authorization("PLAY", "x"));
    EXPECT_EQ(auth.challenged({"Digest realm=\"r\", stale=true, nonce=\"" + std::to_string(i) + "\""}),
              Authenticator::Verdict::TryAgain);
  }
  static_cast<void>(auth.authorization("PLAY", "x"));
  EXPECT_EQ(auth.challenged({"Digest realm=\"r\", stale=true, nonce=\"9\""}),
            Authenticator::Verdict::WrongPassword);
}

TEST(Authenticator, RenewsAnAcceptedNonceThatAgedWithoutAWord) {
  CountingRandom random;
  Authenticator auth("u", "p", random);
  EXPECT_EQ(auth.challenged({"Digest realm=\"r\", nonce=\"1\""}), Authenticator::Verdict::TryAgain);
  static_cast<void>(auth.authorization("PLAY", "x"));
  auth.accepted();
  static_cast<void>(auth.authorization("GET_PARAMETER", "x"));
  EXPECT_EQ(auth.challenged({"Digest realm=\"r\", nonce=\"2\""}), Authenticator::Verdict::TryAgain);
  static_cast<void>(auth.authorization("GET_PARAMETER", "x"));
  EXPECT_EQ(auth.challenged({"Digest realm=\"r\", nonce=\"3\""}), Authenticator::Verdict::WrongPassword);
}

TEST(Authenticator, SaysWhenItCannotAnswer) {
  CountingRandom random;
  Authenticator none("", "", random);
  EXPECT_EQ(none.challenged({"Basic realm=\"b\""}), Authenticator::Verdict::NoCredentials);
  Authenticator auth("u", "p", random);
  EXPECT_EQ(auth.challenged({"Negotiate x"}), Authenticator::Verdict::Unsupported);
  EXPECT_EQ(auth.challenged({}), Authenticator::Verdict::Unsupported);
}

struct VerifierCase {
  DigestAlgorithm algorithm;
  bool qop;
};

TEST(DigestVerifier, AcceptsTheAuthenticator) {
  for (const auto& test : {VerifierCase{DigestAlgorithm::Md5, true},
                           {DigestAlgorithm::Md5, false},
                           {DigestAlgorithm::Sha256, true},
                           {DigestAlgorithm::Sha256, false},
                           {DigestAlgorithm::Md5Sess, true},
                           {DigestAlgorithm::Sha256Sess, true}}) {
    CountingRandom random;
    DigestVerifier verifier({.realm = "cam",
                             .username = "u \"x\"",
                             .password = "p:\\q",
                             .algorithms = {test.algorithm},
                             .qop = test.qop},
                            random);
    Authenticator auth("u \"x\"", "p:\\q", random);
    const auto challenges = verifier.challenges(false, kNow);
    EXPECT_EQ(auth.challenged({challenges.begin(), challenges.end()}), Authenticator::Verdict::TryAgain);
    for (int i = 0; i < 3; ++i) {
      const auto value = auth.authorization("DESCRIBE", "rtsp://h/x").value_or("");
      EXPECT_EQ(verifier.verify(value, "DESCRIBE", "rtsp://h/x", kNow), DigestVerifier::Outcome::Accepted)
          << value;
      EXPECT_EQ(verifier.verify(value, "PLAY", "rtsp://h/x", kNow), DigestVerifier::Outcome::Refused);
      EXPECT_EQ(verifier.verify(value, "DESCRIBE", "rtsp://h/y", kNow), DigestVerifier::Outcome::Refused);
      if (test.qop)
        EXPECT_EQ(verifier.verify(value, "DESCRIBE", "rtsp://h/x", kNow), DigestVerifier::Outcome::Stale)
            << "replayed";
      EXPECT_EQ(verifier.verify(auth.authorization("DESCRIBE", "rtsp://h/x").value_or(""), "DESCRIBE",
                                "rtsp://h/x", kNow + Seconds(301)),
                DigestVerifier::Outcome::Stale);
    }
  }
}

TEST(DigestVerifier, RefusesEverythingElse) {
  CountingRandom random;
  DigestVerifier verifier({.realm = "cam", .username = "u", .password = "p"}, random);
  const auto challenges = verifier.challenges(false, kNow);
  EXPECT_EQ(challenges.size(), 2u);
  for (const auto& [username, password] : {std::pair{"u", "q"}, {"v", "p"}, {"", "x"}}) {
    Authenticator auth(username, password, random);
    EXPECT_EQ(auth.challenged({challenges.begin(), challenges.end()}), Authenticator::Verdict::TryAgain);
    EXPECT_EQ(verifier.verify(auth.authorization("PLAY", "x").value_or(""), "PLAY", "x", kNow),
              DigestVerifier::Outcome::Refused);
  }
  for (const std::string_view text :
       {"", "Digest", "Basic dTpw", "Digest username=\"u\", response=\"\"", "Bearer x"}) {
    EXPECT_EQ(verifier.verify(text, "PLAY", "x", kNow), DigestVerifier::Outcome::Refused) << text;
  }
  // A nonce that this server never gave, signed with the right password.
  Authenticator auth("u", "p", random);
  EXPECT_EQ(auth.challenged({"Digest realm=\"cam\", nonce=\"mine\", qop=\"auth\""}),
            Authenticator::Verdict::TryAgain);
  EXPECT_EQ(verifier.verify(auth.authorization("PLAY", "x").value_or(""), "PLAY", "x", kNow),
            DigestVerifier::Outcome::Stale);
}

TEST(DigestVerifier, TakesBasicOnlyWhereAllowed) {
  CountingRandom random;
  DigestVerifier verifier({.realm = "cam", .username = "u", .password = "p", .algorithms = {}, .basic = true},
                          random);
  Authenticator auth("u", "p", random);
  const auto challenges = verifier.challenges(false, kNow);
  ASSERT_EQ(challenges, (std::vector<std::string>{"Basic realm=\"cam\""}));
  EXPECT_EQ(auth.challenged({challenges[0]}), Authenticator::Verdict::TryAgain);
  EXPECT_EQ(auth.authorization("PLAY", "x"), "Basic dTpw");
  EXPECT_EQ(verifier.verify("Basic dTpw", "PLAY", "x", kNow), DigestVerifier::Outcome::Accepted);
  EXPECT_EQ(verifier.verify("Basic dTpx", "PLAY", "x", kNow), DigestVerifier::Outcome::Refused);
  EXPECT_EQ(verifier.verify("Basic ***", "PLAY", "x", kNow), DigestVerifier::Outcome::Refused);
}

TEST(DigestVerifier, ForgetsTheOldestNonces) {
  CountingRandom random;
  DigestVerifier verifier({.realm = "cam", .username = "u", .password = "p"}, random);
  Authenticator auth("u", "p", random);
  const auto first = verifier.challenges(false, kNow);
  EXPECT_EQ(auth.challenged({first.begin(), first.end()}), Authenticator::Verdict::TryAgain);
  for (int i = 0; i < 1024; ++i) static_cast<void>(verifier.challenges(false, kNow));
  EXPECT_EQ(verifier.verify(auth.authorization("PLAY", "x").value_or(""), "PLAY", "x", kNow),
            DigestVerifier::Outcome::Stale);
}

}  // namespace
}  // namespace jalousie::rtsp
