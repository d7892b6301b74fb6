#include <algorithm>

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/encoding.h"
#include "base/ids.h"
#include "base/metrics.h"
#include "base/result.h"
#include "base/time.h"
#include "base/wipe_at_end.h"

namespace jalousie {
namespace {

TEST(ByteReader, ReadsBigEndianAndSticksAtItsEnd) {
  const Buffer input{1, 2, 3, 4, 5, 6};
  ByteReader reader(input);
  EXPECT_EQ(reader.u8(), 1);
  EXPECT_EQ(reader.u16(), 0x0203);
  EXPECT_EQ(reader.u32(), 0U);  // only three are left
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.u8(), 0);
  EXPECT_EQ(reader.remaining(), 0U);
}

TEST(ByteWriter, WritesWhatTheReaderReadsAndNeverPastItsEnd) {
  Buffer target(18);
  ByteWriter writer(target);
  writer.u8(7);
  writer.u16(0x1234);
  writer.u24(0x56789a);
  writer.u32(0xdeadbeef);
  writer.u64(0x0102030405060708);
  EXPECT_TRUE(writer.ok());
  EXPECT_EQ(writer.remaining(), 0U);
  ByteReader reader(target);
  EXPECT_EQ(reader.u8(), 7);
  EXPECT_EQ(reader.u16(), 0x1234);
  EXPECT_EQ(reader.u24(), 0x56789aU);
  EXPECT_EQ(reader.u32(), 0xdeadbeefU);
  EXPECT_EQ(reader.u64(), 0x0102030405060708U);
  EXPECT_TRUE(reader.ok());
  writer.u8(1);
  EXPECT_FALSE(writer.ok());
}

TEST(Encoding, Base64AsInRfc4648Section10) {
  EXPECT_EQ(encode_base64(as_bytes("foob")), "Zm9vYg==");
  EXPECT_EQ(encode_base64(as_bytes("foobar")), "Zm9vYmFy");
  EXPECT_EQ(as_text(*decode_base64("Zm9vYg")), "foob");
  EXPECT_EQ(as_text(*decode_base64("Zm9vYg==")), "foob");
  EXPECT_FALSE(decode_base64("Zm9vY"));
  EXPECT_FALSE(decode_base64("Zm9v!mFy"));
  EXPECT_EQ(encode_base64url(Buffer{0xfb, 0xff}), "-_8");
  EXPECT_EQ(*decode_base64url("-_8"), (Buffer{0xfb, 0xff}));
}

TEST(Ids, RoundTripAndRefuseWhatIsNotOne) {
  const auto id = HomeId::parse("000102030405060708090a0b0c0d0e0f");
  ASSERT_TRUE(id);
  EXPECT_EQ(id->bytes[15], 15);
  EXPECT_EQ(id->to_string(), "000102030405060708090a0b0c0d0e0f");
  for (const char* wrong :
       {"", "00", "000102030405060708090a0b0c0d0e0g", "000102030405060708090a0b0c0d0e0f0"}) {
    const auto refused = HomeId::parse(wrong);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind(), ErrorKind::InvalidArgument);
  }
}

Result<int> halve(int value) {
  if (value % 2 != 0) return fail(ErrorKind::InvalidArgument, "odd");
  return value / 2;
}
Result<int> quarter(int value) {
  TRY(const int half, halve(value));
  TRY_VOID(halve(half));
  return half / 2;
}

TEST(Result, TryHandsTheErrorUp) {
  EXPECT_EQ(quarter(8).value(), 2);
  EXPECT_EQ(quarter(6).error().message(), "odd");
  EXPECT_EQ(Error(ErrorKind::NotFound, "gone").within("camera").message(), "camera: gone");
}

TEST(Time, Rfc3339) { EXPECT_EQ(to_rfc3339(utc_from_us(1'700'000'000'123'456)), "2023-11-14T22:13:20.123Z"); }

TEST(WipeAtEnd, WipesAlsoWhatWasThereBeforeLess) {
  Buffer bytes;
  bytes.reserve(64);
  const std::uint8_t* const place = bytes.data();
  {
    const WipeAtEnd wiped(bytes);
    bytes.assign(50, 0xab);
    bytes.clear();
    bytes.assign(3, 0xcd);
  }
  EXPECT_TRUE(bytes.empty());
  ASSERT_EQ(bytes.data(), place) << "nothing was allocated";
  EXPECT_EQ(std::count(place, place + 50, 0), 50);
  std::string text;
  text.reserve(100);
  {
    const WipeAtEnd wiped(text);
    text = "Authorization: Basic c2VjcmV0c2VjcmV0c2VjcmV0";
  }
  EXPECT_TRUE(text.empty());
}

TEST(Metrics, SameNameAndLabelsAreOneCounter) {
  Metrics metrics;
  metrics.counter("jalousie_test_total", "t", {{"kind", "a"}}).add();
  metrics.counter("jalousie_test_total", "t", {{"kind", "a"}}).add(2);
  metrics.counter("jalousie_test_total", "t", {{"kind", "b"}}).add();
  EXPECT_NE(metrics.prometheus_text().find("jalousie_test_total{kind=\"a\"} 3"), std::string::npos);
  EXPECT_NE(metrics.prometheus_text().find("jalousie_test_total{kind=\"b\"} 1"), std::string::npos);
}

}  // namespace
}  // namespace jalousie
