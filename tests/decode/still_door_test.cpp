// The door of stills over real rings, keys and children: whose picture it shows, and when it shows none.
#include "deliver/still_door.h"

#include <future>

#include "base/limits.h"
#include "footage.h"
#include "stream/fixture.h"

namespace jalousie::deliver {
namespace {

using namespace std::chrono_literals;

/// A home with a camera of its own.
struct House {
  explicit House(RandomSource& random, UtcTime now)
      : label{{HomeId::random(random), CameraId::random(random), Tenure{1}}, StreamId::Main},
        days(label.label, seal::day_of(now), random) {}
  seal::StreamLabel label;
  stream::Days days;
};

class StillDoorTest : public testing::Test {
 protected:
  StillDoorTest() {
    std::array<io::Loop*, 2> loops{&first_.loop(), &second_.loop()};
    hub_ = std::make_unique<stream::Hub>(loops, clock_, stream::RingLimits{}, metrics_);
    decoders_ = std::make_unique<decode::Decoders>(
        loops, decode::Decoders::Parts{workers_, clock_, random_, metrics_, MISBEHAVING});
    door_ = std::make_unique<StillDoor>(StillDoor::Parts{
        .hub = *hub_,
        .workers = workers_,
        .office = office_,
        .ask_grant = [this](const keeper::GrantRequest& request,
                            keeper::RevokedCall revoked) { return grant(request, std::move(revoked)); },
        .decoders = *decoders_,
        .clock = clock_,
        .metrics = metrics_});
  }
  ~StillDoorTest() override {
    decoders_->close();
    first_.stop_and_join();
    second_.stop_and_join();
  }

  Result<keeper::Grant> grant(const keeper::GrantRequest& request, keeper::RevokedCall revoked) {
    const std::lock_guard lock(mutex_);
    doors_.emplace_back(request.door);
    if (trouble_) return std::unexpected(*trouble_);
    const auto found =
        std::ranges::find(houses_, request.camera, [](const auto& one) { return one->label.label.camera; });
    if (found == houses_.end()) return fail(ErrorKind::NotFound, "There is no such camera.");
    House& house = **found;
    keeper::Grant made;
    made.viewing = ViewingId::random(random_);
    made.label = house.label.label;
    made.lease_until = clock_.steady() + keeper::kLease;
    auto keys = seal::make_opener_keys(house.label);
    const std::uint32_t epoch = seal::epoch_of(clock_.utc());
    for (const std::uint32_t one : {epoch - 1, epoch, epoch + 1}) {
      if (auto derived = house.days.epoch_key(StreamId::Main, one)) keys->keys.push_back(std::move(*derived));
    }
    made.openers.emplace(StreamId::Main, seal::Opener(house.label, std::move(keys)));
    revoked_.push_back(std::move(revoked));
    return made;
  }
  void revoke(keeper::EndReason reason) {
    const std::lock_guard lock(mutex_);
    for (auto& call : revoked_) call(reason);
    revoked_.clear();
  }

  House& add_house() {
    houses_.push_back(std::make_unique<House>(random_, clock_.utc()));
    return *houses_.back();
  }
  /// Sealed as `house`'s, into the ring that `at` names.
  void publish(House& house, const std::vector<Buffer>& units, std::uint16_t coding = 0) {
    seal::Sealer sealer(house.label, std::make_unique<stream::FixedKeys>(house.days), random_, 1000);
    for (std::size_t i = 0; i < units.size(); ++i) {
      const auto ago = Milliseconds(40) * (units.size() - 1 - i);
      push(sealer
               .seal(seal::BlockKind::Video,
                     static_cast<std::uint16_t>(coding | (i == 0 ? seal::kFlagKeyFrame : 0)),
                     clock_.utc() - ago, units[i])
               .value());
    }
  }
  void push(seal::BlockPtr block) {
    stream::Shard& home = hub_->shard_of(block->header().label.label.camera);
    io::run_and_wait(home.loop(), [](stream::Shard& at, seal::BlockPtr one) -> io::Task<> {
      at.publish(std::move(one));
      co_return;
    }(home, std::move(block)));
  }
  std::expected<Still, NoStill> still(const House& house, std::uint16_t width = 0) {
    return io::run_and_wait(second_.loop(), door_->still(who_, house.label.label.camera, width));
  }
  void expect_shows(const House& house, const identity::Identity& who) {
    const auto made = still(house);
    ASSERT_TRUE(made) << made.error().error.message();
    const auto decoded = identity::decode_picture(made->jpeg.view());
    ASSERT_TRUE(decoded);
    const auto found = identity::identities_in(identity::read_identity(decoded->view()));
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].identity, who);
    EXPECT_LT(clock_.utc() - made->capture, 60s);
  }

