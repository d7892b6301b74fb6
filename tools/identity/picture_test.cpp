#include "identity/picture.h"

#include <cstdio>
#include <cstdlib>

#include <gtest/gtest.h>
#include <jpeglib.h>
#include <png.h>

#include "identity/draw.h"
#include "identity/read.h"

namespace jalousie::identity {
namespace {

const Mark kMark{.identity = {5, 6, 7}, .frame = 4'321, .time = {1'763'878'500, 4}};

/// A coloured scene with the code in it, as RGB, by way of BT.601 limited range: what a screen shows.
Buffer rgb_picture(std::size_t width, std::size_t height) {
  Buffer luma(width * height);
  for (std::size_t i = 0; i < luma.size(); ++i)
    luma[i] = static_cast<std::uint8_t>(50 + 140 * (i % width) / width);
  draw_identity({width, height, width, luma}, kMark);
  Buffer rgb;
  rgb.reserve(luma.size() * 3);
  const auto put = [&](double value) {
    rgb.push_back(static_cast<std::uint8_t>(std::clamp(value, 0.0, 255.0)));
  };
  for (std::size_t i = 0; i < luma.size(); ++i) {
    const auto y = 1.164 * (luma[i] - 16.0);
    const double u = (i % width) > width / 2 ? 40 : -40;
    const double v = (i / width) > height / 2 ? 50 : -50;
    put(y + 1.596 * v);
    put(y - 0.392 * u - 0.813 * v);
    put(y + 2.017 * u);
  }
  return rgb;
}

Buffer as_jpeg(const Buffer& rgb, std::size_t width, std::size_t height, int quality) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* out = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &out, &size);
  info.image_width = static_cast<JDIMENSION>(width);
  info.image_height = static_cast<JDIMENSION>(height);
  info.input_components = 3;
  info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, quality, TRUE);
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < info.image_height) {
    JSAMPROW row = const_cast<JSAMPROW>(rgb.data() + info.next_scanline * width * 3);
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  Buffer file(out, out + size);
  std::free(out);
  return file;
}

Buffer as_png(const Buffer& rgb, std::size_t width, std::size_t height) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(width);
  image.height = static_cast<png_uint_32>(height);
  image.format = PNG_FORMAT_RGB;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  Buffer file(size);
  EXPECT_NE(png_image_write_to_memory(&image, file.data(), &size, 0, rgb.data(), 0, nullptr), 0)
      << &image.message[0];
  file.resize(size);
  return file;
}

void expect_read(const Result<Picture>& picture) {
  ASSERT_TRUE(picture) << picture.error().message();
  for (const auto& tile : read_identity(picture->view())) {
    EXPECT_EQ(tile.identity, kMark.identity) << tile.row << ',' << tile.column;
    EXPECT_EQ(tile.frame, kMark.frame);
    EXPECT_EQ(tile.time, kMark.time);
  }
}

TEST(Picture, ReadsJpegOfQualityFifty) {
  expect_read(decode_picture(as_jpeg(rgb_picture(1280, 720), 1280, 720, 50)));
  expect_read(decode_picture(as_jpeg(rgb_picture(640, 360), 640, 360, 50)));
  expect_read(decode_picture(as_jpeg(rgb_picture(320, 180), 320, 180, 50)));
}

TEST(Picture, ReadsPng) { expect_read(decode_picture(as_png(rgb_picture(640, 360), 640, 360))); }

TEST(Picture, ReadsRawPictures) {
  const auto rgb = rgb_picture(640, 360);
  expect_read(decode_raw(rgb, RawFormat::Rgb24, {640, 360}));
  Buffer rgba;
  for (std::size_t i = 0; i < rgb.size(); i += 3)
    rgba.insert(rgba.end(), {rgb[i], rgb[i + 1], rgb[i + 2], 255});
  expect_read(decode_raw(rgba, RawFormat::Rgba, {640, 360}));
  Buffer i420(640 * 360 * 3 / 2, 128);
  draw_identity({640, 360, 640, std::span(i420).first(640 * 360)}, kMark);
  expect_read(decode_raw(i420, RawFormat::I420, {640, 360}));
}

TEST(Picture, RefusesWhatIsNone) {
  EXPECT_EQ(decode_picture({}).error().kind(), ErrorKind::Unsupported);
  EXPECT_EQ(decode_picture(as_bytes("GIF89a...")).error().kind(), ErrorKind::Unsupported);
  EXPECT_EQ(decode_raw(Buffer(10), RawFormat::Rgb24, {640, 360}).error().kind(), ErrorKind::DataLoss);
  EXPECT_EQ(decode_raw(Buffer(10), RawFormat::Rgb24, {0, 360}).error().kind(), ErrorKind::InvalidArgument);
  EXPECT_EQ(load_picture("/nonexistent/picture").error().kind(), ErrorKind::NotFound);
}

TEST(Picture, TakesNoDamageFromCutFiles) {
  const auto jpeg = as_jpeg(rgb_picture(320, 180), 320, 180, 50);
  const auto png = as_png(rgb_picture(320, 180), 320, 180);
  for (std::size_t length = 0; length < 3000; length += 37) {
    static_cast<void>(decode_picture(ByteView(jpeg).first(length)));
    EXPECT_FALSE(decode_picture(ByteView(png).first(length)));
  }
}

TEST(Picture, ParsesSizesAndFormats) {
  EXPECT_EQ(parse_size("1280x720"), (Size{1280, 720}));
  for (const auto* wrong : {"", "1280", "1280x", "x720", "1280x720x", "0x5", "99999x5", "-1x5"})
    EXPECT_FALSE(parse_size(wrong)) << wrong;
  EXPECT_EQ(parse_raw_format("i420"), RawFormat::I420);
  EXPECT_FALSE(parse_raw_format("yuv"));
}

}  // namespace
}  // namespace jalousie::identity
