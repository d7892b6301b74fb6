// Viewings over real loops, sealers and openers: what comes out, when it ends, and that a wrong block is an
// alarm.
#include "stream/viewing.h"

#include <condition_variable>
#include <future>
#include <mutex>

#include <gtest/gtest.h>

#include "crypto/system_random.h"
#include "io/loop_thread.h"
#include "seal/keys.h"
#include "seal/sealer.h"
#include "stream/fixture.h"
#include "stream/hub.h"

namespace jalousie::stream {
namespace {

using namespace std::chrono_literals;

/// Remembers what a session would send; waits for it from the test's thread.
class RecordingSink final : public Sink {
 public:
  struct Shown {
    std::string text;
    std::uint32_t rtp_timestamp;
    seal::BlockPtr block;
  };
  bool is_ready() const override { return ready_; }
  void on_frame(const Frame& frame) override {
    const std::lock_guard lock(mutex_);
    shown_.push_back({std::string(as_text(frame.clear)), frame.rtp_timestamp, frame.block});
    changed_.notify_all();
  }
  bool wants_sound() const override { return wants_sound_; }
  void on_sound(const Sound& sound) override {
    const std::lock_guard lock(mutex_);
    heard_.push_back(
        {std::string(as_text(sound.clear)), static_cast<std::uint32_t>(sound.shown.count()), sound.block});
    changed_.notify_all();
  }
  bool wait_for_sounds(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 10s, [&] { return heard_.size() >= count; });
  }
  std::vector<Shown> heard() {
    const std::lock_guard lock(mutex_);
    return heard_;
  }
  std::atomic<bool> wants_sound_ = false;
  void on_skipped(std::uint64_t count) override {
    const std::lock_guard lock(mutex_);
    skipped_ += count;
  }
  void on_ended(keeper::EndReason reason) override {
    const std::lock_guard lock(mutex_);
    ended_ = reason;
    changed_.notify_all();
  }
  bool wait_for_frames(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 10s, [&] { return shown_.size() >= count; });
  }
  std::optional<keeper::EndReason> wait_for_end() {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, 10s, [&] { return ended_.has_value(); });
    return ended_;
  }
  void set_ready(bool ready) { ready_ = ready; }
  std::uint64_t skipped() {
    const std::lock_guard lock(mutex_);
    return skipped_;
  }
  std::vector<Shown> shown() {
    const std::lock_guard lock(mutex_);
    return shown_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Shown> shown_;
  std::vector<Shown> heard_;
  std::uint64_t skipped_ = 0;
  std::optional<keeper::EndReason> ended_;
  std::atomic<bool> ready_{true};
};

template <class ClockType>
class ViewingTestAt : public testing::Test {
 protected:
  void SetUp() override {
    std::array<io::Loop*, 2> loops{&first_.loop(), &second_.loop()};
    hub_ = std::make_unique<Hub>(loops, clock_, limits_, metrics_);
    home_ = &hub_->shard_of(label_.label.camera);
    other_ = hub_->shards()[0].get() == home_ ? hub_->shards()[1].get() : hub_->shards()[0].get();
    sealer_.emplace(make_sealer(days_));
  }
  void TearDown() override {
    if (viewing_) on(*at_, [this] { viewing_.reset(); });
    first_.stop_and_join();
    second_.stop_and_join();
  }

  seal::Sealer make_sealer(const Days& days) {
    return seal::Sealer(label_, std::make_unique<FixedKeys>(days), random_, 1000);
  }
  Days make_days(const seal::Label& label) { return Days(label, seal::day_of(clock_.utc()), random_); }

