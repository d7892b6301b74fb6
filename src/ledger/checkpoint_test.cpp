#include "ledger/checkpoint.h"

#include <gtest/gtest.h>

namespace jalousie::ledger {

namespace {

HomeId home(std::uint8_t number) {
  HomeId id;
  id.bytes.fill(number);
  return id;
}

Checkpoint sample() {
  return {.ledger = {1, 2, 3},
          .end = 4'000'000'123,
          .chain = {4, 5, 6},
          .entries = {{home(0), 7}, {home(1), 20'000'000}, {home(9), 1}}};
}

}  // namespace

TEST(Checkpoint, ComesBackAsItWas) {
  const Buffer bytes = encode_checkpoint(sample());
  EXPECT_EQ(bytes.size(), kCheckpointBytes + 3 * kCheckpointHomeBytes);
  EXPECT_EQ(checkpoint_length(ByteView(bytes).first(kCheckpointStartBytes)), bytes.size());
  EXPECT_EQ(parse_checkpoint(bytes), sample());
  Checkpoint none;
  EXPECT_EQ(parse_checkpoint(encode_checkpoint(none)), none);
}

TEST(Checkpoint, IsNoneWhenItIsCutAtAnyByteOrGoesOn) {
  Buffer bytes = encode_checkpoint(sample());
  for (std::size_t count = 0; count < bytes.size(); ++count)
    EXPECT_FALSE(parse_checkpoint(ByteView(bytes).first(count))) << count;
  bytes.push_back(0);
  EXPECT_FALSE(parse_checkpoint(bytes));
}

TEST(Checkpoint, IsNoneWhenAnyByteChanges) {
  const Buffer bytes = encode_checkpoint(sample());
  for (std::size_t index = 0; index < bytes.size(); ++index) {
    Buffer changed = bytes;
    changed[index] ^= 1;
    EXPECT_FALSE(parse_checkpoint(changed)) << index;
  }
}

TEST(Checkpoint, IsNoneWhenItsHomesAreOutOfOrderOrItEndsBeforeTheFirstEntry) {
  Checkpoint twice = sample();
  twice.entries[1] = twice.entries[0];
  EXPECT_FALSE(parse_checkpoint(encode_checkpoint(twice)));
  Checkpoint early = sample();
  early.end = kFileHeaderBytes - 1;
  EXPECT_FALSE(parse_checkpoint(encode_checkpoint(early)));
}

TEST(Checkpoint, KnowsHowManyEntriesAHomeHas) {
  EXPECT_EQ(sample().entries_of(home(1)), 20'000'000U);
  EXPECT_EQ(sample().entries_of(home(9)), 1U);
  EXPECT_EQ(sample().entries_of(home(5)), 0U);
  EXPECT_EQ(sample().entries_of(home(200)), 0U);
}

}  // namespace jalousie::ledger
