#include "ingest/watch.h"

#include <gtest/gtest.h>

namespace jalousie::ingest {
namespace {

using Verdict = Watch::Verdict;
constexpr SteadyTime kStart{Seconds(100)};

/// Frames every `interval`, a key frame every `gop` frames, `count` of them; returns when the last one came.
SteadyTime play(Watch& watch, Microseconds interval, int gop, int count) {
  auto now = kStart;
  for (int i = 0; i < count; ++i) {
    now = kStart + interval * i;
    watch.on_packet(now);
    watch.on_unit(i % gop == 0, false, now);
  }
  return now;
}

/// When the verdict first becomes `wanted`, found by following next_change() alone.
std::optional<Microseconds> until(const Watch& watch, SteadyTime from, Verdict wanted) {
  auto now = from;
  for (int i = 0; i < 10; ++i) {
    now = watch.next_change(now);
    if (watch.verdict(now) == wanted) return now - from;
  }
  return std::nullopt;
}

TEST(Watch, NoticesAStallAfterTwoGopsOrFourSeconds) {
  struct Case {
    Microseconds interval;
    int gop;
    Microseconds expected;
  };
  for (const auto& test : {Case{Milliseconds(40), 25, Seconds(2)},
                           {Milliseconds(40), 5, Seconds(1)},
                           {Milliseconds(40), 250, Seconds(4)},
                           {Milliseconds(40), 10'000, Seconds(4)},
                           {Milliseconds(500), 1, Milliseconds(1500)},
                           {Seconds(3), 5, Seconds(9)}}) {
    Watch watch({}, kStart);
    const auto last = play(watch, test.interval, test.gop, 600);
    EXPECT_EQ(watch.verdict(last + test.expected - Microseconds(1)), Verdict::Fine);
    EXPECT_EQ(until(watch, last, Verdict::Stalled), test.expected);
  }
}

TEST(Watch, GivesUpAfterALongSilence) {
  Watch watch({}, kStart);
  auto last = play(watch, Milliseconds(40), 25, 100);
  EXPECT_EQ(until(watch, last, Verdict::Silent), Seconds(10));
  Watch slow({}, kStart);  // a picture every 6 seconds is this camera's rhythm
  last = play(slow, Seconds(6), 2, 100);
  EXPECT_EQ(until(slow, last, Verdict::Silent), Seconds(36));
}

TEST(Watch, IsFineAgainWhenPicturesComeAgain) {
  Watch watch({}, kStart);
  const auto last = play(watch, Milliseconds(40), 25, 100);
  EXPECT_EQ(watch.verdict(last + Seconds(5)), Verdict::Stalled);
  watch.on_packet(last + Seconds(5));
  EXPECT_EQ(watch.verdict(last + Seconds(5)), Verdict::Fine);
}

TEST(Watch, NoticesWhenNothingComesAtAll) {
  const Watch watch({}, kStart);
  EXPECT_EQ(watch.verdict(kStart + Seconds(10) - Microseconds(1)), Verdict::Fine);
  EXPECT_EQ(until(watch, kStart, Verdict::NothingCame), Seconds(10));
}

TEST(Watch, WaitsForTheKeyFrameOfALongGop) {
  Watch watch({}, kStart);
  auto now = kStart;
  for (; now < kStart + Seconds(34); now += Milliseconds(40)) {
    watch.on_packet(now);
    EXPECT_EQ(watch.verdict(now), Verdict::Fine);
  }
  watch.on_packet(kStart + Seconds(35));
  EXPECT_EQ(watch.verdict(kStart + Seconds(35)), Verdict::NoKeyFrame);
  watch.on_unit(true, false, kStart + Seconds(36));
  watch.on_packet(kStart + Seconds(36));
  EXPECT_EQ(watch.verdict(kStart + Seconds(36)), Verdict::Fine);
}

TEST(Watch, SaysThatPicturesAreDamagedWhenNoneIsWholeForTwoGopsOrFourSeconds) {
  struct Case {
    int gop;
    Microseconds expected;
  };
  for (const auto& test : {Case{25, Seconds(2)}, {5, Seconds(1)}, {250, Seconds(4)}, {10'000, Seconds(4)}}) {
    Watch watch({}, kStart);
    const auto last = play(watch, Milliseconds(40), test.gop, 600);
    for (auto now = last + Milliseconds(40); now < last + test.expected; now += Milliseconds(40)) {
      watch.on_packet(now);
      watch.on_gap();
      EXPECT_EQ(watch.verdict(now), Verdict::Fine);
      EXPECT_EQ(watch.next_change(now), last + test.expected);
    }
    watch.on_packet(last + test.expected);
    EXPECT_EQ(watch.verdict(last + test.expected), Verdict::Damaged);
    watch.on_unit(true, true, last + test.expected);
    EXPECT_EQ(watch.verdict(last + test.expected), Verdict::Fine);
  }
}

TEST(Watch, KnowsTheCamerasRhythmThroughLosses) {
  Watch watch({}, kStart);
  auto now = play(watch, Milliseconds(40), 25, 600);
  // Every tenth GOP comes through, for ten minutes.
  for (int i = 0; i < 60; ++i) {
    for (int packet = 0; packet < 250; ++packet, now += Milliseconds(40)) {
      watch.on_packet(now);
      watch.on_gap();
    }
    watch.on_unit(true, true, now);
  }
  const auto last = now;
  watch.on_packet(now + Seconds(1));
  watch.on_gap();
  EXPECT_EQ(until(watch, now, Verdict::Damaged).value_or(Seconds(0)), Seconds(2));
  watch.on_packet(last + Seconds(35));
  EXPECT_EQ(watch.verdict(last + Seconds(35)), Verdict::NoKeyFrame);
}

TEST(Watch, TakesAFewLostPacketsBeforeTheFirstKeyFrameForNothing) {
  Watch watch({}, kStart);
  watch.on_packet(kStart);
  watch.on_gap();
  watch.on_gap();
  watch.on_packet(kStart + Seconds(5));
  EXPECT_EQ(watch.verdict(kStart + Seconds(5)), Verdict::Fine);
  watch.on_gap();
  EXPECT_EQ(watch.verdict(kStart + Seconds(5)), Verdict::Damaged);
}

}  // namespace
}  // namespace jalousie::ingest