  template <class F>
  void on(Shard& shard, F work) {
    std::promise<void> done;
    shard.loop().post([&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }

  void publish_past_key(const std::string& text, Microseconds ago) {
    auto made =
        sealer_->seal(seal::BlockKind::Video, seal::kFlagRefersPastKey, clock_.utc() - ago, as_bytes(text))
            .value();
    on(*home_, [&] { home_->publish(std::move(made)); });
  }
  seal::BlockPtr block(seal::Sealer& sealer, const std::string& text, Microseconds ago, bool key) {
    return sealer
        .seal(seal::BlockKind::Video, key ? seal::kFlagKeyFrame : std::uint16_t{0}, clock_.utc() - ago,
              as_bytes(text))
        .value();
  }
  void publish(const std::string& text, Microseconds ago, bool key) {
    auto made = block(*sealer_, text, ago, key);
    on(*home_, [&] { home_->publish(std::move(made)); });
  }

  seal::OpenerKeysPtr keys_around(UtcTime when) {
    auto keys = seal::make_opener_keys(label_);
    const std::uint32_t epoch = seal::epoch_of(when);
    for (const std::uint32_t one : {epoch - 1, epoch, epoch + 1}) {
      if (auto derived = days_.epoch_key(StreamId::Main, one)) keys->keys.push_back(std::move(*derived));
    }
    return keys;
  }

  seal::BlockPtr sound(seal::Sealer& sealer, const std::string& text, Microseconds ago) {
    return sealer
        .seal(seal::BlockKind::Audio, seal::coding_flags(seal::AudioCoding::Pcmu), clock_.utc() - ago,
              as_bytes(text))
        .value();
  }
  void publish_sound(const std::string& text, Microseconds ago) {
    auto made = sound(*sealer_, text, ago);
    on(*home_, [&] { home_->publish(std::move(made)); });
  }
  void watch(Shard& at) {
    keeper::Grant grant;
    grant.viewing = ViewingId::random(random_);
    grant.label = label_.label;
    grant.lease_until = clock_.steady() + keeper::kLease;
    grant.openers.emplace(StreamId::Main, seal::Opener(label_, keys_around(clock_.utc())));
    at_ = &at;
    on(at, [&] {
      viewing_ = at.watch(*home_, StreamId::Main, std::move(grant), office_, sink_);
      viewing_->start();
    });
  }

  RingLimits limits_;
  ClockType clock_;
  crypto::SystemRandom random_;
  Metrics metrics_;
  seal::StreamLabel label_{{HomeId::random(random_), CameraId::random(random_), Tenure{1}}, StreamId::Main};
  io::LoopThread first_;
  io::LoopThread second_;
  std::unique_ptr<Hub> hub_;
  Shard* home_ = nullptr;
  Shard* other_ = nullptr;
  Shard* at_ = nullptr;
  Days days_ = make_days(label_.label);
  std::optional<seal::Sealer> sealer_;
  RecordingOffice office_;
  RecordingSink sink_;
  std::unique_ptr<Viewing> viewing_;
};

using ViewingTest = ViewingTestAt<SystemClock>;

TEST_F(ViewingTest, BeginsAtTheNewestKeyFrameAndWalksToLiveOnEitherShard) {
  publish("old key", 1000ms, true);
  publish("old", 960ms, false);
  publish("key", 800ms, true);
  for (int i = 1; i < 20; ++i) publish(fmt::format("p{}", i), 800ms - i * 40ms, false);
  watch(*other_);
  ASSERT_TRUE(sink_.wait_for_frames(20));
  publish("live", 0ms, false);
  ASSERT_TRUE(sink_.wait_for_frames(21));
  const auto shown = sink_.shown();
  EXPECT_EQ(shown[0].text, "key");
  EXPECT_EQ(shown[0].rtp_timestamp, 0U);
  for (int i = 1; i < 20; ++i) {
    EXPECT_EQ(shown[i].text, fmt::format("p{}", i));
    EXPECT_GT(shown[i].rtp_timestamp, shown[i - 1].rtp_timestamp);
  }
  EXPECT_EQ(shown[20].text, "live");
}

// An H.265 stream with open GOPs: what refers to pictures before the key frame it began at is left out, there
// alone.
TEST_F(ViewingTest, LeavesOutWhatRefersToBeforeItsFirstKeyFrame) {
  publish("before", 300ms, true);
  publish("key", 200ms, true);
  publish_past_key("refers to before", 160ms);
  publish("p", 120ms, false);
  watch(*other_);
  ASSERT_TRUE(sink_.wait_for_frames(2));
  publish("next key", 0ms, true);
  publish_past_key("refers to p", 0ms);
  publish("q", 0ms, false);
  ASSERT_TRUE(sink_.wait_for_frames(5));
  std::vector<std::string> texts;
  for (const auto& shown : sink_.shown()) texts.push_back(shown.text);
  EXPECT_EQ(texts, (std::vector<std::string>{"key", "p", "next key", "refers to p", "q"}));
}

TEST_F(ViewingTest, WithoutAPictureItWaitsForTheFirstKeyFrame) {
  watch(*home_);
  publish("no start", 0ms, false);
  publish("key", 0ms, true);
  ASSERT_TRUE(sink_.wait_for_frames(1));
  EXPECT_EQ(sink_.shown()[0].text, "key");
}

TEST_F(ViewingTest, WhatASinkIsNotReadyForStaysInTheRing) {
  publish("key", 0ms, true);
  watch(*home_);
  ASSERT_TRUE(sink_.wait_for_frames(1));
  on(*home_, [&] { sink_.set_ready(false); });
  for (int i = 0; i < 3; ++i) publish("waits", -1ms * (i + 1), false);
  publish("next", -500ms, true);
  EXPECT_EQ(sink_.shown().size(), 1U);
  EXPECT_EQ(office_.ends_, 0);
  // Not far behind: nothing is left out.
  on(*home_, [&] {
    sink_.set_ready(true);
    viewing_->pump();
  });
  ASSERT_TRUE(sink_.wait_for_frames(5));
  EXPECT_EQ(sink_.skipped(), 0U);
  on(*home_, [&] { sink_.set_ready(false); });
  for (int i = 0; i < 3; ++i) publish("missed", -600ms - i * 1ms, false);
  publish("newest", -3000ms, true);
  on(*home_, [&] {
    sink_.set_ready(true);
    viewing_->pump();
  });
  ASSERT_TRUE(sink_.wait_for_frames(6));
  EXPECT_EQ(sink_.shown()[5].text, "newest");
  EXPECT_EQ(sink_.skipped(), 3U);
}

TEST_F(ViewingTest, AnOldPictureIsNoStart) {
  publish("an hour old", 1h, true);
  watch(*home_);
  publish("now", 0ms, true);
  ASSERT_TRUE(sink_.wait_for_frames(1));
  EXPECT_EQ(sink_.shown()[0].text, "now");
}

TEST_F(ViewingTest, ABlockUnderAnotherKeyIsAnAlarmAndEndsIt) {
  publish("key", 0ms, true);
  watch(*other_);
  ASSERT_TRUE(sink_.wait_for_frames(1));
  // The same label on the outside, another home's key inside: what a confused cache could hand over.
  const Days strangers = make_days(label_.label);
  seal::Sealer stranger = make_sealer(strangers);
  auto wrong = block(stranger, "a stranger's picture", 0ms, true);
  on(*home_, [&] { home_->publish(std::move(wrong)); });
  EXPECT_EQ(sink_.wait_for_end(), keeper::EndReason::Refused);
  EXPECT_EQ(office_.refusal_.load(), seal::Refusal::WrongKey);
  EXPECT_EQ(sink_.shown().size(), 1U);
  // It is never tried again.
  publish("later", 0ms, true);
  on(*other_, [] {});
  EXPECT_EQ(sink_.shown().size(), 1U);
  EXPECT_EQ(office_.ends_.load(), 0);  // the refusal told the keeper
}

TEST_F(ViewingTest, ABlockOfAnotherCameraInTheRingIsRefusedAsWrongLabel) {
  publish("key", 0ms, true);
  watch(*home_);
  ASSERT_TRUE(sink_.wait_for_frames(1));
  seal::StreamLabel foreign = label_;
  foreign.label.camera = CameraId::random(random_);
  const Days days = make_days(foreign.label);
  seal::Sealer sealer(foreign, std::make_unique<FixedKeys>(days), random_, 5);
  auto wrong =
      sealer.seal(seal::BlockKind::Video, seal::kFlagKeyFrame, clock_.utc(), as_bytes("theirs")).value();
  // The cache mixes up whose ring it is: the mistake that this server is built against.
  on(*home_, [&] {
    const_cast<Ring&>(home_->join(*viewing_)).push(wrong);
    viewing_->pump();
  });
  EXPECT_EQ(sink_.wait_for_end(), keeper::EndReason::Refused);
  EXPECT_EQ(office_.refusal_.load(), seal::Refusal::WrongLabel);
}

TEST_F(ViewingTest, AReplayedBlockIsRefused) {
  auto key = block(*sealer_, "key", 0ms, true);
  on(*home_, [&] { home_->publish(key); });
  watch(*home_);
  ASSERT_TRUE(sink_.wait_for_frames(1));
  on(*home_, [&] { home_->publish(key); });
  EXPECT_EQ(sink_.wait_for_end(), keeper::EndReason::Refused);
  EXPECT_EQ(office_.refusal_.load(), seal::Refusal::Replayed);
}

TEST_F(ViewingTest, ARevokedViewingShowsNothingMore) {
  publish("key", 0ms, true);
  watch(*other_);
  ASSERT_TRUE(sink_.wait_for_frames(1));
  on(*other_, [&] { viewing_->end(keeper::EndReason::SignedOut); });
  EXPECT_EQ(sink_.wait_for_end(), keeper::EndReason::SignedOut);
  publish("later", 0ms, true);
  on(*other_, [] {});
  EXPECT_EQ(sink_.shown().size(), 1U);
  EXPECT_EQ(office_.frames_.load(), 1U);
}

TEST_F(ViewingTest, WhatWasShownCanBeOpenedAgainAndAKeyFrameWantedGoesBackToIt) {
  publish("key", 200ms, true);
  publish("p1", 160ms, false);
  watch(*home_);
  ASSERT_TRUE(sink_.wait_for_frames(2));
  const auto before = sink_.shown();
  on(*home_, [&] {
    const auto again = viewing_->reopen(before[1].block);
    ASSERT_TRUE(again);
    EXPECT_EQ(as_text(again->bytes()), "p1");
  });
  // Not in the first second: what was just sent may still arrive.
  on(*home_, [&] { viewing_->key_frame_wanted(); });
  EXPECT_EQ(sink_.shown().size(), 2U);
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (sink_.shown().size() < 4 && std::chrono::steady_clock::now() < deadline) {
    on(*home_, [&] { viewing_->key_frame_wanted(); });
  }
  ASSERT_TRUE(sink_.wait_for_frames(4));
  const auto shown = sink_.shown();
  EXPECT_EQ(shown[2].text, "key");
  EXPECT_EQ(shown[3].text, "p1");
  EXPECT_GT(shown[2].rtp_timestamp, shown[1].rtp_timestamp);
  EXPECT_FALSE(viewing_->has_ended());
}

// With 4095 blocks after it a key frame can be opened again, with 4096 not: that is no attack, so no alarm.
TEST_F(ViewingTest, AKeyFrameThatIsTooFarBackIsNotGoneBackTo) {
  constexpr std::size_t kWindow = 4096;
  publish("key", 0ms, true);
  watch(*home_);
  ASSERT_TRUE(sink_.wait_for_frames(1));
  const seal::BlockPtr key = sink_.shown()[0].block;
  for (std::size_t i = 0; i < kWindow; ++i) publish("p", 0ms, false);
  ASSERT_TRUE(sink_.wait_for_frames(kWindow + 1));
  const auto second_later = clock_.steady() + 1100ms;  // sooner, nothing is gone back to at all
  while (clock_.steady() < second_later) std::this_thread::yield();
  on(*home_, [&] {
    viewing_->key_frame_wanted();
    EXPECT_FALSE(viewing_->reopen(key));
    EXPECT_FALSE(viewing_->has_ended());
  });
  EXPECT_EQ(office_.refusal_.load(), std::nullopt);
  publish("next key", 0ms, true);
  ASSERT_TRUE(sink_.wait_for_frames(kWindow + 2));
  EXPECT_EQ(sink_.shown().back().text, "next key");
}

TEST_F(ViewingTest, SoundIsHeardWhenPicturesAreLiveAndAtTheirTime) {
  sink_.wants_sound_ = true;
  publish("key", 800ms, true);
  publish_sound("old sound", 780ms);
  for (int i = 1; i < 20; ++i) publish(fmt::format("p{}", i), 800ms - i * 40ms, false);
  watch(*other_);
  ASSERT_TRUE(sink_.wait_for_frames(20));
  on(*other_, [this] { viewing_->pump(); });  // has caught up by now
  const auto now = clock_.utc();
  auto picture = sealer_->seal(seal::BlockKind::Video, 0, now, as_bytes("live")).value();
  auto heard_with_it = sealer_
                           ->seal(seal::BlockKind::Audio, seal::coding_flags(seal::AudioCoding::Pcmu),
                                  now + 15ms, as_bytes("live sound"))
                           .value();
  on(*home_, [&] {
    home_->publish(std::move(picture));
    home_->publish(std::move(heard_with_it));
  });
  ASSERT_TRUE(sink_.wait_for_sounds(1));
  ASSERT_EQ(sink_.heard().size(), 1U);
  EXPECT_EQ(sink_.heard()[0].text, "live sound");
  EXPECT_EQ(sink_.shown().size(), 21U) << "sound is no picture";
  EXPECT_NEAR(sink_.heard()[0].rtp_timestamp, sink_.shown().back().rtp_timestamp * 100.0 / 9 + 15'000, 50);
}

TEST_F(ViewingTest, SoundThatNobodyWantsStaysClosed) {
  publish("key", 0ms, true);
  watch(*home_);
  ASSERT_TRUE(sink_.wait_for_frames(1));
  publish_sound("sound", 0ms);
  publish("p1", 0ms, false);
  ASSERT_TRUE(sink_.wait_for_frames(2));
  EXPECT_TRUE(sink_.heard().empty());
  EXPECT_FALSE(viewing_->has_ended());
}

TEST_F(ViewingTest, AStrangersSoundIsAnAlarmAndEndsIt) {
  sink_.wants_sound_ = true;
  publish("key", 0ms, true);
  watch(*other_);
  ASSERT_TRUE(sink_.wait_for_frames(1));
  const Days strangers = make_days(label_.label);
  seal::Sealer stranger = make_sealer(strangers);
  auto wrong = sound(stranger, "a stranger's voice", 0ms);
  on(*home_, [&] { home_->publish(std::move(wrong)); });
  EXPECT_EQ(sink_.wait_for_end(), keeper::EndReason::Refused);
  EXPECT_EQ(office_.refusal_.load(), seal::Refusal::WrongKey);
  EXPECT_TRUE(sink_.heard().empty());
}

TEST_F(ViewingTest, GoingBackToAKeyFrameRepeatsNoSound) {
  sink_.wants_sound_ = true;
  publish("key", 60ms, true);
  watch(*home_);
  ASSERT_TRUE(sink_.wait_for_frames(1));
  publish_sound("sound", 40ms);
  publish("p1", 20ms, false);
  ASSERT_TRUE(sink_.wait_for_frames(2));
  ASSERT_TRUE(sink_.wait_for_sounds(1));
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (sink_.shown().size() < 4 && std::chrono::steady_clock::now() < deadline) {
    on(*home_, [&] { viewing_->key_frame_wanted(); });
  }
  ASSERT_TRUE(sink_.wait_for_frames(4));
  publish("p2", 0ms, false);
  publish_sound("more", 0ms);
  ASSERT_TRUE(sink_.wait_for_sounds(2));
  EXPECT_EQ(sink_.heard()[1].text, "more");
  EXPECT_FALSE(viewing_->has_ended());
}

TEST_F(ViewingTest, SoundAloneMakesAnOldPictureNoStart) {
  publish("old", 20s, true);
  publish_sound("new sound", 0ms);
  watch(*home_);
  publish("now", 0ms, true);
  ASSERT_TRUE(sink_.wait_for_frames(1));
  EXPECT_EQ(sink_.shown()[0].text, "now");
}

TEST_F(ViewingTest, TheLoopThatFeedsAStreamIsToldWhenSomebodyBeginsToWatchIt) {
  std::vector<seal::StreamLabel> told;
  on(*home_, [&] { home_->on_watched([&](const seal::StreamLabel& label) { told.push_back(label); }); });
  const auto is_watched = [&] {
    bool is = false;
    on(*home_, [&] { is = home_->is_watched(label_); });
    return is;
  };
  watch(*home_);
  EXPECT_TRUE(is_watched());
  on(*home_, [&] { EXPECT_EQ(told, std::vector{label_}); });
  on(*home_, [&] { viewing_.reset(); });
  EXPECT_FALSE(is_watched());
  watch(*other_);
  EXPECT_TRUE(is_watched());
  on(*home_, [&] { EXPECT_EQ(told, (std::vector{label_, label_})) << "a copy begins to watch as well"; });
  on(*other_, [&] { viewing_.reset(); });
  for (int sweep = 0; sweep < 5 && is_watched(); ++sweep) {
    hub_->sweep();
    on(*other_, [] {});
  }
  EXPECT_FALSE(is_watched()) << "a copy that nobody watches is given back";
  on(*home_, [&] { home_->on_watched({}); });
}

TEST_F(ViewingTest, ForgettingATenureClearsItsRingsEverywhere) {
  publish("key", 0ms, true);
  watch(*other_);
  ASSERT_TRUE(sink_.wait_for_frames(1));
  const auto sweep = [this] {
    for (Shard* shard : {home_, other_}) on(*shard, [&] { shard->sweep(); });
    return metrics_.gauge("jalousie_stream_ring_bytes", "").value();
  };
  std::size_t bytes = 0;
  on(*home_, [&] { bytes = home_->size().bytes; });
  EXPECT_EQ(sweep(), bytes) << "a copy shares its blocks";
  hub_->forget(label_.label);
  for (Shard* shard : {home_, other_}) on(*shard, [] {});
  EXPECT_EQ(sweep(), 0);
  for (const auto& shard : hub_->shards()) {
    on(*shard, [&] { EXPECT_EQ(shard->size().bytes, 0U); });
  }
}

class HomeMemoryViewingTest : public ViewingTestAt<FakeClock> {
 protected:
  HomeMemoryViewingTest() { limits_.home_bytes = 10'000; }
  std::size_t bytes_at(Shard& shard) {
    std::size_t bytes = 0;
    on(shard, [&] { bytes = shard.size().bytes; });
    return bytes;
  }
};

TEST_F(HomeMemoryViewingTest, ACopyDoesNotCountTwiceAndLetsGoWithItsRing) {
  const std::string kilobyte(1000, 'x');
  publish("key", 0ms, true);
  watch(*other_);
  ASSERT_TRUE(sink_.wait_for_frames(1));
  for (int i = 0; i < 6; ++i) publish(kilobyte, 0ms, false);
  ASSERT_TRUE(sink_.wait_for_frames(7));
  // Twice 7 kB, and still below 7/8 of the bound.
  EXPECT_GT(bytes_at(*home_), 6000U);
  EXPECT_EQ(bytes_at(*other_), bytes_at(*home_));
  // A new key frame makes all of that spare; it goes when memory is short, from the copy, too.
  publish("second key", 0ms, true);
  for (int i = 0; i < 2; ++i) publish(kilobyte, 0ms, false);
  EXPECT_LT(bytes_at(*home_), 4000U);
  EXPECT_EQ(bytes_at(*other_), bytes_at(*home_));
  // And all goes, where there is no key frame for as long as the memory lasts.
  for (int i = 0; i < 10; ++i) publish(kilobyte, 0ms, false);
  EXPECT_LT(bytes_at(*home_), 8000U);
  EXPECT_EQ(bytes_at(*other_), bytes_at(*home_));
  const auto before = sink_.shown().size();
  publish("third key", 0ms, true);
  ASSERT_TRUE(sink_.wait_for_frames(before + 1));
  EXPECT_EQ(sink_.shown().back().text, "third key");
  EXPECT_FALSE(viewing_->has_ended());
}

/// The wall clock is set while somebody watches: pictures come in an epoch that the opener has no key for.
class ClockStepTest : public ViewingTestAt<FakeClock> {
 protected:
  void begin() {
    publish("before", 0ms, true);
    watch(*home_);
    ASSERT_EQ(texts(), std::vector<std::string>{"before"});
  }
  std::vector<std::string> texts() {
    std::vector<std::string> found;
    for (const auto& one : sink_.shown()) found.push_back(one.text);
    return found;
  }
  /// What the keeper says to all that it was asked: keys for the epochs around `when`.
  void answer(UtcTime when) {
    on(*home_, [&] {
      for (auto& answer : office_.take_asked()) {
        keeper::Renewal renewal;
        renewal.lease_until = clock_.steady() + keeper::kLease;
        renewal.keys.emplace(StreamId::Main, keys_around(when));
        answer(std::move(renewal));
      }
    });
  }
  bool has_ended() {
    bool ended = false;
    on(*home_, [&] { ended = viewing_->has_ended(); });
    return ended;
  }
};

TEST_F(ClockStepTest, ItHoldsAsksForTheKeysOnceAndGoesOnWithEveryPicture) {
  begin();
  std::vector<std::string> expected{"before"};
  int asked = 0;
  for (const Microseconds step :
       {Microseconds(25min), Microseconds(1h), Microseconds(-1h), Microseconds(-3h)}) {
    clock_.advance(Seconds(1));
    clock_.step_utc(step);
    for (const char* text : {"key", "p1", "p2"}) publish(text, 0ms, std::string_view(text) == "key");
    EXPECT_EQ(texts(), expected);
    EXPECT_EQ(office_.renewals_.load(), ++asked);
    answer(clock_.utc());
    expected.insert(expected.end(), {"key", "p1", "p2"});
    EXPECT_EQ(texts(), expected);
    publish("live", 0ms, false);
    expected.emplace_back("live");
    EXPECT_EQ(texts(), expected);
  }
  EXPECT_FALSE(has_ended());
  EXPECT_EQ(office_.refusal_.load(), std::nullopt);
}

TEST_F(ClockStepTest, ARenewalThatDoesNotBringTheKeyEndsItWithAnAlarmAfterTenSeconds) {
  begin();
  const UtcTime before = clock_.utc();
  clock_.step_utc(1h);
  publish("key", 0ms, true);
  answer(before);
  publish("p1", 0ms, false);
  EXPECT_EQ(office_.renewals_.load(), 1) << "not twice within a second";
  for (int second = 1; second < 10; ++second) {
    clock_.advance(Seconds(1));
    publish("p", 0ms, false);
    EXPECT_EQ(office_.renewals_.load(), 1 + second);
    answer(before);
    ASSERT_FALSE(has_ended()) << second;
  }
  clock_.advance(Seconds(1));
  publish("p", 0ms, false);
  EXPECT_EQ(sink_.wait_for_end(), keeper::EndReason::Refused);
  EXPECT_EQ(office_.refusal_.load(), seal::Refusal::WrongKey);
  EXPECT_EQ(texts(), std::vector<std::string>{"before"});
}

TEST_F(ClockStepTest, AKeeperThatDoesNotAnswerIsAskedOnceAndIsNoAlarm) {
  begin();
  clock_.step_utc(-1h);
  for (int second = 0; second < 30; ++second) {
    publish("key", 0ms, true);
    clock_.advance(Seconds(1));
  }
  EXPECT_EQ(office_.renewals_.load(), 1);
  EXPECT_FALSE(has_ended());
  EXPECT_EQ(texts(), std::vector<std::string>{"before"});
  answer(clock_.utc());
  EXPECT_GT(texts().size(), 1U);
  EXPECT_EQ(office_.refusal_.load(), std::nullopt);
}

TEST_F(ClockStepTest, ARightThatIsGoneEndsItWhileItHolds) {
  begin();
  clock_.step_utc(1h);
  publish("key", 0ms, true);
  on(*home_, [&] {
    for (auto& answer : office_.take_asked()) answer(fail(ErrorKind::NotFound, "There is no such viewing."));
  });
  EXPECT_EQ(sink_.wait_for_end(), keeper::EndReason::RightsChanged);
  EXPECT_EQ(office_.refusal_.load(), std::nullopt);
}

TEST_F(ClockStepTest, NoOtherBlockGoesInThePlaceOfTheOneThatItWaitsFor) {
  begin();
  // Of its own label, and of an epoch that no keeper has keys for.
  auto strange = block(*sealer_, "of another day", -20h, true);
  on(*home_, [&] { home_->publish(strange); });
  for (int second = 0; second <= 10; ++second) {
    EXPECT_EQ(texts(), std::vector<std::string>{"before"});
    clock_.advance(Seconds(1));
    answer(clock_.utc());
    for (int i = 0; i < 4; ++i) publish("key", 0ms, true);  // until the ring has let go of it
  }
  EXPECT_EQ(sink_.wait_for_end(), keeper::EndReason::Refused);
  EXPECT_EQ(office_.refusal_.load(), seal::Refusal::WrongKey);
  EXPECT_EQ(texts(), std::vector<std::string>{"before"});
}

TEST_F(ClockStepTest, AWrongLabelIsRefusedAtOnceInAnyEpoch) {
  begin();
  seal::StreamLabel foreign = label_;
  foreign.label.home = HomeId::random(random_);
  const Days days = make_days(foreign.label);
  seal::Sealer sealer(foreign, std::make_unique<FixedKeys>(days), random_, 5);
  auto wrong = block(sealer, "theirs", -1h, true);
  on(*home_, [&] {
    const_cast<Ring&>(home_->join(*viewing_)).push(wrong);
    viewing_->pump();
  });
  EXPECT_EQ(sink_.wait_for_end(), keeper::EndReason::Refused);
  EXPECT_EQ(office_.refusal_.load(), seal::Refusal::WrongLabel);
  EXPECT_EQ(office_.renewals_.load(), 0);
}

TEST_F(ClockStepTest, AWrongKeyOfAHeldEpochIsRefusedAtOnceThoughARenewalIsDue) {
  begin();
  clock_.step_utc(1h);
  publish("key", 0ms, true);
  const Days strangers = make_days(label_.label);
  seal::Sealer stranger = make_sealer(strangers);
  auto wrong = block(stranger, "a stranger's picture", 0ms, true);
  on(*home_, [&] { home_->publish(std::move(wrong)); });
  EXPECT_FALSE(has_ended());
  answer(clock_.utc());
  EXPECT_EQ(sink_.wait_for_end(), keeper::EndReason::Refused);
  EXPECT_EQ(office_.refusal_.load(), seal::Refusal::WrongKey);
  EXPECT_EQ(texts(), (std::vector<std::string>{"before", "key"}));
}

TEST_F(ClockStepTest, WhatWasShownUnderKeysThatAreGoneIsNotRepairedAndNoAlarm) {
  begin();
  const auto before = sink_.shown()[0].block;
  clock_.step_utc(1h);
  publish("key", 0ms, true);
  answer(clock_.utc());
  on(*home_, [&] { EXPECT_FALSE(viewing_->reopen(before)); });
  EXPECT_FALSE(has_ended());
  EXPECT_EQ(office_.refusal_.load(), std::nullopt);
}

}  // namespace
}  // namespace jalousie::stream
