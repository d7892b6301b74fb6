#include "ingest/capture_clock.h"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace jalousie::ingest {
namespace {

constexpr std::int64_t kFrame = 3600;  // 25 fps at 90 kHz

/// A camera that sends a frame every 40 ms of its own time, on a world with a wall clock.
class CaptureClockTest : public testing::Test {
 protected:
  /// The next frame, `late` after it should have come; returns its capture time.
  UtcTime frame(Microseconds late = Microseconds(0), std::int64_t step = kFrame) {
    timestamp_ += step;
    // Behind a late one nothing is early: packets come in order.
    const auto arrival = std::max(late, std::chrono::duration_cast<Microseconds>(arrived_ - clock_.steady()));
    arrived_ = clock_.steady() + arrival;
    const auto capture =
        capture_clock_.capture_of(timestamp_, clock_.utc() + arrival, clock_.steady() + arrival);
    EXPECT_LE(capture, std::max(clock_.utc() + arrival, last_ + Microseconds(1)) + slack_);
    EXPECT_GT(capture, last_);
    last_ = capture;
    clock_.advance(interval_);
    return capture;
  }
  Microseconds age_at_arrival() {  // of a frame that comes without delay
    const auto now = clock_.utc();
    return std::chrono::duration_cast<Microseconds>(now - frame());
  }

  FakeClock clock_;
  CaptureClock capture_clock_;
  std::int64_t timestamp_ = 1'000'000;
  Microseconds interval_{40'000};
  Microseconds slack_{0};
  UtcTime last_{};
  SteadyTime arrived_{};
};

TEST_F(CaptureClockTest, IsExactOnASteadyWay) {
  const auto first = frame();
  for (int i = 1; i < 1000; ++i) EXPECT_EQ(frame(), first + Milliseconds(40) * i);
}

TEST_F(CaptureClockTest, TakesJitterOut) {
  std::mt19937 random(1);
  const auto first = frame();
  for (int i = 1; i < 5000; ++i) {
    const auto capture = frame(Milliseconds(random() % 80));
    const auto wrong = std::chrono::duration_cast<Microseconds>(capture - first) - Milliseconds(40) * i;
    EXPECT_LT(std::abs(wrong.count()), 5'000) << i;
  }
}

TEST_F(CaptureClockTest, FollowsACameraWhoseClockIsSlowOrFast) {
  for (const auto ppm : {-100, 100}) {
    interval_ = Microseconds(40'000 + 40'000 * ppm / 1'000'000);
    for (int i = 0; i < 100'000; ++i) frame();  // more than an hour
    const auto age = age_at_arrival();
    EXPECT_GE(age.count(), 0) << ppm;
    EXPECT_LT(age.count(), 5'000) << ppm;
  }
}

TEST_F(CaptureClockTest, RecoversFromAStallWithoutSteps) {
  for (int i = 0; i < 100; ++i) frame();
  for (int i = 0; i < 75; ++i) frame(Seconds(3) - interval_ * i);  // all of three seconds at once
  EXPECT_LT(age_at_arrival().count(), 3'000);
}

TEST_F(CaptureClockTest, TakesJumpsOfTheCamerasTimestamps) {
  for (const std::int64_t seconds : {3600, -3600, 5, -5, 86400, -86400}) {
    for (int i = 0; i < 50; ++i) frame();
    frame(Microseconds(0), seconds * 90'000);
    for (int i = 0; i < 50; ++i) frame();
    EXPECT_LT(age_at_arrival().count(), 3'000) << seconds;
  }
}

TEST_F(CaptureClockTest, TakesTimestampsThatStandStillOrRunWild) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 100; ++i) frame(Microseconds(0), 0);
  slack_ = Milliseconds(1);  // frames at one time are still kept in order, a microsecond apart
  for (int i = 0; i < 10'000; ++i)
    frame(Microseconds(0), static_cast<std::int64_t>(random() % 4'000'000'000) - 2'000'000'000);
}

TEST_F(CaptureClockTest, FollowsAWallClockThatIsSetForwardAtOnce) {
  for (int i = 0; i < 50; ++i) frame();
  clock_.step_utc(Seconds(3600));
  EXPECT_LT(age_at_arrival().count(), 3'000);
}

TEST_F(CaptureClockTest, NeverGoesBackWhenTheWallClockDoes) {
  for (int i = 0; i < 50; ++i) frame();
  clock_.step_utc(Seconds(-2));
  slack_ = Seconds(2);
  for (int i = 0; i < 51; ++i) frame();
  EXPECT_NEAR(static_cast<double>(age_at_arrival().count()), -1e6,
              5e4);  // half of it is made good in two seconds
  for (int i = 0; i < 60; ++i) frame();
  slack_ = Microseconds(0);
  EXPECT_GE(age_at_arrival().count(), 0);
}

TEST_F(CaptureClockTest, KeepsUnitsOfOneMomentInOrder) {
  slack_ = Milliseconds(1);
  interval_ = Microseconds(0);
  for (int i = 0; i < 100; ++i) frame(Microseconds(0), 0);
  interval_ = Microseconds(40'000);
  clock_.step_utc(Seconds(-2));
  slack_ = Seconds(3);
  for (int i = 0; i < 100; ++i) frame(Microseconds(0), 0);
}

TEST_F(CaptureClockTest, StartsAgainWhereItIsTold) {
  for (int i = 0; i < 50; ++i) frame();
  clock_.advance(Seconds(60));
  capture_clock_.restart();
  timestamp_ = 7;
  EXPECT_LT(age_at_arrival().count(), 1'000);
}

}  // namespace
}  // namespace jalousie::ingest
