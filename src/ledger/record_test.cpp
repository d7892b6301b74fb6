#include "ledger/record.h"

#include <gtest/gtest.h>

namespace jalousie::ledger {

namespace {

Recorded sample() {
  Recorded recorded;
  recorded.sequence = 7;
  recorded.entry = {.kind = EntryKind::Refusal,
                    .at = utc_from_us(1'700'000'000'123'456),
                    .home = HomeId::parse("000102030405060708090a0b0c0d0e0f").value(),
                    .account = AccountId::parse("101112131415161718191a1b1c1d1e1f").value(),
                    .session = SessionId::parse("202122232425262728292a2b2c2d2e2f").value(),
                    .camera = CameraId::parse("303132333435363738393a3b3c3d3e3f").value(),
                    .tenure = Tenure{3},
                    .viewing = ViewingId::parse("404142434445464748494a4b4c4d4e4f").value(),
                    .frames = 25,
                    .bytes = 1'000'000,
                    .door = "whep",
                    .detail = "wrong_label"};
  return recorded;
}

}  // namespace

TEST(Record, ComesBackAsItWas) {
  const ChainHash start{1, 2, 3};
  ChainHash chain = start;
  Buffer bytes;
  encode_record(sample(), chain, bytes);
  EXPECT_EQ(bytes.size(), 4 + kFixedPayloadBytes + 4 + 11 + 32);
  const ParsedRecord parsed = parse_record(bytes, start);
  ASSERT_EQ(parsed.state, RecordState::Good);
  EXPECT_EQ(parsed.bytes, bytes.size());
  EXPECT_EQ(parsed.recorded, sample());
  EXPECT_EQ(parsed.chain, chain);
}

TEST(Record, IsTruncatedAtEachByte) {
  ChainHash chain{};
  Buffer bytes;
  encode_record(sample(), chain, bytes);
  for (std::size_t count = 0; count < bytes.size(); ++count) {
    EXPECT_EQ(parse_record(ByteView(bytes).first(count), {}).state, RecordState::Truncated) << count;
  }
}

TEST(Record, IsBrokenWhenAnyByteChanges) {
  ChainHash chain{};
  Buffer bytes;
  encode_record(sample(), chain, bytes);
  for (std::size_t index = 0; index < bytes.size(); ++index) {
    Buffer changed = bytes;
    changed[index] ^= 1;
    EXPECT_NE(parse_record(changed, {}).state, RecordState::Good) << index;
  }
}

TEST(Record, FollowsOnlyTheRecordBeforeIt) {
  ChainHash chain{};
  Buffer bytes;
  encode_record(sample(), chain, bytes);
  EXPECT_EQ(parse_record(bytes, ChainHash{1}).state, RecordState::Broken);
}

TEST(Record, EveryKindHasAName) {
  for (std::uint8_t kind = 1; kind <= 6; ++kind)
    EXPECT_FALSE(to_string(static_cast<EntryKind>(kind)).empty());
}

}  // namespace jalousie::ledger
