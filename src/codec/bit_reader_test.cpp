#include "codec/bit_reader.h"

#include <limits>

#include <gtest/gtest.h>

namespace jalousie::codec {
namespace {

TEST(BitReader, ReadsFieldsOfAnyWidthAcrossBytes) {
  const Buffer input{0b1010'0110, 0xFF, 0x00, 0x12, 0x34, 0x56, 0x78};
  BitReader reader(input);
  EXPECT_TRUE(reader.flag());
  EXPECT_EQ(reader.bits(3), 0b010U);
  EXPECT_EQ(reader.bits(12), 0x6FFU);
  EXPECT_EQ(reader.bits(0), 0U);
  EXPECT_EQ(reader.bits(8), 0U);
  EXPECT_EQ(reader.bits(32), 0x12345678U);
  EXPECT_TRUE(reader.ok());
  EXPECT_FALSE(reader.flag());
  EXPECT_FALSE(reader.ok());
}

TEST(BitReader, LeavesEmulationPreventionBytesOut) {
  const Buffer input{0, 0, 3, 1, 0, 0, 3, 0, 0, 3, 3, 0, 3, 7};
  BitReader reader(input);
  EXPECT_EQ(reader.bits(24), 0x000001U);
  EXPECT_EQ(reader.bits(32), 0x00000000U);
  EXPECT_EQ(reader.bits(32), 0x03000307U) << "a 3 after fewer than two zeros is data";
  EXPECT_TRUE(reader.ok());
}

TEST(BitReader, EmulationPreventionByteAtTheEndIsNoData) {
  const Buffer input{0, 0, 3};
  BitReader reader(input);
  reader.skip(16);
  EXPECT_TRUE(reader.ok());
  EXPECT_FALSE(reader.flag());
  EXPECT_FALSE(reader.ok());
}

// Table 9-2, and the ends of the range.
TEST(BitReader, ExpGolombCodes) {
  const Buffer small{0b1'010'011'0, 0b0100'0010, 0b1'00110'00, 0b111'00000};  // 0 1 2 3 4 5 6
  BitReader reader(small);
  for (std::uint32_t expected = 0; expected <= 6; ++expected)
    EXPECT_EQ(reader.unsigned_exp_golomb(), expected);
  BitReader with_sign(small);
  for (const std::int32_t expected : {0, 1, -1, 2, -2, 3, -3})
    EXPECT_EQ(with_sign.signed_exp_golomb(), expected);

  // 31 zeros, 1, 31 ones: the largest; in its coded form no emulation prevention is needed inside it.
  const Buffer largest{0x00, 0x00, 0x03, 0x00, 0x01, 0xFF, 0xFF, 0xFF, 0xFE};
  BitReader at_most(largest);
  EXPECT_EQ(at_most.unsigned_exp_golomb(), std::numeric_limits<std::uint32_t>::max() - 1);
  EXPECT_TRUE(at_most.ok());
  BitReader at_most_signed(largest);
  EXPECT_EQ(at_most_signed.signed_exp_golomb(), -std::numeric_limits<std::int32_t>::max());
}

TEST(BitReader, RefusesACodeThatIsTooLong) {
  const Buffer too_long{0x00, 0x00, 0x03, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
  BitReader reader(too_long);
  EXPECT_EQ(reader.unsigned_exp_golomb(), 0U);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.bits(8), 0U) << "sticky";
}

TEST(BitReader, SkipPastTheEndEnds) {
  const Buffer input{1, 2};
  BitReader reader(input);
  reader.skip(std::numeric_limits<unsigned>::max());
  EXPECT_FALSE(reader.ok());
}

}  // namespace
}  // namespace jalousie::codec
