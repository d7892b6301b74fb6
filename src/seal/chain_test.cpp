// Sequence window and chain, as an opener applies them.
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "seal/fixture.h"

namespace jalousie::seal {
namespace {

using fixture::Bench;
using fixture::opener;

std::string_view refusal(const std::expected<Clear, Refusal>& opened) {
  return opened ? "opened" : to_string(opened.error());
}

TEST(Chain, EachBlockNamesTheOneBefore) {
  Bench bench;
  const BlockPtr first = bench.seal("first");
  const BlockPtr second = bench.seal("second");
  EXPECT_EQ(first->header().previous, (std::array<std::uint8_t, 16>{}));
  EXPECT_TRUE(std::ranges::equal(second->header().previous, first->commitment().first(16)));
}

TEST(Chain, TheSameBlockTwiceIsAReplay) {
  Bench bench;
  Opener mine = opener();
  const BlockPtr block = bench.seal("once");
  EXPECT_EQ(refusal(mine.open(*block)), "opened");
  EXPECT_EQ(refusal(mine.open(*block)), "replayed");
  EXPECT_EQ(refusal(mine.open(*block)), "replayed");
}

TEST(Chain, ReadersMayJoinAnywhereAndJumpForward) {
  Bench bench;
  std::vector<BlockPtr> blocks;
  for (int count = 0; count < 10'000; ++count) blocks.push_back(bench.seal(""));
  Opener mine = opener();
  for (const std::size_t index : {37U, 38U, 40U, 4000U, 4001U, 9999U}) {
    EXPECT_EQ(refusal(mine.open(*blocks[index])), "opened") << index;
  }
}

TEST(Chain, LateBlocksOpenOnceWithinTheWindow) {
  Bench bench;
  std::vector<BlockPtr> blocks;
  for (int count = 0; count < 5000; ++count) blocks.push_back(bench.seal(""));
  Opener mine = opener();
  EXPECT_EQ(refusal(mine.open(*blocks[4999])), "opened");
  EXPECT_EQ(refusal(mine.open(*blocks[4997])), "opened");
  EXPECT_EQ(refusal(mine.open(*blocks[4998])), "opened");
  EXPECT_EQ(refusal(mine.open(*blocks[4998])), "replayed");
  EXPECT_EQ(refusal(mine.open(*blocks[904])), "opened");  // 4095 before the newest
  EXPECT_EQ(refusal(mine.open(*blocks[903])), "replayed");
  EXPECT_EQ(refusal(mine.open(*bench.seal(""))), "opened");  // the chain goes on from the newest
}

TEST(Chain, AnotherPastOfTheSameStreamIsAReplay) {
  // Two sealers of one stream that do not know of each other: as after a roll-back of the machine.
  Bench one(fixture::label(), 1);
  Bench other(fixture::label(), 1);
  Opener mine = opener();
  const BlockPtr first = one.seal("first");
  EXPECT_EQ(refusal(mine.open(*first)), "opened");
  static_cast<void>(other.seal("also first"));
  EXPECT_EQ(refusal(mine.open(*other.seal("also second"))), "replayed");
  EXPECT_EQ(refusal(mine.open(*one.seal("second"))), "opened");  // a refusal has moved nothing
  EXPECT_EQ(refusal(mine.reopen(*first)), "opened");
}

TEST(Chain, ANewSealerFurtherOnIsNoBreak) {
  Opener mine = opener();
  EXPECT_EQ(refusal(mine.open(*Bench(fixture::label(), 5).seal("before the restart"))), "opened");
  EXPECT_EQ(refusal(mine.open(*Bench(fixture::label(), 7).seal("after it"))), "opened");
  EXPECT_EQ(refusal(mine.open(*Bench(fixture::label(), 8).seal("right after, and out of no chain"))),
            "replayed");
}

TEST(Chain, HoldsAcrossEpochs) {
  Bench bench;
  Opener mine = opener(fixture::label(), {fixture::kEpoch, fixture::kEpoch + 1});
  EXPECT_EQ(refusal(mine.open(*bench.seal("before", fixture::kCapture + Seconds(599)))), "opened");
  EXPECT_EQ(refusal(mine.open(*bench.seal("after", fixture::kCapture + Seconds(600)))), "opened");
}

TEST(Chain, LastNumberOfAll) {
  Bench bench(fixture::label(), std::numeric_limits<std::uint64_t>::max() - 1);
  Opener mine = opener();
  const BlockPtr before_last = bench.seal("");
  EXPECT_EQ(refusal(mine.open(*before_last)), "opened");
  EXPECT_EQ(refusal(mine.open(*bench.seal(""))), "opened");
  EXPECT_EQ(refusal(mine.open(*bench.seal(""))), "replayed");  // 0: too old
  EXPECT_EQ(refusal(mine.reopen(*before_last)), "opened");
}

}  // namespace
}  // namespace jalousie::seal
