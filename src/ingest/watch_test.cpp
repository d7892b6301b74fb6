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
    watch.on_unit(i % gop == 0, now);
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
  watch.on_unit(true, kStart + Seconds(36));
  watch.on_packet(kStart + Seconds(36));
  EXPECT_EQ(watch.verdict(kStart + Seconds(36)), Verdict::Fine);
}

}  // namespace
}  // namespace jalousie::ingest
