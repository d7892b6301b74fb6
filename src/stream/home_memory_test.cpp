#include "stream/home_memory.h"

#include <array>
#include <future>

#include <gtest/gtest.h>

#include "crypto/system_random.h"
#include "io/loop_thread.h"
#include "stream/hub.h"

namespace jalousie::stream {
namespace {

using Told = HomeMemory::Told;

seal::StreamLabel label_of(std::uint8_t camera) {
  seal::StreamLabel label;
  label.label.camera.bytes[0] = camera;
  return label;
}

class OrdersTest : public testing::Test {
 protected:
  std::shared_ptr<HomeMemory::Line> ring(std::uint8_t camera, std::size_t bytes, std::size_t spare) {
    auto line = memory_.enter(label_of(camera), nullptr);
    memory_.note(*line, bytes, spare);
    return line;
  }
  /// "1b 2a": camera 1 gives back (b), 2 lets go of all (a).
  std::string orders() {
    std::string text;
    for (const auto& order : memory_.orders()) {
      text += fmt::format("{}{}{}", text.empty() ? "" : " ", order.line->label.label.camera.bytes[0],
                          order.what == Told::GiveBack ? 'b' : 'a');
    }
    return text;
  }
  HomeMemory memory_{1000};
};

TEST_F(OrdersTest, WhatIsOlderThanAKeyFrameGoesFirstAndNoMoreThanIsNeeded) {
  ring(1, 300, 10);
  ring(2, 250, 100);
  ring(3, 350, 60);
  EXPECT_TRUE(memory_.is_short());
  EXPECT_FALSE(memory_.is_over());
  EXPECT_EQ(orders(), "2b 3b");  // 900 to 740
}

TEST_F(OrdersTest, ThenTheLargestRingLetsGo) {
  ring(1, 200, 10);
  ring(2, 250, 100);  // 150 of a newest GOP: not the largest
  ring(3, 450, 0);
  ring(4, 200, 0);
  EXPECT_TRUE(memory_.is_over());
  EXPECT_EQ(orders(), "2b 1b 3a");
}

TEST_F(OrdersTest, WhoWasToldIsNotToldTwiceAndCountsAsIfItWereDone) {
  const auto large = ring(1, 800, 0);
  const auto small = ring(2, 180, 60);
  EXPECT_EQ(orders(), "2b 1a");
  EXPECT_EQ(orders(), "");
  memory_.note(*large, 900, 0);  // it has not come to it yet
  EXPECT_EQ(orders(), "");
  large->told = Told::Nothing;
  EXPECT_EQ(orders(), "1a");
}

TEST_F(OrdersTest, ARingThatIsGoneCountsNoMore) {
  const auto gone = ring(1, 800, 0);
  ring(2, 300, 0);
  EXPECT_EQ(memory_.bytes(), 1100U);
  memory_.leave(gone);
  EXPECT_EQ(memory_.bytes(), 300U);
  EXPECT_FALSE(memory_.is_short());
  EXPECT_EQ(orders(), "");
}

TEST(HomeMemories, AreOnePerHomeForAsLongAsSomebodyHoldsThem) {
  HomeMemories memories(1000);
  const auto home = [](int number) {
    HomeId id;
    id.bytes[0] = static_cast<std::uint8_t>(number);
    id.bytes[1] = static_cast<std::uint8_t>(number >> 8);
    return id;
  };
  const auto first = memories.of(home(0));
  std::vector<std::shared_ptr<HomeMemory>> held;
  for (int i = 1; i < 1000; ++i) {
    auto memory = memories.of(home(i));
    if (i % 3 == 0) held.push_back(std::move(memory));
  }
  EXPECT_EQ(memories.of(home(0)), first);
  for (std::size_t i = 0; i < held.size(); ++i)
    EXPECT_EQ(memories.of(home(3 * static_cast<int>(i) + 3)), held[i]);
  EXPECT_NE(memories.of(home(1)), nullptr) << "one that has gone is made anew";
}

/// Two loops with cameras of two homes.
class HomeMemoryTest : public testing::Test {
 protected:
  static constexpr std::size_t kBound = 100'000;

  HomeMemoryTest() {
    std::array<io::Loop*, 2> loops{&first_.loop(), &second_.loop()};
    hub_.emplace(loops, clock_, RingLimits{.home_bytes = kBound}, metrics_);
  }
  ~HomeMemoryTest() override {
    first_.stop_and_join();
    second_.stop_and_join();
  }

