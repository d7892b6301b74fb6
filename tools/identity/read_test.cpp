#include "identity/read.h"

#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "identity/draw.h"
#include "identity/report.h"

namespace jalousie::identity {
namespace {

const Mark kMine{.identity = {11, 22, 3}, .frame = 70'000, .time = {1'763'878'500, 4}};
const Mark kTheirs{.identity = {99, 44, 1}, .frame = 1'234, .time = {1'763'878'500, -20}};

struct Plane {
  std::size_t width;
  std::size_t height;
  Buffer bytes;
  LumaView view() const { return {width, height, width, bytes}; }
  MutableLuma target() { return {width, height, width, bytes}; }
};

/// Slopes, a bright window, a dark corner and some grain.
Plane scene(std::size_t width, std::size_t height, unsigned seed = 1) {
  Plane plane{width, height, Buffer(width * height)};
  std::mt19937 random(seed);
  for (std::size_t y = 0; y < height; ++y) {
    for (std::size_t x = 0; x < width; ++x) {
      auto value = 40 + 150 * x / width + 30 * y / height + random() % 12;
      if (x > width / 2 && x < width * 3 / 4 && y < height / 2) value = 240;
      if (x < width / 5 && y > height / 2) value = 12;
      plane.bytes[y * width + x] = static_cast<std::uint8_t>(value);
    }
  }
  return plane;
}

Plane marked(std::size_t width, std::size_t height, const Mark& mark, unsigned seed = 1) {
  auto plane = scene(width, height, seed);
  draw_identity(plane.target(), mark);
  return plane;
}

Plane scaled(const Plane& from, std::size_t width, std::size_t height) {  // bilinear, as browsers do it
  Plane to{width, height, Buffer(width * height)};
  const auto at = [&](double x, double y) {
    const auto clamp = [](double v, std::size_t size) {
      return std::min(std::max(v, 0.0), static_cast<double>(size - 1));
    };
    x = clamp(x, from.width);
    y = clamp(y, from.height);
    const auto left = static_cast<std::size_t>(x), top = static_cast<std::size_t>(y);
    const auto right = std::min(left + 1, from.width - 1), bottom = std::min(top + 1, from.height - 1);
    const auto dx = x - static_cast<double>(left), dy = y - static_cast<double>(top);
    const auto value = [&](std::size_t vx, std::size_t vy) {
      return static_cast<double>(from.bytes[vy * from.width + vx]);
    };
    return (value(left, top) * (1 - dx) + value(right, top) * dx) * (1 - dy) +
           (value(left, bottom) * (1 - dx) + value(right, bottom) * dx) * dy;
  };
  const auto sx = static_cast<double>(from.width) / static_cast<double>(width);
  const auto sy = static_cast<double>(from.height) / static_cast<double>(height);
  for (std::size_t y = 0; y < height; ++y) {
    for (std::size_t x = 0; x < width; ++x) {
      to.bytes[y * width + x] = static_cast<std::uint8_t>(
          at((static_cast<double>(x) + 0.5) * sx - 0.5, (static_cast<double>(y) + 0.5) * sy - 0.5) + 0.5);
    }
  }
  return to;
}

Plane blurred(const Plane& from) {  // 1-2-1 both ways
  auto to = from;
  for (std::size_t y = 1; y + 1 < from.height; ++y) {
    for (std::size_t x = 1; x + 1 < from.width; ++x) {
      unsigned sum = 0;
      for (std::size_t j = 0; j < 3; ++j) {
        for (std::size_t i = 0; i < 3; ++i)
          sum += (j == 1 ? 2u : 1u) * (i == 1 ? 2u : 1u) * from.bytes[(y + j - 1) * from.width + x + i - 1];
      }
      to.bytes[y * from.width + x] = static_cast<std::uint8_t>(sum / 16);
    }
  }
  return to;
}

std::string told(const TileReading& tile) { return to_lines({tile}).substr(0, to_lines({tile}).find('\n')); }

void expect_all(const std::vector<TileReading>& tiles, const Mark& mark) {
  ASSERT_EQ(tiles.size(), kTiles);
  for (const auto& tile : tiles) {
    EXPECT_EQ(tile.identity, mark.identity) << told(tile);
    EXPECT_EQ(tile.frame, mark.frame) << told(tile);
    EXPECT_EQ(tile.time, mark.time) << told(tile);
  }
}

