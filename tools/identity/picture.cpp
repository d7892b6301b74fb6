#include "identity/picture.h"

#include <charconv>
#include <csetjmp>
#include <cstdio>
#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <jpeglib.h>
#include <png.h>

namespace jalousie::identity {
namespace {

constexpr std::size_t kLongestSide = 8192;

// BT.601 weights; the code is grey enough that the matrix does not matter.
std::uint8_t luma_of(unsigned red, unsigned green, unsigned blue) {
  return static_cast<std::uint8_t>((77 * red + 150 * green + 29 * blue) >> 8);
}

Result<> check_size(Size size) {
  if (size.width == 0 || size.height == 0 || size.width > kLongestSide || size.height > kLongestSide) {
    return fail(ErrorKind::InvalidArgument, fmt::format("{}x{} is no size of a picture (at most {} each way)",
                                                        size.width, size.height, kLongestSide));
  }
  return {};
}

Buffer luma_of_rgb(ByteView pixels, std::size_t count, std::size_t step) {
  Buffer luma(count);
  for (std::size_t i = 0; i < count; ++i)
    luma[i] = luma_of(pixels[i * step], pixels[i * step + 1], pixels[i * step + 2]);
  return luma;
}

Result<Picture> decode_png(ByteView file) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_memory(&image, file.data(), file.size()) == 0) {
    return fail(ErrorKind::InvalidArgument, fmt::format("PNG: {}", &image.message[0]));
  }
  const Size size{image.width, image.height};
  if (auto fits = check_size(size); !fits) {
    png_image_free(&image);
    return std::unexpected(std::move(fits).error());
  }
  image.format = PNG_FORMAT_RGB;
  Buffer pixels(PNG_IMAGE_SIZE(image));
  if (png_image_finish_read(&image, nullptr, pixels.data(), 0, nullptr) == 0) {
    return fail(ErrorKind::InvalidArgument, fmt::format("PNG: {}", &image.message[0]));
  }
  return Picture{size, luma_of_rgb(pixels, size.width * size.height, 3)};
}

struct JpegFailure {
  jpeg_error_mgr manager;
  std::jmp_buf back;
  char message[JMSG_LENGTH_MAX];
};

void on_jpeg_failure(j_common_ptr info) {
  auto* failure = reinterpret_cast<JpegFailure*>(info->err);
  info->err->format_message(info, failure->message);
  std::longjmp(failure->back, 1);
}

/// libjpeg leaves by longjmp: nothing with a destructor may be made below. False, and failure.message, when
/// it did.
bool read_jpeg_rows(jpeg_decompress_struct& info, JpegFailure& failure, ByteView file, Picture& picture) {
  if (setjmp(failure.back) != 0) return false;
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, file.data(), file.size());
  jpeg_read_header(&info, TRUE);
  info.out_color_space = JCS_GRAYSCALE;
  jpeg_start_decompress(&info);
  picture.size = {info.output_width, info.output_height};
  if (info.output_width > kLongestSide || info.output_height > kLongestSide) {
    std::snprintf(failure.message, sizeof failure.message, "larger than %zu each way", kLongestSide);
    return false;
  }
  picture.luma.resize(picture.size.width * picture.size.height);
  while (info.output_scanline < info.output_height) {
    JSAMPROW row = picture.luma.data() + picture.size.width * info.output_scanline;
    jpeg_read_scanlines(&info, &row, 1);
  }
  jpeg_finish_decompress(&info);
  return true;
}

Result<Picture> decode_jpeg(ByteView file) {
  jpeg_decompress_struct info{};
  JpegFailure failure{};
  info.err = jpeg_std_error(&failure.manager);
  failure.manager.error_exit = on_jpeg_failure;
  failure.manager.output_message = [](j_common_ptr) {};
  Picture picture;
  const auto done = read_jpeg_rows(info, failure, file, picture);
  jpeg_destroy_decompress(&info);
  if (!done) return fail(ErrorKind::InvalidArgument, fmt::format("JPEG: {}", &failure.message[0]));
  return picture;
}

}  // namespace

Result<Size> parse_size(std::string_view text) {
  Size size;
  const auto* end = text.data() + text.size();
  const auto [cross, error] = std::from_chars(text.data(), end, size.width);
  if (error == std::errc{} && cross != end && *cross == 'x') {
    const auto [rest, error_after] = std::from_chars(cross + 1, end, size.height);
    if (error_after == std::errc{} && rest == end) {
      TRY_VOID(check_size(size));
      return size;
    }
  }
  return fail(ErrorKind::InvalidArgument, fmt::format("'{}' is no size; write it as 1280x720", text));
}

Result<RawFormat> parse_raw_format(std::string_view text) {
  if (text == "rgb24") return RawFormat::Rgb24;
  if (text == "rgba") return RawFormat::Rgba;
  if (text == "i420") return RawFormat::I420;
  return fail(ErrorKind::InvalidArgument,
              fmt::format("'{}' is no raw format; there are rgb24, rgba and i420", text));
}

Result<Picture> decode_picture(ByteView file) {
  if (file.size() > 4 && file[0] == 0x89 && file[1] == 'P') return decode_png(file);
  if (file.size() > 4 && file[0] == 0xff && file[1] == 0xd8) return decode_jpeg(file);
  return fail(ErrorKind::Unsupported, "neither PNG nor JPEG; a raw picture needs --raw and --size");
}

Result<Picture> decode_raw(ByteView bytes, RawFormat format, Size size) {
  TRY_VOID(check_size(size));
  const auto count = size.width * size.height;
  const auto chroma = format == RawFormat::I420 ? 2 * ((size.width + 1) / 2) * ((size.height + 1) / 2) : 0;
  const auto step = format == RawFormat::Rgb24 ? 3u : format == RawFormat::Rgba ? 4u : 1u;
  const auto needed = count * step + chroma;
  if (bytes.size() < needed) {
    return fail(ErrorKind::DataLoss, fmt::format("{} bytes are no whole picture; {}x{} needs {}",
                                                 bytes.size(), size.width, size.height, needed));
  }
  if (format == RawFormat::I420)
    return Picture{size, Buffer(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count))};
  return Picture{size, luma_of_rgb(bytes, count, step)};
}

Result<Buffer> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(ErrorKind::NotFound, fmt::format("{}: cannot be read", path));
  return Buffer(std::istreambuf_iterator<char>(file), {});
}

Result<Picture> load_picture(const std::string& path) {
  TRY(const auto file, read_file(path));
  auto picture = decode_picture(file);
  if (!picture) return std::unexpected(std::move(picture).error().within(path));
  return picture;
}

}  // namespace jalousie::identity
