#include "stream/ring.h"

#include <gtest/gtest.h>

namespace jalousie::stream {
namespace {

seal::BlockPtr block(std::int64_t capture_ms, bool key, std::size_t plaintext_bytes = 100) {
  seal::BlockHeader header;
  header.capture = utc_from_us(capture_ms * 1000);
  header.flags = key ? seal::kFlagKeyFrame : std::uint16_t{0};
  header.plaintext_bytes = static_cast<std::uint32_t>(plaintext_bytes);
  Buffer bytes(seal::kOverheadBytes + plaintext_bytes);
  std::ranges::copy(header.encode(), bytes.begin());
  return std::make_shared<const seal::Block>(header, std::move(bytes));
}

TEST(Ring, NothingBeforeTheFirstKeyFrame) {
  Ring ring;
  ring.push(block(0, false));
  EXPECT_EQ(ring.newest(), nullptr);
  EXPECT_FALSE(ring.newest_key());
  ring.push(block(40, true));
  ASSERT_TRUE(ring.newest_key());
}

seal::BlockPtr sound(std::int64_t capture_ms, std::uint16_t flags = 0) {
  auto header = block(capture_ms, false)->header();
  header.kind = seal::BlockKind::Audio;
  header.flags = static_cast<std::uint16_t>(flags | seal::coding_flags(seal::AudioCoding::Pcmu));
  Buffer bytes(seal::kOverheadBytes + header.plaintext_bytes);
  std::ranges::copy(header.encode(), bytes.begin());
  return std::make_shared<const seal::Block>(header, std::move(bytes));
}

TEST(Ring, SoundGoesAlongAndDecidesNothing) {
  Ring ring({.bytes = 1000, .age = Seconds(1), .hard_bytes = std::size_t{64} << 20});
  ring.push(sound(0, seal::kFlagKeyFrame));
  EXPECT_FALSE(ring.newest_key()) << "nobody can start with it";
  EXPECT_FALSE(ring.newest_picture());
  ring.push(block(10, true));
  const auto key = ring.newest_key()->position;
  for (int i = 1; i < 1000; ++i) ring.push(sound(10 + i * 20, seal::kFlagKeyFrame));
  EXPECT_EQ(ring.newest_key()->position, key);
  EXPECT_EQ(ring.blocks().size(), 1000U) << "all since the key frame";
  EXPECT_EQ(ring.newest_picture(), utc_from_us(10'000)) << "sound alone is no picture";
  EXPECT_EQ(ring.newest()->header().kind, seal::BlockKind::Audio);
}

TEST(Ring, KeepsTheNewestGopWhateverItsLength) {
  Ring ring({.bytes = 1000, .age = Seconds(1), .hard_bytes = std::size_t{64} << 20});
  ring.push(block(0, true));
  for (int frame = 1; frame < 750; ++frame) ring.push(block(frame * 40, false));  // 30 s
  EXPECT_EQ(ring.blocks().size(), 750U);
  Cursor cursor = *ring.newest_key();
  const auto read = ring.read(cursor);
  EXPECT_TRUE(read.block->header().is_key_frame());
  EXPECT_EQ(read.lost, 0U);
  // The next key frame lets the long GOP go, but for what is younger than the age.
  ring.push(block(30'000, true));
  EXPECT_LT(ring.blocks().size(), 30U);
  EXPECT_EQ(ring.newest_key()->position, 750U);
}

TEST(Ring, TheHardBoundHoldsAgainstACameraWithoutKeyFrames) {
  Ring ring({.bytes = 1000, .age = Seconds(1), .hard_bytes = 10'000});
  ring.push(block(0, true));
  for (int frame = 1; frame < 1000; ++frame) {
    ring.push(block(frame * 40, false));
    ASSERT_LE(ring.bytes(), 10'000U);
  }
  EXPECT_FALSE(ring.newest_key());
  ring.push(block(40'000, true));
  EXPECT_TRUE(ring.newest_key());
}

TEST(Ring, AReaderThatFellBehindJumpsToTheNewestKeyFrameAndIsToldHowManyItLost) {
  Ring ring({.bytes = 1, .age = Microseconds(0), .hard_bytes = std::size_t{1} << 20});
  ring.push(block(0, true));
  Cursor slow = *ring.newest_key();
  for (int frame = 1; frame < 10; ++frame) ring.push(block(frame * 40, false));
  ring.push(block(400, true));
  ring.push(block(440, false));
  const auto read = ring.read(slow);
  ASSERT_TRUE(read.block);
  EXPECT_TRUE(read.block->header().is_key_frame());
  EXPECT_EQ(read.lost, 10U);
  EXPECT_FALSE(ring.read(slow).block->header().is_key_frame());
  EXPECT_FALSE(ring.read(slow).block);
}

TEST(Ring, ReadersDoNotDisturbEachOther) {
  Ring ring;
  ring.push(block(0, true));
  ring.push(block(40, false));
  Cursor first = *ring.newest_key();
  Cursor second = first;
  ring.read(first);
  ring.read(first);
  EXPECT_TRUE(ring.read(second).block->header().is_key_frame());
  EXPECT_EQ(ring.peek(first), nullptr);
  EXPECT_NE(ring.peek(second), nullptr);
}

TEST(Ring, ClearKeepsPositionsApart) {
  Ring ring;
  ring.push(block(0, true));
  Cursor old{0};
  ring.clear();
  EXPECT_FALSE(ring.read(old).block);
  ring.push(block(80, true));
  old.position = 0;
  const auto read = ring.read(old);
  ASSERT_TRUE(read.block);
  EXPECT_EQ(read.lost, 1U);
}

}  // namespace
}  // namespace jalousie::stream