TEST(ReadIdentity, ReadsAllTilesAtEverySizeItIsDrawnIn) {
  for (const auto& [width, height] : std::vector<std::pair<std::size_t, std::size_t>>{
           {1920, 1080}, {1280, 720}, {1280, 960}, {768, 576}, {640, 360}, {640, 480}, {320, 180}}) {
    SCOPED_TRACE(fmt::format("{}x{}", width, height));
    expect_all(read_identity(marked(width, height, kMine).view()), kMine);
  }
}

TEST(ReadIdentity, ReadsAfterScalingDownAndUp) {
  for (const auto& [width, height] : std::vector<std::pair<std::size_t, std::size_t>>{
           {320, 180}, {426, 240}, {333, 187}, {390, 219}, {1000, 562}, {1920, 1080}}) {
    SCOPED_TRACE(fmt::format("{}x{}", width, height));
    expect_all(read_identity(scaled(marked(1280, 720, kMine), width, height).view()), kMine);
    expect_all(read_identity(scaled(marked(640, 360, kMine), width, height).view()), kMine);
  }
}

TEST(ReadIdentity, ReadsThroughMildBlur) {
  expect_all(read_identity(blurred(blurred(marked(640, 360, kMine))).view()), kMine);
  expect_all(read_identity(blurred(scaled(marked(1280, 720, kMine), 320, 180)).view()), kMine);
}

TEST(ReadIdentity, BrightnessContrastAndRangeMakeNoDifference) {
  for (const auto& [gain, lift] :
       std::vector<std::pair<double, double>>{{255.0 / 219, -18.6}, {219.0 / 255, 16}, {0.3, 5}, {1, 70}}) {
    auto picture = marked(640, 360, kMine);
    for (auto& byte : picture.bytes)
      byte = static_cast<std::uint8_t>(std::clamp(byte * gain + lift, 0.0, 255.0));
    expect_all(read_identity(picture.view()), kMine);
  }
}

TEST(ReadIdentity, TellsHalvesOfTwoHomesApart) {
  auto mixed = marked(640, 360, kMine);
  const auto other = marked(640, 360, kTheirs, 2);
  std::copy(other.bytes.begin() + 640 * 180, other.bytes.end(), mixed.bytes.begin() + 640 * 180);
  const auto tiles = read_identity(mixed.view());
  for (const auto& tile : tiles) {
    EXPECT_EQ(tile.identity, tile.row < 2 ? kMine.identity : kTheirs.identity);
    EXPECT_EQ(tile.time, std::nullopt);  // eight tiles are too few to be sure
  }
  EXPECT_EQ(identities_in(tiles).size(), 2u);
}

TEST(ReadIdentity, OneStrangeTileIsCaughtAndTheRestStillTellsTheTime) {
  auto mixed = marked(640, 360, kMine);
  const auto other = marked(640, 360, kTheirs, 2);
  for (std::size_t y = 90; y < 180; ++y)
    std::copy_n(&other.bytes[y * 640 + 320], 160, &mixed.bytes[y * 640 + 320]);
  const auto tiles = read_identity(mixed.view());
  EXPECT_EQ(tiles[6].identity, kTheirs.identity);
  EXPECT_EQ(tiles[6].time, std::nullopt);
  EXPECT_EQ(tiles[7].identity, kMine.identity);
  EXPECT_EQ(tiles[7].time, kMine.time);
}

