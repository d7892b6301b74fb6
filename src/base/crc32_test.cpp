#include "base/crc32.h"

#include <gtest/gtest.h>

namespace jalousie {
namespace {

TEST(Crc32, CheckValues) {
  EXPECT_EQ(crc32({}), 0U);
  EXPECT_EQ(crc32(as_bytes("123456789")), 0xcbf43926U);  // the catalogue's check value
  EXPECT_EQ(crc32(as_bytes("The quick brown fox jumps over the lazy dog")), 0x414fa339U);
}

}  // namespace
}  // namespace jalousie
