#include "identity/code.h"

#include <random>

#include <gtest/gtest.h>

namespace jalousie::identity {
namespace {

const Mark kMark{.identity = {0x12345678, 0x9abcdef0, 7}, .frame = 0xabcdef, .time = {1'763'878'500, 4}};

using Slices = std::array<std::optional<std::uint8_t>, kTiles>;

Slices slices_of(const Mark& mark) {
  Slices slices;
  for (std::size_t i = 0; i < kTiles; ++i) slices[i] = read_tile(tile_cells(mark, i), i)->slice;
  return slices;
}

TEST(IdentityCode, EveryTileAloneTellsIdentityAndFrame) {
  for (std::size_t i = 0; i < kTiles; ++i) {
    const auto bits = read_tile(tile_cells(kMark, i), i);
    ASSERT_TRUE(bits);
    EXPECT_EQ(bits->identity, kMark.identity);
    EXPECT_EQ(bits->frame_low, 0xef);
  }
}

TEST(IdentityCode, TilesTogetherTellFrameTimeAndZone) {
  const auto slow = read_slow_word(kMark.identity, slices_of(kMark));
  ASSERT_TRUE(slow);
  EXPECT_EQ(slow->frame_high, 0xabcd);
  EXPECT_EQ(slow->time, kMark.time);
}

TEST(IdentityCode, SixTilesMayBeMissingAndThreeMayBeWrong) {
  auto slices = slices_of(kMark);
  for (const std::size_t i : {0, 1, 2, 3, 8, 15}) slices[i].reset();
  EXPECT_TRUE(read_slow_word(kMark.identity, slices));
  slices[4].reset();
  EXPECT_FALSE(read_slow_word(kMark.identity, slices));

  slices = slices_of(kMark);
  for (const std::size_t i : {0, 6, 12}) slices[i] = static_cast<std::uint8_t>(*slices[i] ^ 0x80);
  const auto slow = read_slow_word(kMark.identity, slices);
  ASSERT_TRUE(slow);
  EXPECT_EQ(slow->time, kMark.time);
  EXPECT_FALSE(slow->agrees[6]);
  EXPECT_TRUE(slow->agrees[7]);
}

TEST(IdentityCode, SlicesOfAnotherHomeAreNotTaken) {
  auto other = kMark.identity;
  other.home ^= 1;
  EXPECT_FALSE(read_slow_word(other, slices_of(kMark)));
}

TEST(IdentityCode, TwoDamagedBytesAreRepaired) {
  auto cells = tile_cells(kMark, 5);
  for (std::size_t i = 8; i < 24; ++i) cells.flip(i);
  const auto bits = read_tile(cells, 5);
  ASSERT_TRUE(bits);
  EXPECT_EQ(bits->identity, kMark.identity);
}

TEST(IdentityCode, OneWrongFrameCellIsRepairedTwoAreRefused) {
  auto cells = tile_cells(kMark, 5);
  cells.flip(125);
  EXPECT_EQ(read_tile(cells, 5)->frame_low, 0xef);
  cells.flip(131);
  EXPECT_EQ(read_tile(cells, 5)->frame_low, std::nullopt);
}

TEST(IdentityCode, FiveCellsOfATileChangeFromFrameToFrame) {
  auto next = kMark;
  for (next.frame = 1; next.frame < 255; ++next.frame) {
    auto after = next;
    ++after.frame;
    EXPECT_EQ((tile_cells(next, 3) ^ tile_cells(after, 3)).count(), 5u);
  }
}

TEST(IdentityCode, PlainSurfacesAndRandomCellsSayNothing) {
  EXPECT_FALSE(read_tile(Cells{}, 0));
  EXPECT_FALSE(read_tile(~Cells{}, 0));
  std::mt19937_64 random(4);
  for (int round = 0; round < 200'000; ++round) {
    Cells cells;
    for (std::size_t i = 0; i < kCells; i += 64) cells |= Cells(random()) << i;
    ASSERT_FALSE(read_tile(cells, 0)) << round;
  }
}

TEST(IdentityCode, WritesLocalTimeWithItsZone) {
  EXPECT_EQ(to_string(LocalTime{1'763'878'500, 4}), "2025-11-23T07:15:00+01:00");
  EXPECT_EQ(to_string(LocalTime{1'763'878'500, -14}), "2025-11-23T02:45:00-03:30");
  EXPECT_EQ(to_string(LocalTime{4'294'967'295, 0}), "2106-02-07T06:28:15+00:00");
}

}  // namespace
}  // namespace jalousie::identity
