// One look over real loops, sealers and openers: what comes out, for whom it does not, and that a wrong block
// is an alarm.
#include "stream/glimpse.h"

#include <gtest/gtest.h>

#include "crypto/system_random.h"
#include "io/loop_thread.h"
#include "stream/fixture.h"
#include "stream/hub.h"

namespace jalousie::stream {
namespace {

using namespace std::chrono_literals;

class GlimpseTest : public testing::Test {
 protected:
  void SetUp() override {
    std::array<io::Loop*, 2> loops{&first_.loop(), &second_.loop()};
    hub_ = std::make_unique<Hub>(loops, clock_, RingLimits{}, metrics_);
    home_ = &hub_->shard_of(label_.label.camera);
    sealer_.emplace(make_sealer(label_, days_));
  }
  // Both before either goes: one may still be returning from a post to the other.
  ~GlimpseTest() override {
    first_.stop_and_join();
    second_.stop_and_join();
  }

  seal::Sealer make_sealer(const seal::StreamLabel& label, const Days& days) {
    return {label, std::make_unique<FixedKeys>(days), random_, 1000};
  }
  Days make_days(const seal::Label& label) { return {label, seal::day_of(clock_.utc()), random_}; }

  seal::BlockPtr block(seal::Sealer& sealer, const std::string& text, Microseconds ago, std::uint16_t flags) {
    return sealer.seal(seal::BlockKind::Video, flags, clock_.utc() - ago, as_bytes(text)).value();
  }
  void push(seal::BlockPtr block) {
    io::run_and_wait(home_->loop(), [](Shard& home, seal::BlockPtr one) -> io::Task<> {
      home.publish(std::move(one));
      co_return;
    }(*home_, std::move(block)));
  }
  void publish(const std::string& text, Microseconds ago, std::uint16_t flags = 0) {
    push(block(*sealer_, text, ago, flags));
  }

  keeper::Grant grant() {
    keeper::Grant made;
    made.viewing = ViewingId::random(random_);
    made.label = label_.label;
    made.lease_until = clock_.steady() + keeper::kLease;
    auto keys = seal::make_opener_keys(label_);
    const std::uint32_t epoch = seal::epoch_of(clock_.utc());
    for (const std::uint32_t one : {epoch - 1, epoch, epoch + 1}) {
      if (auto derived = days_.epoch_key(StreamId::Main, one)) keys->keys.push_back(std::move(*derived));
    }
    made.openers.emplace(StreamId::Main, seal::Opener(label_, std::move(keys)));
    return made;
  }
  void begin() { glimpse_ = std::make_unique<Glimpse>(*home_, clock_, StreamId::Main, grant(), office_); }
  Result<> look() {
    const Glimpse::Take take = [this](const seal::BlockHeader&, ByteView clear) {
      seen_.emplace_back(as_text(clear));
      return seen_.size() < enough_;
    };
    return io::run_and_wait(second_.loop(), glimpse_->look(take));
  }

