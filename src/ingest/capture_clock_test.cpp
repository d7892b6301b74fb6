#include "ingest/capture_clock.h"

#include <cmath>
#include <map>
#include <random>
#include <utility>

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

/// A camera with a picture every 40 ms, which takes it a while to encode, and sound at 8 kHz every 20 ms;
/// sender reports of both every 5 s, by a clock of its own. What is measured is how far apart our times of a
/// picture and a sound are that were taken at one moment.
class BothTracks : public testing::Test {
 protected:
  void run_a_little() { run(Milliseconds(20)); }
  void run(Microseconds length) {
    const auto end = now_ + length;
    for (; now_ < end; now_ += Milliseconds(20)) {
      arrive();
      if (now_.count() % 40'000 == 0) send_pictures();
      send(TrackKind::Sound, now_, sound_way_ + Milliseconds(random_() % 15));
      if (reports_ && now_.count() % 5'000'000 == 0) report(TrackKind::Video);
      if (reports_ && now_.count() % 5'000'000 == 120'000) report(TrackKind::Sound);
    }
  }
  std::int64_t video_timestamp(Microseconds at) const { return video_base_ + at.count() * 9 / 100; }
  std::int64_t sound_timestamp(Microseconds at) const {
    return sound_base_ + (at.count() + at.count() * sound_ppm_ / 1'000'000) / 125;
  }
  /// With B-frames, each third picture goes before the two that were taken before it.
  void send_pictures() {
    const auto way = [this] { return video_way_ + Milliseconds(random_() % 30); };
    if (!has_b_frames_) return send(TrackKind::Video, now_, way());
    if (now_.count() % 120'000 != 0) return;
    for (const auto before : {Milliseconds(0), Milliseconds(80), Milliseconds(40)})
      if (now_ >= before) send(TrackKind::Video, now_ - before, way());
  }
  /// On its way here, behind what left before it on the same track.
  void send(TrackKind kind, Microseconds taken, Microseconds way) {
    const bool is_video = kind == TrackKind::Video;
    auto& last = is_video ? last_video_arrival_ : last_sound_arrival_;
    last = std::max(last, now_ + way);
    on_the_way_.emplace(last, Unit{kind, is_video ? video_timestamp(taken) : sound_timestamp(taken), taken});
  }
  void arrive() {
    for (; !on_the_way_.empty() && on_the_way_.begin()->first <= now_;
         on_the_way_.erase(on_the_way_.begin())) {
      const auto& [at, unit] = *on_the_way_.begin();
      const UtcTime utc(at + Seconds(1'700'000'000));
      const auto capture = clock_.capture_of(unit.kind, unit.timestamp, utc, SteadyTime(at + Seconds(1000)));
      const bool is_video = unit.kind == TrackKind::Video;
      auto& last = is_video ? last_video_ : last_sound_;
      // Units of one moment are still kept in order, a microsecond apart.
      EXPECT_LE(capture, utc + Microseconds(has_b_frames_ ? 2 : 0));
      EXPECT_GT(capture, last);
      last = capture;
      (is_video ? video_error_ : sound_error_) = capture.time_since_epoch() - unit.taken;
      if (is_video && video_error_ && sound_error_)
        worst_ = std::max(worst_, std::abs((*video_error_ - *sound_error_).count()));
    }
  }
  void report(TrackKind kind) {
    const auto timestamp = kind == TrackKind::Video ? video_timestamp(now_) : sound_timestamp(now_);
    clock_.on_report(kind, UtcTime(now_ + ntp_), static_cast<std::uint32_t>(timestamp));
  }
  double worst_ms() { return static_cast<double>(std::exchange(worst_, 0)) / 1000; }

  CaptureClock clock_;
  std::mt19937 random_{9};
  Microseconds now_{0};
  Microseconds video_way_ = Milliseconds(40);
  Microseconds sound_way_ = Milliseconds(10);
  Microseconds ntp_ = Seconds(77);
  std::int64_t video_base_ = 0xFFFF'0000;
  std::int64_t sound_base_ = 0xFFFF'FF00;
  std::int64_t sound_ppm_ = 0;
  bool reports_ = true;
  bool has_b_frames_ = false;
  struct Unit {
    TrackKind kind;
    std::int64_t timestamp;
    Microseconds taken;
  };
  std::multimap<Microseconds, Unit> on_the_way_;
  Microseconds last_video_arrival_{0};
  Microseconds last_sound_arrival_{0};
  std::optional<Microseconds> video_error_;
  std::optional<Microseconds> sound_error_;
  UtcTime last_video_{};
  UtcTime last_sound_{};
  std::int64_t worst_ = 0;

  BothTracks() { clock_.set_sound_rate(8000); }
};

TEST_F(BothTracks, StayTogetherWithoutReportsAsTheyCome) {
  reports_ = false;
  run(Seconds(600));
  EXPECT_LT(worst_ms(), 60);
}

TEST_F(BothTracks, AreBroughtTogetherByReportsWhereEncodingTakesLong) {
  video_way_ = Milliseconds(400);
  run(Seconds(10));
  EXPECT_GT(worst_ms(), 300) << "else this test shows nothing";
  run(Seconds(600));
  EXPECT_LT(worst_ms(), 30);
}

// Three pictures come at one time: of those the last two have the first one's, which is 80 ms after theirs.
TEST_F(BothTracks, AreBroughtTogetherThoughPicturesChangePlaces) {
  has_b_frames_ = true;
  video_way_ = Milliseconds(400);
  run(Seconds(10));
  EXPECT_GT(worst_ms(), 300) << "else this test shows nothing";
  run(Seconds(600));
  EXPECT_LT(worst_ms(), 80 + 30);
}

TEST_F(BothTracks, SurviveJumpsThoughPicturesChangePlaces) {
  has_b_frames_ = true;
  video_way_ = Milliseconds(300);
  run(Seconds(20));
  for (const Seconds jump : {Seconds(3600), Seconds(-3600), Seconds(-2)}) {
    video_base_ += jump.count() * 90'000;
    sound_base_ += jump.count() * 8'000;
    run(Seconds(20));
    worst_ms();
    run(Seconds(60));
    EXPECT_LT(worst_ms(), 80 + 100) << jump.count();
  }
}

TEST_F(BothTracks, StayTogetherWhenSoundsCrystalDrifts) {
  video_way_ = Milliseconds(300);
  for (const std::int64_t ppm : {100, -100}) {
    sound_ppm_ = ppm;
    sound_base_ += 1'000'000'000;  // a jump, which begins anew
    run(Seconds(20));
    worst_ms();
    run(Seconds(3600));
    EXPECT_LT(worst_ms(), 100) << ppm;
  }
}

TEST_F(BothTracks, SurviveJumpsOfTheirTimestamps) {
  video_way_ = Milliseconds(300);
  run(Seconds(20));
  for (const Seconds jump : {Seconds(3600), Seconds(-3600), Seconds(90'000)}) {
    video_base_ += jump.count() * 90'000;
    sound_base_ += jump.count() * 8'000;
    run(Seconds(20));
    worst_ms();
    run(Seconds(60));
    EXPECT_LT(worst_ms(), 100) << jump.count();
    sound_base_ += 8'000 * 3600;  // of one alone
    run(Seconds(20));
    worst_ms();
    run(Seconds(60));
    EXPECT_LT(worst_ms(), 100) << jump.count();
  }
}

TEST_F(BothTracks, AreNotTakenApartByACameraThatSetsItsClock) {
  video_way_ = Milliseconds(300);
  run(Seconds(20));
  worst_ms();
  for (const Microseconds step :
       {Microseconds(Seconds(3600)), Microseconds(Milliseconds(-700)), Microseconds(Milliseconds(300))}) {
    // Between a report of video and the one of sound that follows it, so that the two do not fit.
    while (now_.count() % 5'000'000 != 60'000) run_a_little();
    ntp_ += step;
    run(Seconds(60));
    EXPECT_LT(worst_ms(), 100) << step.count();
  }
}

TEST_F(BothTracks, ReportsThatCannotBeTrueAreNotBelieved) {
  ntp_ = Seconds(77);
  run(Seconds(1));
  for (int i = 0; i < 20; ++i) {
    clock_.on_report(TrackKind::Video, UtcTime(Seconds(1'000)), 5);
    clock_.on_report(TrackKind::Sound, UtcTime(Seconds(0)), 7);
  }
  reports_ = false;
  run(Seconds(60));
  EXPECT_LT(worst_ms(), 100);
}

}  // namespace
}  // namespace jalousie::ingest
