#include "camera/fleet.h"

#include <map>

#include <gtest/gtest.h>

#include "camera/decode_for_test.h"
#include "identity/read.h"
#include "io/loop_thread.h"

namespace jalousie::camera {
namespace {

constexpr Seconds kPatience{30};
constexpr FleetSettings kSettings{
    .cameras = 20, .homes = 3, .home = 7, .camera = 100, .tenure = 2, .gop_frames = 10};

class Album final : public Watcher {
 public:
  Album(io::Loop& loop, std::size_t wanted) : full_(loop), wanted_(wanted) {}
  void on_frame(const CodedFrame& frame) override {
    frames.push_back(frame);
    if (frames.size() == wanted_) full_.notify();
  }
  io::Task<> fill() { EXPECT_TRUE(co_await full_.wait(kPatience)); }

  std::vector<CodedFrame> frames;

 private:
  io::Event full_;
  std::size_t wanted_;
};

using Albums = std::map<std::size_t, std::unique_ptr<Album>>;

/// What `cameras` of a fleet show, `count` frames of each at least, attached one after the other.
Albums watch(FleetSettings settings, std::vector<std::size_t> cameras, std::size_t count) {
  io::LoopThread thread;
  const SystemClock clock;
  Albums albums;
  io::run_and_wait(thread.loop(), [&](Albums& into) -> io::Task<> {
    Fleet fleet(thread.loop(), clock, settings);
    for (const auto camera : cameras) {
      into[camera] = std::make_unique<Album>(thread.loop(), count);
      const auto first = fleet.feeds()[camera]->attach(*into[camera]);
      co_await io::sleep_for(Milliseconds(70));
      EXPECT_FALSE(into[camera]->frames.empty());
      if (!into[camera]->frames.empty()) EXPECT_EQ(into[camera]->frames[0].number, first);
    }
    for (auto& [camera, album] : into) co_await album->fill();
    for (auto& [camera, album] : into) fleet.feeds()[camera]->detach(*album);
    EXPECT_EQ(fleet.left_out(), 0u);
  }(albums));
  return albums;
}

void expect_true(const identity::LumaView& picture, const identity::Identity& identity,
                 const CodedFrame& frame) {
  for (const auto& tile : identity::read_identity(picture)) {
    EXPECT_EQ(tile.identity, identity);
    EXPECT_EQ(tile.frame, frame.number);
    ASSERT_TRUE(tile.time);
    EXPECT_EQ(tile.time->unix_seconds, to_us(frame.taken) / 1'000'000);
  }
}

TEST(Fleet, EveryPictureOfEveryCameraSaysWhoseItIsWhichAndWhen) {
  for (const auto& [camera, album] : watch(kSettings, {0, 7, 19}, 60)) {
    const auto identity = Fleet::identity_of(kSettings, static_cast<unsigned>(camera));
    EXPECT_EQ(identity, (identity::Identity{static_cast<std::uint32_t>(7 + camera % 3),
                                            static_cast<std::uint32_t>(100 + camera), 2}));
    TestDecoder decoder;
    for (std::size_t i = 0; i < album->frames.size(); ++i) {
      const auto& frame = album->frames[i];
      SCOPED_TRACE(testing::Message() << "camera " << camera << ", picture " << i);
      EXPECT_EQ(frame.number, album->frames[0].number + i);
      EXPECT_EQ(frame.key_frame, i == 0 || (frame.number + camera) % kSettings.gop_frames == 0);
      const auto picture = decoder.decode(frame.unit);
      ASSERT_TRUE(picture);
      expect_true(*picture, identity, frame);
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(Fleet, KeepsToItsRate) {
  auto settings = kSettings;
  settings.gop_frames = 25;
  const auto albums = watch(settings, {3}, 60);
  std::size_t bytes = 0, gops = 0;
  std::size_t of_gop = 0;
  for (const auto& frame : albums.at(3)->frames) {
    if (frame.key_frame && std::exchange(of_gop, 0) > 0 && (frame.number + 3) % 25 == 0) ++gops;
    of_gop += frame.unit.size();
    bytes += frame.unit.size();
  }
  ASSERT_GE(gops, 2u);
  EXPECT_NEAR(static_cast<double>(bytes) / static_cast<double>(albums.at(3)->frames.size()), 1'500, 150);
}

TEST(Fleet, BeginsWithAKeyFrameWheneverSomebodyComesBack) {
  io::LoopThread thread;
  const SystemClock clock;
  io::run_and_wait(thread.loop(), [](io::Loop& loop, const Clock& time) -> io::Task<> {
    Fleet fleet(loop, time, kSettings);
    std::optional<std::uint64_t> before;
    for (int round = 0; round < 3; ++round) {
      Album album(loop, 3);
      const auto first = fleet.feeds()[5]->attach(album);
      co_await album.fill();
      fleet.feeds()[5]->detach(album);
      EXPECT_TRUE(album.frames[0].key_frame);
      EXPECT_EQ(album.frames[0].number, first);
      if (before) EXPECT_GT(first, *before);
      before = album.frames.back().number;
    }
  }(thread.loop(), clock));
}

}  // namespace
}  // namespace jalousie::camera
