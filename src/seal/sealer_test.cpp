#include "seal/sealer.h"

#include <set>

#include <gtest/gtest.h>

#include "seal/fixture.h"

namespace jalousie::seal {
namespace {

using fixture::Bench;
using fixture::kCapture;
using fixture::kEpoch;
using fixture::label;

TEST(Sealer, WritesTheHeaderItWasToldTo) {
  Bench bench(label(), 41);
  EXPECT_EQ(bench.sealer.label(), label());
  const BlockPtr block =
      bench.sealer.seal(BlockKind::Audio, kFlagGap, kCapture + Microseconds(1), as_bytes("ping")).value();
  const BlockHeader& header = block->header();
  EXPECT_EQ(header.kind, BlockKind::Audio);
  EXPECT_EQ(header.flags, kFlagGap);
  EXPECT_EQ(header.label, label());
  EXPECT_EQ(header.epoch, kEpoch);
  EXPECT_EQ(header.sequence, 41U);
  EXPECT_EQ(header.capture, kCapture + Microseconds(1));
  EXPECT_EQ(header.chunk, 0U);
  EXPECT_EQ(header.plaintext_bytes, 4U);
  EXPECT_EQ(bench.seal("next")->header().sequence, 42U);
}

TEST(Sealer, NoTwoBlocksShareASaltOrACommitment) {
  Bench bench;
  std::set<Buffer> seen;
  for (int count = 0; count < 16; ++count) {  // as many as CountingRandom can tell apart
    const BlockPtr block = bench.seal("the same picture");
    EXPECT_TRUE(seen.insert(fixture::copy_of(block->header().salt)).second);
    EXPECT_TRUE(seen.insert(fixture::copy_of(block->commitment())).second);
    EXPECT_TRUE(seen.insert(fixture::copy_of(block->ciphertext())).second);
  }
  EXPECT_TRUE(
      std::ranges::equal(bench.seal("")->header().salt,
                         std::array<std::uint8_t, 16>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}));
}

TEST(Sealer, AsksForAKeyOncePerEpoch) {
  Bench bench;
  for (int count = 0; count < 5; ++count) static_cast<void>(bench.seal("a", kCapture + Seconds(count * 100)));
  EXPECT_EQ(bench.desk.asked, 1);
  static_cast<void>(bench.seal("b", kCapture + Seconds(600)));
  EXPECT_EQ(bench.desk.asked, 2);
  static_cast<void>(bench.seal("late", kCapture));  // the clock was stepped back
  EXPECT_EQ(bench.desk.asked, 3);
}

TEST(Sealer, SealsNothingOnceTheTenureHasEnded) {
  Bench bench;
  static_cast<void>(bench.seal("before"));
  bench.desk.ended = true;
  const auto sealed = bench.sealer.seal(BlockKind::Video, 0, kCapture, as_bytes("after"));
  ASSERT_FALSE(sealed.has_value());
  EXPECT_EQ(sealed.error().kind(), ErrorKind::FailedPrecondition);
  EXPECT_EQ(bench.desk.asked, 1);
}

TEST(Sealer, SealsNothingWithoutAKeyAndGoesOnWhenThereIsOne) {
  Bench bench;
  bench.desk.answer = [](std::uint32_t) -> Result<EpochKey> {
    return fail(ErrorKind::NotFound, "the day was expired");
  };
  const auto sealed = bench.sealer.seal(BlockKind::Video, 0, kCapture, as_bytes("picture"));
  ASSERT_FALSE(sealed.has_value());
  EXPECT_EQ(sealed.error().kind(), ErrorKind::FailedPrecondition);
  EXPECT_EQ(sealed.error().message(), "no key for this epoch: the day was expired");
  bench.desk.answer = [](std::uint32_t epoch) { return fixture::epoch_key(label(), epoch); };
  EXPECT_EQ(bench.seal("picture")->header().sequence, 1000U);
}

TEST(Sealer, RefusesAKeyThatIsNotTheOneItAskedFor) {
  Bench bench;
  for (const StreamLabel& strange :
       {label(0xa2), label(0xa1, 0xc2), label(0xa1, 0xc1, 8), label(0xa1, 0xc1, 7, StreamId::Sub)}) {
    bench.desk.answer = [strange](std::uint32_t epoch) { return fixture::epoch_key(strange, epoch); };
    const auto sealed = bench.sealer.seal(BlockKind::Video, 0, kCapture, as_bytes("picture"));
    ASSERT_FALSE(sealed.has_value());
    EXPECT_EQ(sealed.error().kind(), ErrorKind::FailedPrecondition);
  }
  bench.desk.answer = [](std::uint32_t epoch) { return fixture::epoch_key(label(), epoch + 1); };
  EXPECT_FALSE(bench.sealer.seal(BlockKind::Video, 0, kCapture, as_bytes("picture")).has_value());
}

TEST(Sealer, RefusesWhatDoesNotFit) {
  Bench bench;
  const Buffer longest(kMaxPlaintextBytes);
  EXPECT_TRUE(bench.sealer.seal(BlockKind::Recording, 0, kCapture, longest).has_value());
  const Buffer longer(kMaxPlaintextBytes + 1);
  const auto too_long = bench.sealer.seal(BlockKind::Recording, 0, kCapture, longer);
  ASSERT_FALSE(too_long.has_value());
  EXPECT_EQ(too_long.error().kind(), ErrorKind::InvalidArgument);
  for (const UtcTime capture : {utc_from_us(-1), UtcTime::min(), UtcTime::max()}) {
    const auto sealed = bench.sealer.seal(BlockKind::Video, 0, capture, as_bytes("picture"));
    ASSERT_FALSE(sealed.has_value());
    EXPECT_EQ(sealed.error().kind(), ErrorKind::InvalidArgument);
  }
  EXPECT_TRUE(bench.sealer.seal(BlockKind::Video, 0, utc_from_us(0), as_bytes("picture")).has_value());
}

TEST(Sealer, MovesWithItsChain) {
  Bench bench;
  const BlockPtr first = bench.seal("first");
  Sealer moved(std::move(bench.sealer));
  const BlockPtr second = moved.seal(BlockKind::Video, 0, kCapture, as_bytes("second")).value();
  EXPECT_TRUE(std::ranges::equal(second->header().previous, first->commitment().first(16)));
  Bench other;
  other.sealer = std::move(moved);
  EXPECT_EQ(other.seal("third")->header().sequence, 1002U);
  EXPECT_DEATH(static_cast<void>(bench.sealer.label()), "broken invariant");
  EXPECT_DEATH(static_cast<void>(bench.seal("none")), "broken invariant");
}

TEST(Sealer, NeedsASourceOfKeys) {
  fixture::CountingRandom random;
  EXPECT_DEATH(Sealer(label(), nullptr, random, 0), "broken invariant");
}

}  // namespace
}  // namespace jalousie::seal
