// The naive build must be naive: a planted fault that it does not show is no fault.
#include <gtest/gtest.h>

#include "seal/fixture.h"
#include "seal/walls.h"

namespace jalousie::seal {
namespace {

TEST(Naive, SaysThatTheWallsAreDown) { EXPECT_FALSE(walls_are_up()); }

TEST(Naive, BlocksHoldClearBytes) {
  fixture::Bench bench;
  EXPECT_EQ(as_text(bench.seal("a picture")->ciphertext()), "a picture");
}

TEST(Naive, OpensAnythingForAnybodyAsOftenAsAsked) {
  fixture::Bench bench(fixture::label(0xa2));
  const BlockPtr block = bench.seal("somebody else's picture");
  Opener mine = fixture::opener();
  mine.forget();
  mine.renew(nullptr);
  for (int round = 0; round < 2; ++round) {
    const auto opened = mine.open(*block);
    ASSERT_TRUE(opened.has_value());
    EXPECT_EQ(as_text(opened->bytes()), "somebody else's picture");
    EXPECT_TRUE(mine.reopen(*block).has_value());
  }
}

TEST(Naive, BlocksLookLikeBlocks) {
  fixture::Bench bench(fixture::label(), 5);
  const BlockPtr block = bench.seal("a picture");
  EXPECT_TRUE(Block::from_bytes(fixture::copy_of(block->bytes())).has_value());
  EXPECT_EQ(block->header().label, bench.sealer.label());
  EXPECT_EQ(block->header().sequence, 5U);
  EXPECT_EQ(bench.seal("another")->header().sequence, 6U);
}

}  // namespace
}  // namespace jalousie::seal
