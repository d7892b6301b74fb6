#include "seal/window.h"

#include <limits>
#include <random>
#include <set>

#include <gtest/gtest.h>

namespace jalousie::seal {
namespace {

constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();

TEST(SequenceWindow, FirstSetsIt) {
  SequenceWindow window;
  EXPECT_TRUE(window.is_fresh(0));
  EXPECT_TRUE(window.is_fresh(1'000'000));
  EXPECT_FALSE(window.is_taken(0));
  EXPECT_FALSE(window.follows(1));
  EXPECT_TRUE(window.take(1'000'000));
  EXPECT_FALSE(window.is_fresh(1'000'000));
  EXPECT_TRUE(window.is_taken(1'000'000));
  EXPECT_TRUE(window.is_fresh(999'999));
  EXPECT_FALSE(window.is_taken(999'999));
}

TEST(SequenceWindow, OldEdge) {
  SequenceWindow window;
  window.take(10'000);
  EXPECT_TRUE(window.is_fresh(10'000 - 4095));
  EXPECT_FALSE(window.is_fresh(10'000 - 4096));
  EXPECT_FALSE(window.take(10'000 - 4095));
  EXPECT_TRUE(window.is_taken(10'000 - 4095));
  window.take(10'001);
  EXPECT_FALSE(window.is_taken(10'000 - 4095));
  EXPECT_FALSE(window.is_fresh(10'000 - 4095));
}

TEST(SequenceWindow, JumpsForgetWhatWasSkipped) {
  for (const std::uint64_t jump : {std::uint64_t{2}, std::uint64_t{4095}, std::uint64_t{4096},
                                   std::uint64_t{4097}, std::uint64_t{1} << 40}) {
    SequenceWindow window;
    for (std::uint64_t number = 1; number <= 5000; ++number) window.take(number);
    const std::uint64_t newest = 5000 + jump;
    EXPECT_TRUE(window.take(newest));
    for (std::uint64_t back = 1; back < 4096; ++back) {
      const std::uint64_t number = newest - back;
      EXPECT_EQ(window.is_fresh(number), number > 5000) << jump << ' ' << number;
      EXPECT_EQ(window.is_taken(number), number <= 5000) << jump << ' ' << number;
    }
  }
}

TEST(SequenceWindow, BothEndsOfTheNumbers) {
  SequenceWindow window;
  window.take(0);
  EXPECT_FALSE(window.is_fresh(0));
  EXPECT_TRUE(window.follows(1));
  window.take(kMax);
  EXPECT_FALSE(window.is_fresh(kMax));
  EXPECT_FALSE(window.is_fresh(0));
  EXPECT_TRUE(window.is_fresh(kMax - 1));
  EXPECT_FALSE(window.take(kMax - 4095));
  EXPECT_TRUE(window.is_taken(kMax - 4095));
}

TEST(SequenceWindow, AgreesWithASetOfAllThatWasTaken) {
  std::mt19937_64 random(1);
  SequenceWindow window;
  std::set<std::uint64_t> taken;
  std::uint64_t newest = 0;
  for (int round = 0; round < 200'000; ++round) {
    const std::uint64_t around = newest + 64 > 4200 ? newest + 64 - random() % 4200 : random() % 64;
    const std::uint64_t number = round % 5000 == 4999 ? newest + random() % 9000 : around;
    const bool inside = taken.empty() || number > newest || newest - number < 4096;
    ASSERT_EQ(window.is_fresh(number), inside && !taken.contains(number));
    ASSERT_EQ(window.is_taken(number), inside && taken.contains(number));
    if (!window.is_fresh(number)) continue;
    const bool first_or_newer = taken.empty() || number > newest;
    EXPECT_EQ(window.take(number), first_or_newer);
    taken.insert(number);
    newest = std::max(newest, number);
  }
}

}  // namespace
}  // namespace jalousie::seal
