#include "seal/opener.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "seal/fixture.h"
#include "seal/walls.h"

namespace jalousie::seal {
namespace {

using fixture::altered;
using fixture::Bench;
using fixture::copy_of;
using fixture::kEpoch;
using fixture::label;
using fixture::opener;

std::string_view refusal(const std::expected<Clear, Refusal>& opened) {
  return opened ? "opened" : to_string(opened.error());
}

TEST(Opener, OpensWhatWasSealedUnderItsLabel) {
  Bench bench;
  Opener mine = opener();
  EXPECT_EQ(mine.label(), label());
  for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 10'000U, 1'000'000U}) {
    const Buffer plaintext(size, 0x5a);
    const auto clear = mine.open(*bench.seal(plaintext));
    ASSERT_TRUE(clear.has_value()) << refusal(clear);
    EXPECT_EQ(copy_of(clear->bytes()), plaintext);
  }
  EXPECT_TRUE(walls_are_up());
}

TEST(Opener, NamesItsRefusals) {
  EXPECT_EQ(to_string(Refusal::WrongLabel), "wrong_label");
  EXPECT_EQ(to_string(Refusal::WrongKey), "wrong_key");
  EXPECT_EQ(to_string(Refusal::Broken), "broken");
  EXPECT_EQ(to_string(Refusal::Replayed), "replayed");
}

TEST(Opener, RefusesEveryOtherLabelEvenWithTheKeysOfThatLabel) {
  for (const StreamLabel& strange : {label(0xa2), label(0xa1, 0xc2), label(0xa1, 0xc1, 8),
                                     label(0xa1, 0xc1, 6), label(0xa1, 0xc1, 7, StreamId::Sub)}) {
    Bench bench(strange);
    const BlockPtr block = bench.seal("somebody else's picture");
    EXPECT_EQ(refusal(opener().open(*block)), "wrong_label");
    EXPECT_EQ(refusal(opener(strange).open(*block)), "opened");
    Opener confused(label(), fixture::opener_keys(strange));
    EXPECT_EQ(refusal(confused.open(*block)), "wrong_label");
    EXPECT_EQ(refusal(confused.open(*Bench().seal("mine"))),
              "wrong_key");  // and has taken none of those keys
  }
}

TEST(Opener, TakesOutOfAMixedBunchOnlyTheKeysOfItsLabel) {
  auto mixed = fixture::opener_keys(label(0xa2));
  mixed->keys.push_back(fixture::epoch_key(label(), kEpoch));
  Opener mine(label(), std::move(mixed));
  EXPECT_EQ(refusal(mine.open(*Bench().seal("mine"))), "opened");
  // The same bytes under a label that was painted over: the stranger's key was not taken, so it cannot fit.
  const BlockPtr strange = Bench(label(0xa2)).seal("theirs");
  const BlockPtr painted = altered(*strange, [](Buffer& bytes) { std::fill_n(bytes.begin() + 8, 16, 0xa1); });
  EXPECT_EQ(refusal(mine.open(*painted)), "wrong_key");
}

TEST(Opener, LacksTheKeyOfItsOwnBlocksInOtherEpochsAlone) {
  const UtcTime later = fixture::kCapture + Microseconds(kEpochUs);
  Opener mine = opener();
  Bench bench;
  EXPECT_FALSE(mine.lacks_key_of(*bench.seal("mine")));
  const BlockPtr next = bench.seal("mine, later", later);
  EXPECT_TRUE(mine.lacks_key_of(*next));
  EXPECT_EQ(refusal(mine.open(*next)), "wrong_key");
  EXPECT_FALSE(mine.lacks_key_of(*Bench(label(0xa2)).seal("theirs, later", later)));
  mine.renew(fixture::opener_keys(label(), {kEpoch + 1}));
  EXPECT_FALSE(mine.lacks_key_of(*next));
  EXPECT_EQ(refusal(mine.open(*next)), "opened");
  mine.forget();
  EXPECT_TRUE(mine.lacks_key_of(*next));
}

struct Alteration {
  const char* field;
  std::size_t first;
  std::size_t last;
  std::string_view refusal;
};

// Offsets of the format: docs/ref/seal.md. Magic, suite and kind are refused before, by Block::from_bytes.
constexpr Alteration kAlterations[] = {
    {"flags", 6, 7, "wrong_key"},       {"home", 8, 23, "wrong_label"},
    {"camera", 24, 39, "wrong_label"},  {"tenure", 40, 47, "wrong_label"},
    {"stream", 48, 51, "wrong_label"},  {"epoch", 52, 55, "wrong_key"},
    {"sequence", 56, 63, "wrong_key"},  {"capture", 64, 71, "wrong_key"},
    {"salt", 72, 87, "wrong_key"},      {"previous", 88, 103, "wrong_key"},
    {"chunk", 104, 107, "wrong_key"},   {"commitment", 112, 143, "wrong_key"},
    {"ciphertext", 144, 163, "broken"}, {"tag", 164, 179, "broken"},
};

TEST(Opener, RefusesEachAlteredBitByTheNameOfItsField) {
  Bench bench;
  const BlockPtr block = bench.seal("twenty bytes of text");
  ASSERT_EQ(block->bytes().size(), 180U);
  Opener mine = opener();
  for (const Alteration& alteration : kAlterations) {
    for (std::size_t bit = alteration.first * 8; bit < (alteration.last + 1) * 8; ++bit) {
      const BlockPtr bad = altered(
          *block, [bit](Buffer& bytes) { bytes[bit / 8] ^= static_cast<std::uint8_t>(1 << (bit % 8)); });
      ASSERT_EQ(refusal(mine.open(*bad)), alteration.refusal) << alteration.field << ", bit " << bit;
      ASSERT_EQ(refusal(mine.reopen(*bad)), alteration.refusal) << alteration.field << ", bit " << bit;
    }
  }
  const BlockPtr other_kind = altered(*block, [](Buffer& bytes) { bytes[5] = 2; });
  EXPECT_EQ(refusal(mine.open(*other_kind)), "wrong_key");
  EXPECT_EQ(refusal(mine.open(*block)), "opened");  // none of that has spoilt it
}

TEST(Opener, RefusesTruncationEvenWhereTheLengthSaysSo) {
  Bench bench;
  const BlockPtr block = bench.seal("twenty bytes of text");
  Opener mine = opener();
  for (std::size_t size = 0; size < 20; ++size) {
    const BlockPtr bad = altered(*block, [size](Buffer& bytes) {
      bytes.resize(kOverheadBytes + size);
      bytes[111] = static_cast<std::uint8_t>(size);
    });
    EXPECT_EQ(refusal(mine.open(*bad)), "wrong_key") << size;
  }
}

TEST(Opener, RefusesThePartsOfTwoBlocks) {
  Bench bench;
  const BlockPtr one = bench.seal("first picture");
  const BlockPtr two = bench.seal("other picture");
  Opener mine = opener();
  const BlockPtr mixed = altered(*one, [&](Buffer& bytes) {
    std::copy(two->bytes().begin() + 144, two->bytes().end(), bytes.begin() + 144);
  });
  EXPECT_EQ(refusal(mine.open(*mixed)), "broken");
  const BlockPtr swapped = altered(*one, [&](Buffer& bytes) {
    std::copy(two->bytes().begin() + 112, two->bytes().end(), bytes.begin() + 112);
  });
  EXPECT_EQ(refusal(mine.open(*swapped)), "wrong_key");
}

TEST(Opener, EpochsItHasNoKeyOfAreWrongKey) {
  Bench bench;
  const BlockPtr first = bench.seal("in the first epoch");
  const BlockPtr second = bench.seal("in the second", fixture::kCapture + Seconds(600));
  const BlockPtr third = bench.seal("in the third", fixture::kCapture + Seconds(1200));
  Opener mine = opener(label(), {kEpoch, kEpoch + 1});
  EXPECT_EQ(refusal(mine.open(*first)), "opened");
  EXPECT_EQ(refusal(mine.open(*second)), "opened");
  EXPECT_EQ(refusal(mine.open(*third)), "wrong_key");
  mine.renew(fixture::opener_keys(label(), {kEpoch + 2}));
  EXPECT_EQ(refusal(mine.open(*third)), "opened");
  EXPECT_EQ(refusal(mine.reopen(*first)), "wrong_key");  // no longer needed, and wiped
}

TEST(Opener, RenewalKeepsWindowAndChain) {
  Bench bench;
  const BlockPtr first = bench.seal("first");
  Opener mine = opener();
  EXPECT_EQ(refusal(mine.open(*first)), "opened");
  mine.renew(fixture::opener_keys(label()));
  EXPECT_EQ(refusal(mine.open(*first)), "replayed");
  EXPECT_EQ(refusal(mine.open(*bench.seal("second"))), "opened");
}

TEST(Opener, RenewalWithKeysOfAnotherLabelLeavesItWithNone) {
  Opener mine = opener();
  mine.renew(fixture::opener_keys(label(0xa2)));
  EXPECT_EQ(refusal(mine.open(*Bench().seal("mine"))), "wrong_key");
  EXPECT_EQ(refusal(mine.open(*Bench(label(0xa2)).seal("theirs"))), "wrong_label");
}

TEST(Opener, OpensNothingAfterForget) {
  Bench bench;
  const BlockPtr first = bench.seal("first");
  Opener mine = opener();
  EXPECT_EQ(refusal(mine.open(*first)), "opened");
  mine.forget();
  EXPECT_EQ(refusal(mine.open(*bench.seal("second"))), "wrong_key");
  EXPECT_EQ(refusal(mine.reopen(*first)), "wrong_key");
  EXPECT_EQ(refusal(mine.open(*Bench(label(0xa2)).seal("theirs"))), "wrong_label");
}

TEST(Opener, WithoutKeysOpensNothing) {
  Opener mine(label(), nullptr);
  EXPECT_EQ(refusal(mine.open(*Bench().seal("mine"))), "wrong_key");
}

TEST(Opener, ReopensOnlyWhatItHasOpened) {
  Bench bench;
  const BlockPtr first = bench.seal("first");
  const BlockPtr second = bench.seal("second");
  Opener mine = opener();
  EXPECT_FALSE(mine.is_behind_window(*first)) << "there is no window yet";
  EXPECT_EQ(refusal(mine.reopen(*first)), "replayed");
  EXPECT_EQ(refusal(mine.open(*first)), "opened");
  for (int round = 0; round < 3; ++round) {
    const auto again = mine.reopen(*first);
    ASSERT_EQ(refusal(again), "opened");
    EXPECT_EQ(as_text(again->bytes()), "first");
  }
  EXPECT_EQ(refusal(mine.reopen(*second)), "replayed");
  EXPECT_EQ(refusal(mine.open(*second)), "opened");  // to have asked too early does no harm
  for (int count = 0; count < 4095; ++count) ASSERT_EQ(refusal(mine.open(*bench.seal(""))), "opened");
  EXPECT_EQ(refusal(mine.reopen(*first)), "replayed");  // it has left the window
  EXPECT_TRUE(mine.is_behind_window(*first));
  EXPECT_FALSE(mine.is_behind_window(*second));
  EXPECT_FALSE(mine.is_behind_window(*Bench(label(0xa2)).seal("theirs"))) << "that is another matter";
  EXPECT_EQ(refusal(mine.reopen(*second)), "opened");
}

TEST(Opener, MovesWithAllItKnows) {
  Bench bench;
  const BlockPtr first = bench.seal("first");
  Opener source = opener();
  EXPECT_EQ(refusal(source.open(*first)), "opened");
  Opener target(std::move(source));
  EXPECT_EQ(refusal(target.open(*first)), "replayed");
  Opener assigned = opener(label(0xa2));
  assigned = std::move(target);
  EXPECT_EQ(assigned.label(), label());
  EXPECT_EQ(refusal(assigned.open(*bench.seal("second"))), "opened");
}

TEST(Opener, UsingOneThatWasMovedFromEndsTheProcess) {
  const BlockPtr block = Bench().seal("mine");
  Opener source = opener();
  const Opener target(std::move(source));
  EXPECT_DEATH(static_cast<void>(source.open(*block)),
               "broken invariant");  // NOLINT(bugprone-use-after-move)
  EXPECT_DEATH(static_cast<void>(source.reopen(*block)), "broken invariant");
  EXPECT_DEATH(static_cast<void>(source.label()), "broken invariant");
  EXPECT_DEATH(source.renew(nullptr), "broken invariant");
  EXPECT_DEATH(source.forget(), "broken invariant");
}

TEST(Clear, MovesAndLeavesNothingBehind) {
  Bench bench;
  Opener mine = opener();
  auto first = mine.open(*bench.seal("first"));
  auto second = mine.open(*bench.seal("second"));
  ASSERT_TRUE(first.has_value() && second.has_value());
  Clear clear(std::move(*first));
  EXPECT_TRUE(first->bytes().empty());  // NOLINT(bugprone-use-after-move)
  clear = std::move(*second);
  EXPECT_TRUE(second->bytes().empty());
  EXPECT_EQ(as_text(clear.bytes()), "second");
  Clear& same = clear;
  clear = std::move(same);
  EXPECT_EQ(as_text(clear.bytes()), "second");
  static_assert(!std::is_copy_constructible_v<Clear> && !std::is_copy_assignable_v<Clear>);
  static_assert(!std::is_constructible_v<Clear, Buffer> && !std::is_default_constructible_v<Clear>);
}

}  // namespace
}  // namespace jalousie::seal
