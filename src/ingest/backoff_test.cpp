#include "ingest/backoff.h"

#include <random>

#include <gtest/gtest.h>

namespace jalousie::ingest {
namespace {

class TestRandom final : public RandomSource {
 public:
  void fill(MutableBytes target) override {
    for (auto& byte : target) byte = static_cast<std::uint8_t>(random_());
  }

 private:
  std::mt19937 random_{1};
};

TEST(Backoff, DoublesUpToItsMostAndIsJittered) {
  TestRandom random;
  Backoff backoff(Milliseconds(500), Seconds(30));
  Microseconds expected = Milliseconds(500);
  Microseconds last{};
  for (int i = 0; i < 50; ++i) {
    const auto wait = backoff.next(random);
    EXPECT_GE(wait, expected / 2);
    EXPECT_LE(wait, expected);
    EXPECT_NE(wait, last);
    last = wait;
    expected = std::min<Microseconds>(expected * 2, Seconds(30));
  }
  backoff.reset();
  EXPECT_LE(backoff.next(random), Milliseconds(500));
}

}  // namespace
}  // namespace jalousie::ingest
