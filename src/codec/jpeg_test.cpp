#include "codec/jpeg.h"

#include <random>

#include <gtest/gtest.h>

namespace jalousie::codec {
namespace {

// libjpeg's beginning of an image of 640x480: SOI, APP0, SOF0.
const Buffer kImage{0xFF, 0xD8, 0xFF, 0xE0, 0x00, 0x10, 'J',  'F',  'I',  'F',  0,    1,    1,    0,
                    0,    1,    0,    1,    0,    0,    0xFF, 0xC0, 0x00, 0x11, 0x08, 0x01, 0xE0, 0x02,
                    0x80, 3,    1,    0x22, 0,    2,    0x11, 1,    3,    0x11, 1,    0xFF, 0xDA};

TEST(Jpeg, SaysItsSize) { EXPECT_EQ(jpeg_size(kImage).value(), (JpegSize{640, 480})); }

TEST(Jpeg, FillBytesBeforeAMarkerAreStepsOver) {
  Buffer image = kImage;
  image.insert(image.begin() + 20, {0xFF, 0xFF});
  EXPECT_EQ(jpeg_size(image).value(), (JpegSize{640, 480}));
}

TEST(Jpeg, ProgressiveHasASizeAndTablesHaveNone) {
  Buffer image = kImage;
  image[21] = 0xC2;
  EXPECT_TRUE(jpeg_size(image));
  image[21] = 0xC4;
  EXPECT_FALSE(jpeg_size(image));
}

TEST(Jpeg, RefusesASizeOfNothingAndOneAboveTheLimit) {
  Buffer image = kImage;
  image[25] = image[26] = 0;
  EXPECT_EQ(jpeg_size(image).error().kind(), ErrorKind::Unsupported);
  image[25] = 0xFF;
  EXPECT_EQ(jpeg_size(image).error().kind(), ErrorKind::Unsupported);
}

TEST(Jpeg, TruncatedAndRandomIsAnError) {
  for (std::size_t size = 0; size < 29; ++size) EXPECT_FALSE(jpeg_size(ByteView(kImage).first(size))) << size;
  std::minstd_rand random(5);
  for (int i = 0; i < 20'000; ++i) {
    Buffer image = kImage;
    for (int changes = 0; changes < 3; ++changes)
      image[random() % image.size()] = static_cast<std::uint8_t>(random());
    static_cast<void>(jpeg_size(image));
  }
}

}  // namespace
}  // namespace jalousie::codec