  FakeClock clock_;
  crypto::SystemRandom random_;
  Metrics metrics_;
  seal::StreamLabel label_{{HomeId::random(random_), CameraId::random(random_), Tenure{1}}, StreamId::Main};
  io::LoopThread first_;
  io::LoopThread second_;
  std::unique_ptr<Hub> hub_;
  Shard* home_ = nullptr;
  Days days_ = make_days(label_.label);
  std::optional<seal::Sealer> sealer_;
  RecordingOffice office_;
  std::unique_ptr<Glimpse> glimpse_;
  std::vector<std::string> seen_;
  std::size_t enough_ = 100;
};

TEST_F(GlimpseTest, OpensFromTheNewestKeyFrameToTheNewestPictureAndTellsTheKeeper) {
  publish("old key", 900ms, seal::kFlagKeyFrame);
  publish("old", 800ms);
  publish("key", 700ms, seal::kFlagKeyFrame);
  publish("p1", 600ms);
  publish("p2", 0ms);
  begin();
  ASSERT_TRUE(look());
  EXPECT_EQ(seen_, (std::vector<std::string>{"key", "p1", "p2"}));
  EXPECT_FALSE(glimpse_->objection());
  glimpse_.reset();
  EXPECT_EQ(office_.ends_.load(), 1);
  EXPECT_EQ(office_.frames_.load(), 3U);
}

TEST_F(GlimpseTest, StopsWhenItIsEnoughAndBeforeAHole) {
  publish("key", 500ms, seal::kFlagKeyFrame);
  publish("p1", 400ms);
  publish("behind the hole", 0ms, seal::kFlagGap);
  begin();
  ASSERT_TRUE(look());
  EXPECT_EQ(seen_, (std::vector<std::string>{"key", "p1"}));
  seen_.clear();
  enough_ = 1;
  begin();
  ASSERT_TRUE(look());
  EXPECT_EQ(seen_, (std::vector<std::string>{"key"}));
}

TEST_F(GlimpseTest, LeavesOutWhatRefersToPicturesBeforeTheKeyFrame) {
  publish("key", 500ms, seal::kFlagKeyFrame);
  publish("leading", 400ms, seal::kFlagRefersPastKey);
  publish("p1", 0ms);
  begin();
  ASSERT_TRUE(look());
  EXPECT_EQ(seen_, (std::vector<std::string>{"key", "p1"}));
}

TEST_F(GlimpseTest, WithoutAPictureOrWithAnOldOneThereIsNone) {
  begin();
  EXPECT_EQ(look().error().kind(), ErrorKind::Unavailable);
  publish("an old one", 1h, seal::kFlagKeyFrame);
  begin();
  EXPECT_EQ(look().error().kind(), ErrorKind::Unavailable);
  EXPECT_TRUE(seen_.empty());
}

TEST_F(GlimpseTest, SoundAloneMakesAnOldPictureNoStill) {
  publish("an old one", 20s, seal::kFlagKeyFrame);
  push(sealer_->seal(seal::BlockKind::Audio, 0, clock_.utc(), as_bytes("new sound")).value());
  begin();
  EXPECT_EQ(look().error().kind(), ErrorKind::Unavailable);
  EXPECT_TRUE(seen_.empty());
}

TEST_F(GlimpseTest, ABlockUnderAnotherKeyIsAnAlarmAndEndsIt) {
  publish("key", 100ms, seal::kFlagKeyFrame);
  const Days strangers = make_days(label_.label);
  seal::Sealer stranger = make_sealer(label_, strangers);
  push(block(stranger, "a stranger's picture", 0ms, 0));
  begin();
  EXPECT_EQ(look().error().kind(), ErrorKind::Unavailable);
  EXPECT_EQ(seen_, (std::vector<std::string>{"key"}));
  EXPECT_TRUE(glimpse_->objection());
  EXPECT_EQ(office_.refusal_.load(), seal::Refusal::WrongKey);
  glimpse_.reset();
  EXPECT_EQ(office_.ends_.load(), 0);  // the refusal told the keeper
}

// The wall clock was set back after the camera's pictures were sealed.
TEST_F(GlimpseTest, AnEpochThatNoGrantHasIsCountedAndAfterAWhileRefused) {
  publish("key", 0ms, seal::kFlagKeyFrame);
  clock_.step_utc(-1h);
  begin();
  EXPECT_EQ(look().error().kind(), ErrorKind::Unavailable);
  EXPECT_FALSE(glimpse_->objection());
  EXPECT_EQ(office_.refusal_.load(), std::nullopt);
  EXPECT_EQ(metrics_.counter("jalousie_stream_glimpses_without_key_total", "").value(), 1);
  clock_.advance(11s);
  begin();
  EXPECT_EQ(look().error().kind(), ErrorKind::Unavailable);
  EXPECT_TRUE(glimpse_->objection());
  EXPECT_EQ(office_.refusal_.load(), seal::Refusal::WrongKey);
  EXPECT_EQ(metrics_.counter("jalousie_stream_glimpses_without_key_total", "").value(), 2);
  // Its next key frame is of an epoch that grants have.
  publish("new key", 0ms, seal::kFlagKeyFrame);
  begin();
  ASSERT_TRUE(look());
  EXPECT_EQ(seen_, (std::vector<std::string>{"new key"}));
}

TEST_F(GlimpseTest, ARevocationEndsItAndSaysNoMoreThanThatThereIsNothing) {
  publish("key", 0ms, seal::kFlagKeyFrame);
  begin();
  glimpse_->end(keeper::EndReason::RightsChanged);
  EXPECT_EQ(look().error().kind(), ErrorKind::NotFound);
  EXPECT_TRUE(seen_.empty());
  begin();
  ASSERT_TRUE(look());
  glimpse_->end(keeper::EndReason::PrivacyOn);
  EXPECT_EQ(glimpse_->objection()->kind(), ErrorKind::FailedPrecondition);
  EXPECT_EQ(office_.refusal_.load(), std::nullopt);  // wiped keys are no alarm
  EXPECT_EQ(office_.ends_.load(), 2);
}

TEST_F(GlimpseTest, ALeaseThatRanOutIsAnObjection) {
  publish("key", 0ms, seal::kFlagKeyFrame);
  keeper::Grant late = grant();
  late.lease_until = clock_.steady();
  glimpse_ = std::make_unique<Glimpse>(*home_, clock_, StreamId::Main, std::move(late), office_);
  EXPECT_EQ(look().error().kind(), ErrorKind::Unavailable);
  EXPECT_TRUE(seen_.empty());
}

}  // namespace
}  // namespace jalousie::stream