  SystemClock clock_;
  crypto::SystemRandom random_;
  Metrics metrics_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<House>> houses_;
  std::vector<keeper::RevokedCall> revoked_;
  std::vector<std::string> doors_;
  std::optional<Error> trouble_;  // of the keeper
  keeper::Principal who_{AccountId::random(random_), SessionId::random(random_)};
  stream::RecordingOffice office_;
  io::LoopThread first_;
  io::LoopThread second_;
  io::Workers workers_{2};
  std::unique_ptr<stream::Hub> hub_;
  std::unique_ptr<decode::Decoders> decoders_;
  std::unique_ptr<StillDoor> door_;
};

TEST_F(StillDoorTest, ShowsEachHomeItsOwnNewestPicture) {
  House& birch = add_house();
  House& harbour = add_house();
  publish(birch, decode::film({1, 11, 1}, 10));
  publish(harbour, decode::film({2, 21, 1}, 10));
  for (int round = 0; round < 2; ++round) {
    expect_shows(birch, {1, 11, 1});
    expect_shows(harbour, {2, 21, 1});
  }
  EXPECT_EQ(doors_, std::vector<std::string>(4, "still"));
  EXPECT_EQ(office_.ends_.load(), 4);
  EXPECT_EQ(office_.frames_.load(), 10U);
}

TEST_F(StillDoorTest, WithoutAGrantNoChildIsEvenStarted) {
  House& birch = add_house();
  publish(birch, decode::film({1, 11, 1}, 1));
  House other(random_, clock_.utc());
  EXPECT_EQ(still(other).error().error.kind(), ErrorKind::NotFound);
  EXPECT_EQ(metrics_.counter("jalousie_decode_children_started_total", "").value(), 0);
}

TEST_F(StillDoorTest, WithoutAPictureThereIsNoneOfAnybodyElse) {
  House& birch = add_house();
  House& harbour = add_house();
  publish(harbour, decode::film({2, 21, 1}, 1));
  EXPECT_EQ(still(birch).error().error.kind(), ErrorKind::Unavailable);
  publish(birch, {Buffer(500, 0xAB)});
  EXPECT_EQ(still(birch).error().error.kind(), ErrorKind::DataLoss);
  expect_shows(harbour, {2, 21, 1});
}

TEST_F(StillDoorTest, TheDecoderIsToldHowThePictureIsCoded) {
  House& birch = add_house();
  publish(birch, decode::film({1, 11, 1}, 1));
  const auto made = still(birch);
  ASSERT_TRUE(made);
  const ByteView jpeg = made->jpeg.view();
  House& harbour = add_house();  // whose camera sends the same, as Motion JPEG
  publish(harbour, {Buffer(jpeg.begin(), jpeg.end())}, seal::coding_flags(seal::VideoCoding::Jpeg));
  expect_shows(harbour, {1, 11, 1});
}

TEST_F(StillDoorTest, WhatIsCodedOtherwiseThanTheKeyFrameIsNotTakenWithIt) {
  House& birch = add_house();
  const auto units = decode::film({1, 11, 1}, 2);
  seal::Sealer sealer(birch.label, std::make_unique<stream::FixedKeys>(birch.days), random_, 1000);
  const auto at = clock_.utc() - 1s;
  push(sealer.seal(seal::BlockKind::Video, seal::kFlagKeyFrame, at, units[0]).value());
  push(sealer.seal(seal::BlockKind::Video, seal::coding_flags(seal::VideoCoding::H265), at + 40ms, units[1])
           .value());
  const auto made = still(birch);
  ASSERT_TRUE(made) << made.error().error.message();
  EXPECT_EQ(made->capture, at);
}