  /// A camera that is pinned to the `shard`th loop.
  seal::StreamLabel camera(HomeId home, std::size_t shard) {
    seal::StreamLabel label{{home, CameraId::random(random_), Tenure{1}}, StreamId::Main};
    while (&hub_->shard_of(label.label.camera) != hub_->shards()[shard].get())
      label.label.camera = CameraId::random(random_);
    return label;
  }
  void on(Shard& shard, std::move_only_function<void()> work) {
    std::promise<void> done;
    shard.loop().post([&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }
  void publish(const seal::StreamLabel& label, bool key, std::size_t bytes) {
    seal::BlockHeader header;
    header.label = label;
    header.capture = clock_.utc();
    header.flags = key ? seal::kFlagKeyFrame : std::uint16_t{0};
    header.plaintext_bytes = static_cast<std::uint32_t>(bytes);
    Buffer sealed(seal::kOverheadBytes + bytes);
    std::ranges::copy(header.encode(), sealed.begin());
    auto block = std::make_shared<const seal::Block>(header, std::move(sealed));
    Shard& shard = hub_->shard_of(label.label.camera);
    on(shard, [&] { shard.publish(std::move(block)); });
  }
  /// Of both loops, when they have done what they were told.
  std::size_t bytes() {
    std::size_t bytes = 0;
    for (int round = 0; round < 2; ++round) {
      bytes = 0;
      for (const auto& shard : hub_->shards()) on(*shard, [&] { bytes += shard->size().bytes; });
    }
    return bytes;
  }
  double let_go() {
    return metrics_.counter("jalousie_stream_rings_let_go_total", "", {{"reason", "home_bytes"}}).value();
  }
  double gave_back() { return metrics_.counter("jalousie_stream_rings_gave_back_total", "").value(); }

  FakeClock clock_;
  crypto::SystemRandom random_;
  Metrics metrics_;
  io::LoopThread first_;
  io::LoopThread second_;
  std::optional<Hub> hub_;
  HomeId home_ = HomeId::random(random_);
  HomeId neighbour_ = HomeId::random(random_);
};

TEST_F(HomeMemoryTest, TheBoundHoldsOverAllCamerasAndLoopsAtEveryMoment) {
  std::vector<seal::StreamLabel> cameras;
  for (std::size_t i = 0; i < 8; ++i) cameras.push_back(camera(home_, i % 2));
  std::vector<std::size_t> sizes{900, 3000, 150, 7000};
  for (int frame = 0; frame < 100; ++frame) {
    for (std::size_t i = 0; i < cameras.size(); ++i)
      publish(cameras[i], frame % (5 + i) == 0, sizes[(i + frame) % sizes.size()]);
    ASSERT_LE(bytes(), kBound) << frame;
  }
  EXPECT_GT(bytes(), kBound / 2);  // and it is used
}

TEST_F(HomeMemoryTest, RingsOnAllLoopsGiveBackWhatIsOldAndKeepTheirNewestKeyFrame) {
  const auto one = camera(home_, 0);
  const auto two = camera(home_, 1);
  for (const auto& label : {one, two}) {
    publish(label, true, 20'000);
    publish(label, true, 20'000);
  }
  EXPECT_EQ(gave_back(), 0);
  publish(one, false, 10'000);  // above 7/8: both have to
  EXPECT_LT(bytes(), kBound * 3 / 4);
  EXPECT_EQ(gave_back(), 1);  // one is enough
  publish(two, false, 20'000);
  EXPECT_LT(bytes(), kBound * 7 / 8);
  EXPECT_EQ(gave_back(), 2);
  EXPECT_EQ(let_go(), 0);
}

TEST_F(HomeMemoryTest, TheLargestRingLetsGoOnWhicheverLoopItIs) {
  const auto large = camera(home_, 0);
  const auto small = camera(home_, 1);
  publish(large, true, 60'000);
  publish(small, true, 20'000);
  EXPECT_EQ(let_go(), 0);
  publish(small, false, 8'000);
  EXPECT_LT(bytes(), 30'000U);
  EXPECT_EQ(let_go(), 1);
  // It begins again at its next key frame.
  publish(large, false, 100);
  EXPECT_LT(bytes(), 30'000U);
  publish(large, true, 10'000);
  EXPECT_GT(bytes(), 30'000U);
}

TEST_F(HomeMemoryTest, AnotherHomesRingsAreNeverTouched) {
  const auto theirs = camera(neighbour_, 0);
  publish(theirs, true, 40'000);
  publish(theirs, true, 45'000);
  const std::size_t before = bytes();
  const auto ours = camera(home_, 0);
  for (int i = 0; i < 50; ++i) publish(ours, i == 0, 5'000);
  EXPECT_GE(let_go(), 1);
  hub_->forget(ours.label);
  for (const auto& shard : hub_->shards()) on(*shard, [] {});
  EXPECT_EQ(bytes(), before);
}

TEST_F(HomeMemoryTest, ALoopThatDoesNotComeToItCannotMakeTheHomeExceedItsBound) {
  const auto stuck = camera(home_, 0);
  publish(stuck, true, 80'000);
  // The first loop is busy; what the second takes in has to fit into what is left.
  std::promise<void> go_on;
  hub_->shards()[0]->loop().post([until = go_on.get_future().share()] { until.wait(); });
  const auto other = camera(home_, 1);
  Shard& second = *hub_->shards()[1];
  for (int i = 0; i < 20; ++i) {
    publish(other, true, 6'000);
    on(second, [&] { EXPECT_LE(80'000 + second.size().bytes, kBound); });
  }
  go_on.set_value();
  EXPECT_LE(bytes(), kBound);
}

TEST_F(HomeMemoryTest, MemoryOfATenureThatEndedIsFreeAgain) {
  const auto gone = camera(home_, 0);
  publish(gone, true, 80'000);
  hub_->forget(gone.label);
  for (const auto& shard : hub_->shards()) on(*shard, [] {});
  publish(camera(home_, 1), true, 80'000);
  EXPECT_GT(bytes(), 80'000U);
  EXPECT_EQ(let_go(), 0);
}

}  // namespace
}  // namespace jalousie::stream
