#include "camera/painter.h"

#include <gtest/gtest.h>

#include "camera/decode_for_test.h"
#include "camera/encoder.h"
#include "camera/font.h"
#include "identity/read.h"

namespace jalousie::camera {
namespace {

constexpr identity::Identity kIdentity{7, 8, 2};
constexpr identity::LocalTime kTime{1'763'878'500, 4};

std::unique_ptr<Painter> painter(SceneKind kind, std::size_t width, std::size_t height,
                                 std::uint32_t home = 7) {
  return std::make_unique<Painter>(
      std::make_unique<DrawnSource>(make_scene(kind, home, 8), width, height, 25), kIdentity, "Küche");
}

std::unique_ptr<Encoder> encoder(const EncoderSettings& settings) {
  auto made = Encoder::create(settings);
  EXPECT_TRUE(made) << made.error().message();
  return *std::move(made);
}

/// Every second pixel each way.
Buffer halved(const identity::LumaView& picture) {
  Buffer half;
  for (std::size_t y = 0; y < picture.height; y += 2) {
    for (std::size_t x = 0; x < picture.width; x += 2) half.push_back(picture.row(y)[x]);
  }
  return half;
}

void expect_all(const identity::LumaView& picture, std::uint32_t frame) {
  for (const auto& tile : identity::read_identity(picture)) {
    EXPECT_EQ(tile.identity, kIdentity) << "frame " << frame << " tile " << tile.row << ',' << tile.column;
    EXPECT_EQ(tile.frame, frame);
    EXPECT_EQ(tile.time, kTime);
  }
}

TEST(Painter, EveryTileOfTheSubStreamIsReadAfter300KilobitsPerSecondAndAt320x180) {
  for (const auto kind : {SceneKind::Room, SceneKind::Garden, SceneKind::Door}) {
    const auto pictures = painter(kind, 640, 360);
    const auto coder = encoder({640, 360, 25, 250, 300});
    TestDecoder decoder;
    std::size_t bytes = 0;
    for (std::uint32_t number = 1'000; number < 1'100; ++number) {
      const auto unit = coder->encode(pictures->paint(number, kTime));
      ASSERT_TRUE(unit) << unit.error().message();
      bytes += unit->bytes.size();
      const auto decoded = decoder.decode(unit->bytes);
      ASSERT_TRUE(decoded);
      if (number % 9 != 0) continue;
      expect_all(*decoded, number);
      const auto half = halved(*decoded);
      expect_all({320, 180, 320, half}, number);
    }
    EXPECT_LT(bytes * 8 / 4, 330'000u);  // per second, over the first four
  }
}

TEST(Painter, EveryTileOfTheMainStreamIsRead) {
  const auto pictures = painter(SceneKind::Garden, 1280, 720);
  const auto coder = encoder({1280, 720, 25, 250, 2000});
  TestDecoder decoder;
  for (std::uint32_t number = 0; number < 10; ++number) {
    const auto decoded = decoder.decode(coder->encode(pictures->paint(number, kTime))->bytes);
    ASSERT_TRUE(decoded);
    expect_all(*decoded, number);
  }
}

TEST(Painter, TheSceneMovesAndHomesLookDifferent) {
  const auto pictures = painter(SceneKind::Door, 640, 360);
  const auto others = painter(SceneKind::Door, 640, 360, 9);
  const auto first = pictures->paint(100, kTime).bytes;
  const auto later = pictures->paint(125, kTime).bytes;
  const auto other = others->paint(100, kTime).bytes;
  const auto differing = [&](const Buffer& a, const Buffer& b) {
    std::size_t count = 0;
    for (std::size_t i = 640 * 360; i < a.size(); ++i)
      count += std::abs(a[i] - b[i]) > 8 ? 1 : 0;  // colours only
    return static_cast<double>(count) / (640 * 180);
  };
  EXPECT_GT(differing(first, later), 0.005);
  EXPECT_LT(differing(first, later), 0.3);
  EXPECT_GT(differing(first, other), 0.5);
}

TEST(Painter, APictureDependsOnItsNumberAloneNotOnThoseBefore) {
  const auto straight = painter(SceneKind::Room, 640, 360);
  const auto jumping = painter(SceneKind::Room, 640, 360);
  for (std::uint32_t number = 0; number < 40; ++number) straight->paint(number, kTime);
  jumping->paint(3, kTime);
  EXPECT_EQ(straight->paint(40, kTime).bytes, jumping->paint(40, kTime).bytes);
}

TEST(Encoder, KeyFramesStandWhereTheGopSaysAndNowhereElse) {
  for (const auto gop : {25u, 60u}) {
    const auto coder = encoder({640, 360, 25, gop, 300});
    const auto room = painter(SceneKind::Room, 640, 360);
    const auto garden = painter(SceneKind::Garden, 640, 360);  // a cut, which must not make a key frame
    for (std::uint32_t number = 0; number < 150; ++number) {
      const auto unit = coder->encode((number / 40 % 2 == 0 ? room : garden)->paint(number, kTime));
      ASSERT_TRUE(unit);
      EXPECT_EQ(unit->key_frame, number % gop == 0) << number;
      if (!unit->key_frame) continue;
      ByteReader reader(unit->bytes);
      for (const auto& set : coder->parameter_sets()) {
        const auto nal = reader.bytes(reader.u32());
        EXPECT_EQ(Buffer(nal.begin(), nal.end()), set);  // repeated before each, and as the SDP has them
      }
    }
  }
}

TEST(Encoder, RefusesWhatIsNoPicture) { EXPECT_FALSE(Encoder::create({0, 0, 25, 50, 300})); }

TEST(Font, DrawsInsideThePictureWhateverTheText) {
  Frame frame(64, 32);
  draw_text(frame, 40, 20, 3, "wide \xff\xc3 text \xe4\xb8\xad");
  EXPECT_EQ(text_dots("Ä1"), 13u);
  EXPECT_EQ(frame.bytes[0], 0);
}

TEST(SceneFor, FollowsTheCamerasName) {
  EXPECT_EQ(scene_for("Front door", 1), SceneKind::Door);
  EXPECT_EQ(scene_for("Back GARDEN", 2), SceneKind::Garden);
  EXPECT_EQ(scene_for("Living room", 1), SceneKind::Room);
  EXPECT_EQ(scene_for("Cam", 3), SceneKind::Room);
  EXPECT_FALSE(parse_scene("moon"));
}

}  // namespace
}  // namespace jalousie::camera