TEST_F(StillDoorTest, OfACodingThatIsNotKnownThereIsNoPictureAndItIsSaid) {
  House& birch = add_house();
  publish(birch, decode::film({1, 11, 1}, 1), 7 << 8);
  const auto made = still(birch);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().error.kind(), ErrorKind::Unavailable);
  EXPECT_NE(made.error().error.message().find("coded"), std::string::npos);
  EXPECT_EQ(metrics_.counter("jalousie_decode_children_started_total", "").value(), 0);
}

TEST_F(StillDoorTest, SaysWhetherTheRightWasGivenWhereThereIsNoPicture) {
  House& birch = add_house();
  EXPECT_EQ(still(birch).error().granted, birch.label.label);
  for (const auto kind : {ErrorKind::Unavailable, ErrorKind::DataLoss}) {
    trouble_ = Error(kind, "the registry cannot be read");
    const auto none = still(birch);
    EXPECT_EQ(none.error().error.kind(), kind);
    EXPECT_FALSE(none.error().granted);
  }
}

TEST_F(StillDoorTest, AnotherHomesBlockInTheRingIsAnAlarmAndNoPicture) {
  House& birch = add_house();
  // What a confused cache could hand over: a stranger's picture under birch's name.
  House stranger(random_, clock_.utc());
  stranger.label = birch.label;
  stranger.days = stream::Days(birch.label.label, seal::day_of(clock_.utc()), random_);
  publish(stranger, decode::film({2, 21, 1}, 3));
  EXPECT_EQ(still(birch).error().error.kind(), ErrorKind::Unavailable);
  EXPECT_EQ(office_.refusal_.load(), seal::Refusal::WrongKey);
  EXPECT_EQ(metrics_.counter("jalousie_decode_children_started_total", "").value(), 0);
}

TEST_F(StillDoorTest, ARevocationWhileItIsDecodedLeavesNoPicture) {
  House& birch = add_house();
  const std::string_view slow = "misbehave:slow";
  const auto bytes = as_bytes(slow);
  publish(birch, {Buffer(bytes.begin(), bytes.end())});
  auto answer = std::async(std::launch::async, [&] { return still(birch); });
  // The child runs: the request is behind its glimpse. What it answers, in 3 s, is a picture.
  const auto deadline = clock_.steady() + 60s;
  while (metrics_.gauge("jalousie_decode_children", "").value() == 0 && clock_.steady() < deadline)
    std::this_thread::yield();
  revoke(keeper::EndReason::RightsChanged);
  const auto made = answer.get();
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().error.kind(), ErrorKind::NotFound);
  EXPECT_FALSE(made.error().granted);
  EXPECT_EQ(metrics_.counter("jalousie_decode_requests_total", "", {{"outcome", "picture"}}).value(), 1);
  EXPECT_EQ(office_.ends_.load(), 1);
}

TEST_F(StillDoorTest, ASessionHasABudgetAndNobodyElsePaysForIt) {
  House& birch = add_house();
  const std::string_view slow = "misbehave:slow";
  const auto bytes = as_bytes(slow);
  publish(birch, {Buffer(bytes.begin(), bytes.end())});
  std::vector<std::future<std::expected<Still, NoStill>>> answers;
  for (std::size_t i = 0; i <= limits::kStillsAtOncePerSession; ++i)
    answers.push_back(std::async(std::launch::async, [&] { return still(birch); }));
  // While the first is made, one of the others is too many.
  std::size_t refused = 0;
  for (auto& answer : answers) {
    const auto made = answer.get();
    if (!made && made.error().error.kind() == ErrorKind::ResourceExhausted) ++refused;
  }
  EXPECT_GE(refused, 1U);
  who_.session = SessionId::random(random_);
  House& harbour = add_house();
  publish(harbour, decode::film({2, 21, 1}, 1));
  expect_shows(harbour, {2, 21, 1});
}

}  // namespace
}  // namespace jalousie::deliver
