#include "stream/walk.h"

#include <gtest/gtest.h>

namespace jalousie::stream {
namespace {

using namespace std::chrono_literals;

const UtcTime kUtc = utc_from_us(1'700'000'000'000'000);
const SteadyTime kNow{Microseconds(5'000'000)};

TEST(Walk, TheKeyFrameIsDueAtOnceAndShownAsNow) {
  Walk walk(kUtc - 7s, kNow, kUtc);
  EXPECT_EQ(walk.due(kUtc - 7s, kNow), kNow);
  EXPECT_EQ(walk.shown_90khz(), 0U);
  EXPECT_FALSE(walk.is_live());
}

// Plays a GOP of `behind` at 25 fps against a simulated wall; returns when live was reached and the longest
// gap shown.
struct Outcome {
  Microseconds until_live;
  Microseconds longest_gap;
};
Outcome play(Microseconds behind) {
  Walk walk(kUtc - behind, kNow, kUtc);
  Microseconds wall{0};
  Microseconds last_shown{0};
  Outcome outcome{0us, 0us};
  for (int frame = 0; frame < 2000; ++frame) {
    const Microseconds capture = -behind + frame * 40ms;
    if (capture > wall) {  // not taken yet: caught up
      walk.reached_live();
      if (outcome.until_live == 0us) outcome.until_live = wall;
      wall = capture;
    }
    const SteadyTime due = walk.due(kUtc + capture, kNow + wall);
    wall = std::max<Microseconds>(wall, due - kNow);
    const Microseconds shown{static_cast<std::int64_t>(walk.shown_90khz()) * 100 / 9};
    if (frame > 0) {
      EXPECT_GT(shown, last_shown);
      outcome.longest_gap = std::max(outcome.longest_gap, shown - last_shown);
    }
    last_shown = shown;
    if (wall > 20s) break;
  }
  // Shown time and wall agree in the end: neither a growing delay nor a freeze.
  EXPECT_NEAR(static_cast<double>(last_shown.count()), static_cast<double>(wall.count()), 100'000.0);
  return outcome;
}

TEST(Walk, ReachesLiveSoonWithoutAGap) {
  for (const Microseconds behind : {200000us, 1000000us, 5000000us, 9900000us, 30000000us}) {
    const Outcome outcome = play(behind);
    EXPECT_GT(outcome.until_live, 0us) << behind.count();
    EXPECT_LE(outcome.until_live, behind > 10s ? 8s : 3s) << behind.count();
    EXPECT_LE(outcome.longest_gap, 50ms) << behind.count();
  }
}

TEST(Walk, NearLiveThereIsNothingToCatchUpWith) {
  Walk walk(kUtc - 40ms, kNow, kUtc);
  EXPECT_TRUE(walk.is_live());
}

TEST(Walk, AfterAHoleShownTimeFollowsTheWall) {
  Walk walk(kUtc, kNow, kUtc);
  walk.due(kUtc, kNow);
  walk.due(kUtc + 60s, kNow + 60s);
  EXPECT_EQ(walk.shown_90khz(), 60U * 90'000U);
  // The camera's clock steps back: time moves on all the same.
  walk.due(kUtc - 3600s, kNow + 61s);
  EXPECT_EQ(walk.shown_90khz(), 61U * 90'000U);
}

TEST(Walk, AJumpGoesOnAfterTheLatestPicture) {
  Walk walk(kUtc, kNow, kUtc);
  walk.due(kUtc, kNow);
  walk.due(kUtc + 40ms, kNow + 40ms);
  const auto before = walk.shown_90khz();
  walk.jump(kUtc - 4s, kNow + 45ms, kUtc + 45ms);
  walk.due(kUtc - 4s, kNow + 45ms);
  EXPECT_GT(walk.shown_90khz(), before);
  EXPECT_LT(walk.shown_90khz(), before + 9000);
  EXPECT_FALSE(walk.is_live());
}

}  // namespace
}  // namespace jalousie::stream
