#include "camera/tone_coder.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "camera/decode_for_test.h"

namespace jalousie::camera {
namespace {

/// Numbers that are the same in every run.
class Noise {
 public:
  std::uint32_t next(std::uint32_t below) {
    state_ = state_ * 1'664'525 + 1'013'904'223;
    return (state_ >> 8) % below;
  }

 private:
  std::uint32_t state_ = 1;
};

void expect_shown(TestDecoder& decoder, const ToneCoder& coder, ByteView unit) {
  const auto picture = decoder.decode(unit);
  ASSERT_TRUE(picture);
  ASSERT_EQ(picture->width, kToneColumns * kTonePixels);
  ASSERT_EQ(picture->height, kToneRows * kTonePixels);
  for (std::size_t y = 0; y < picture->height; ++y) {
    for (std::size_t x = 0; x < picture->width; ++x) {
      ASSERT_EQ(picture->row(y)[x], coder.shown()[y / kTonePixels * kToneColumns + x / kTonePixels])
          << x << ',' << y;
    }
  }
}

void expect_near(const Tones& shown, const Tones& meant) {
  for (std::size_t i = 0; i < meant.size(); ++i) ASSERT_LE(std::abs(shown[i] - meant[i]), 5) << i;
}

TEST(ToneCoder, ADecoderShowsExactlyWhatItSaysWhateverTheTones) {
  ToneCoder coder;
  TestDecoder decoder;
  Noise noise;
  Buffer unit;
  Tones tones{};
  for (int number = 0; number < 600; ++number) {
    // From many small changes to few large ones.
    const auto changes = number % 10 == 0 ? tones.size() : noise.next(200);
    for (std::size_t i = 0; i < changes; ++i)
      tones[noise.next(static_cast<std::uint32_t>(tones.size()))] =
          static_cast<std::uint8_t>(5 + noise.next(246));
    coder.encode(tones, number % 300 == 0, 0, unit);
    expect_shown(decoder, coder, unit);
    expect_near(coder.shown(), tones);
    if (HasFatalFailure()) FAIL() << "picture " << number;
  }
}

TEST(ToneCoder, WhatStandsStillTakesAHandfulOfBytes) {
  ToneCoder coder;
  Tones tones{};
  tones.fill(100);
  Buffer unit;
  coder.encode(tones, true, 0, unit);
  EXPECT_LT(unit.size(), 2'000u);
  coder.encode(tones, false, 0, unit);
  EXPECT_LT(unit.size(), 16u);
}

TEST(ToneCoder, FillsUpToWhatIsAskedForAndStaysDecodable) {
  ToneCoder coder;
  TestDecoder decoder;
  Tones tones{};
  Buffer unit;
  coder.encode(tones, true, 0, unit);
  expect_shown(decoder, coder, unit);
  for (std::size_t bytes = 40; bytes < 2'000; bytes += 7) {
    coder.encode(tones, false, bytes, unit);
    EXPECT_LE(unit.size(), bytes + 1) << bytes;
    EXPECT_GE(unit.size() + 3, bytes) << bytes;
    expect_shown(decoder, coder, unit);
    if (HasFatalFailure()) FAIL() << bytes;
  }
}

}  // namespace
}  // namespace jalousie::camera
