// Challenges and authorizations of any text: the authenticator answers what it understood, and the verifier
// accepts nothing that it did not ask for.
#include <cstdlib>

#include "rtsp/auth.h"

namespace {
using namespace jalousie;

class CountingRandom final : public RandomSource {
 public:
  void fill(MutableBytes target) override {
    for (auto& byte : target) byte = next_++;
  }

 private:
  std::uint8_t next_ = 0;
};
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = as_text({data, size});
  CountingRandom random;
  const SteadyTime now{Seconds(1)};
  rtsp::DigestVerifier verifier({.realm = "r", .username = "u", .password = "p", .basic = true}, random);
  static_cast<void>(verifier.challenges(false, now));
  // "u:p" in Base64, which a fuzzer may well find: that one is right.
  const bool basic_is_right = text.find("dTpw") != std::string_view::npos;
  if (verifier.verify(text, "PLAY", "rtsp://h/", now) == rtsp::DigestVerifier::Outcome::Accepted &&
      !basic_is_right)
    std::abort();

  rtsp::Authenticator authenticator("u", "p", random);
  for (int i = 0; i < 8; ++i) {
    if (authenticator.challenged({text}) != rtsp::Authenticator::Verdict::TryAgain) break;
    const auto value = authenticator.authorization("PLAY", "rtsp://h/");
    if (!value || value->find_first_of("\r\n") != std::string::npos) {
      // What is not quoted was never taken from the challenge.
      std::abort();
    }
    if (i > 5) std::abort();
  }
  return 0;
}