TEST(ReadIdentity, TilesLeftOverFromAnEarlierFrameTellTheirOwnNumber) {
  auto late = kMine;
  late.frame = (69'888u | 2);  // just after the low byte went round
  auto early = late;
  early.frame -= 5;
  auto mixed = marked(640, 360, late);
  const auto other = marked(640, 360, early);
  std::copy(other.bytes.begin(), other.bytes.begin() + 640 * 90, mixed.bytes.begin());
  const auto tiles = read_identity(mixed.view());
  EXPECT_EQ(tiles[0].frame, early.frame);
  EXPECT_EQ(tiles[15].frame, late.frame);
}

TEST(ReadIdentity, ABlendOfTwoHomesIsNeverAThird) {
  const auto mine = marked(640, 360, kMine);
  const auto theirs = marked(640, 360, kTheirs, 2);
  for (int percent = 0; percent <= 100; percent += 2) {
    auto blend = mine;
    for (std::size_t i = 0; i < blend.bytes.size(); ++i) {
      blend.bytes[i] =
          static_cast<std::uint8_t>((mine.bytes[i] * (100 - percent) + theirs.bytes[i] * percent) / 100);
    }
    for (const auto& tile : read_identity(blend.view())) {
      if (!tile.identity) continue;
      EXPECT_EQ(*tile.identity, percent < 50 ? kMine.identity : kTheirs.identity);
    }
  }
}

/// Pictures that are no test camera's: noise of every grain, slopes, stripes, checks, blots.
Plane foreign(std::mt19937& random) {
  const std::size_t width = 200 + random() % 500, height = 100 + random() % 300;
  Plane plane{width, height, Buffer(width * height)};
  const auto kind = random() % 5;
  const auto grain = 1 + random() % 16;
  const auto low = random() % 128, high = 128 + random() % 128;
  const auto noise_seed = random();
  const auto noise = [&](std::size_t x, std::size_t y) {
    auto h = static_cast<std::uint32_t>((x / grain) * 0x9e3779b1u ^ (y / grain) * 0x85ebca77u ^ noise_seed);
    h = (h ^ (h >> 15)) * 0x2c1b3c6du;
    return (h ^ (h >> 12)) * 0x297a2d39u >> 16;
  };
  for (std::size_t y = 0; y < height; ++y) {
    for (std::size_t x = 0; x < width; ++x) {
      std::size_t value = 0;
      if (kind == 0) value = noise(x, y) & 255;                                // grey grains
      if (kind == 1) value = (noise(x, y) & 1) != 0 ? low : high;              // two tones
      if (kind == 2) value = ((x / grain + y / grain) & 1) != 0 ? low : high;  // checks
      if (kind == 3) value = (x * high / width + y * low / height + (noise(x, y) & 15)) & 255;
      if (kind == 4) value = low;
      plane.bytes[y * width + x] = static_cast<std::uint8_t>(value);
    }
  }
  return plane;
}

TEST(ReadIdentity, ForeignPicturesSayNothing) {
  std::mt19937 random(5);
  for (int round = 0; round < 2'000; ++round) {
    const auto picture = foreign(random);
    ASSERT_TRUE(identities_in(read_identity(picture.view())).empty()) << round;
  }
}

TEST(ReadIdentity, HowevermuchIsDamagedWhatIsReadIsRight) {
  std::mt19937 random(6);
  std::size_t read = 0;
  for (int round = 0; round < 400; ++round) {
    auto picture = scaled(marked(640, 360, kMine), 320, 180);
    const auto strength = static_cast<int>(random() % 200) + 1;
    for (auto& byte : picture.bytes) {
      const auto wrong = static_cast<int>(random() % static_cast<unsigned>(2 * strength + 1)) - strength;
      byte = static_cast<std::uint8_t>(std::clamp(byte + wrong, 0, 255));
    }
    for (const auto& tile : read_identity(picture.view())) {
      if (!tile.identity) continue;
      ++read;
      ASSERT_EQ(*tile.identity, kMine.identity);
      if (tile.frame) ASSERT_EQ(*tile.frame, kMine.frame);
      if (tile.time) ASSERT_EQ(*tile.time, kMine.time);
    }
  }
  EXPECT_GT(read, 2'000u);
}

TEST(ReadIdentity, TakesNoPictureForOneItCannotBe) {
  EXPECT_TRUE(identities_in(read_identity({})).empty());
  const Buffer few(100);
  EXPECT_TRUE(identities_in(read_identity({640, 360, 640, few})).empty());
  const Buffer small(160 * 90);
  EXPECT_EQ(read_identity({160, 90, 160, small}).size(), kTiles);
}

TEST(ReadIdentity, ReportsAsJson) {
  auto picture = marked(640, 360, kMine);
  std::fill_n(picture.bytes.begin(), 640 * 90, std::uint8_t{9});
  const auto json = to_json(read_identity(picture.view()));
  EXPECT_TRUE(json.starts_with(R"({"tiles":[{"row":0,"column":0,"unreadable":true},)")) << json;
  EXPECT_TRUE(
      json.find(R"({"row":3,"column":3,"home":11,"camera":22,"tenure":3,"frameLow":112,"frame":70000,)"
                R"("time":"2025-11-23T07:15:00+01:00","zone":"+01:00"}],"identities":[)"
                R"({"home":11,"camera":22,"tenure":3,"tiles":12,"frame":70000,)"
                R"("time":"2025-11-23T07:15:00+01:00","zone":"+01:00"}]})") != std::string::npos)
      << json;
}

}  // namespace
}  // namespace jalousie::identity
