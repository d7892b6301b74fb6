// What the two sides say to each other: both ways, at every length, and what a hostile child may try.
#include "decode/message.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "decode/request.h"

namespace jalousie::decode {
namespace {

const RequestHeader kRequest{.number = 0xA1B2C3D5,
                             .codec = Codec::H265,
                             .width = 640,
                             .units = 3,
                             .work_limit_ms = 2000,
                             .bytes = 5000};
const AnswerHeader kPicture{.number = 0xA1B2C3D5,
                            .outcome = Outcome::Picture,
                            .flags = 0,
                            .unit = 2,
                            .width = 640,
                            .height = 360,
                            .jpeg_bytes = 40'000};

AnswerHeader changed(void (*change)(AnswerHeader&)) {
  AnswerHeader answer = kPicture;
  change(answer);
  return answer;
}

TEST(DecoderMessages, ComeOutAsTheyWentIn) {
  const auto request = RequestHeader::parse(kRequest.encode());
  ASSERT_TRUE(request) << request.error().message();
  EXPECT_EQ(request->encode(), kRequest.encode());
  EXPECT_EQ(request->width, 640);
  const auto answer = AnswerHeader::parse(kPicture.encode());
  ASSERT_TRUE(answer) << answer.error().message();
  EXPECT_EQ(answer->encode(), kPicture.encode());
  EXPECT_TRUE(check_answer(*answer, kRequest));
}

TEST(DecoderMessages, CutShortAreNone) {
  const auto request = kRequest.encode();
  const auto answer = kPicture.encode();
  for (std::size_t length = 0; length < kMessageHeaderBytes; ++length) {
    EXPECT_FALSE(RequestHeader::parse(ByteView(request).first(length)));
    EXPECT_FALSE(AnswerHeader::parse(ByteView(answer).first(length)));
  }
}

TEST(DecoderMessages, HostileAnswersAreNone) {
  using Change = void (*)(AnswerHeader&);
  const std::array<Change, 14> lies{
      [](AnswerHeader& a) { a.number = 0; },
      [](AnswerHeader& a) { a.outcome = static_cast<Outcome>(5); },
      [](AnswerHeader& a) { a.outcome = static_cast<Outcome>(0); },
      [](AnswerHeader& a) { a.flags = 0x80; },
      [](AnswerHeader& a) { a.width = 0; },
      [](AnswerHeader& a) { a.height = 0; },
      [](AnswerHeader& a) { a.width = a.height = 0xFFFF; },
      [](AnswerHeader& a) { a.jpeg_bytes = 0; },
      [](AnswerHeader& a) { a.jpeg_bytes = 3; },
      [](AnswerHeader& a) { a.jpeg_bytes = limits::kStillJpegBytes + 1; },
      [](AnswerHeader& a) { a.jpeg_bytes = 0xFFFF'FFFF; },
      [](AnswerHeader& a) { a.outcome = Outcome::NoPicture; },  // and yet with bytes
      [](AnswerHeader& a) { a.outcome = Outcome::Ready; },
      [](AnswerHeader& a) { a = {.outcome = Outcome::Ready, .jpeg_bytes = 10}; },
  };
  for (std::size_t i = 0; i < lies.size(); ++i)
    EXPECT_FALSE(AnswerHeader::parse(changed(lies[i]).encode())) << "lie " << i;
  auto bytes = kPicture.encode();
  bytes[0] ^= 1;
  EXPECT_FALSE(AnswerHeader::parse(bytes));
}

TEST(DecoderMessages, AnswersThatDoNotFitTheQuestionAreRefused) {
  const auto is_refused = [](void (*change)(AnswerHeader&)) {
    const auto parsed = AnswerHeader::parse(changed(change).encode());
    return parsed.has_value() && !check_answer(*parsed, kRequest).has_value();
  };
  EXPECT_TRUE(is_refused([](AnswerHeader& a) { a.number ^= 1U << 7; }));
  EXPECT_TRUE(is_refused([](AnswerHeader& a) { a.unit = 3; }));
  EXPECT_TRUE(is_refused([](AnswerHeader& a) { a.width = 641; }));
  EXPECT_TRUE(is_refused([](AnswerHeader& a) { a = {.outcome = Outcome::Ready}; }));
  const AnswerHeader none{.number = kRequest.number, .outcome = Outcome::NoPicture};
  EXPECT_TRUE(check_answer(*AnswerHeader::parse(none.encode()), kRequest));
}

TEST(DecoderMessages, HostileRequestsAreNone) {
  const auto is_one = [](RequestHeader header) { return RequestHeader::parse(header.encode()).has_value(); };
  RequestHeader header = kRequest;
  header.units = 0;
  EXPECT_FALSE(is_one(header));
  header.units = limits::kStillUnits + 1;
  EXPECT_FALSE(is_one(header));
  header = kRequest;
  header.bytes = 11;  // three units need twelve for their lengths
  EXPECT_FALSE(is_one(header));
  header.bytes = limits::kStillUnitBytes + 1;
  EXPECT_FALSE(is_one(header));
  header = kRequest;
  header.codec = static_cast<Codec>(9);
  EXPECT_FALSE(is_one(header));
}

TEST(DecoderRequest, TakesUnitsUpToItsLimits) {
  Request request(Codec::H264, 320);
  const Buffer unit(100, 7);
  ASSERT_TRUE(request.add(unit));
  ASSERT_TRUE(request.add({}));
  const RequestHeader header = request.header(9, Milliseconds(1500));
  EXPECT_EQ(header.units, 2);
  EXPECT_EQ(header.bytes, 108U);
  EXPECT_EQ(request.bytes().size(), 108U);
  EXPECT_TRUE(RequestHeader::parse(header.encode()));
  const Buffer large(limits::kStillUnitBytes - 111, 7);
  EXPECT_FALSE(request.add(large));
  EXPECT_EQ(request.bytes().size(), 108U);
  while (request.units() < limits::kStillUnits) ASSERT_TRUE(request.add({}));
  EXPECT_FALSE(request.add({}));
}

TEST(DecoderMessages, JpegsBeginAndEndAsOne) {
  EXPECT_TRUE(looks_like_jpeg(Buffer{0xFF, 0xD8, 0xFF, 0xD9}));
  EXPECT_FALSE(looks_like_jpeg(Buffer{0xFF, 0xD8, 0xFF}));
  EXPECT_FALSE(looks_like_jpeg(Buffer{0xFF, 0xD8, 0xFF, 0xD8}));
  EXPECT_FALSE(looks_like_jpeg({}));
}

}  // namespace
}  // namespace jalousie::decode
