// Decoded pictures from files, down to their brightness: PNG (libpng), JPEG (libjpeg-turbo), and raw RGB24,
// RGBA or I420 whose size is told. For the reader and its tests; at most 8192 x 8192.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "identity/luma.h"

namespace jalousie::identity {

struct Size {
  std::size_t width = 0;
  std::size_t height = 0;
  friend bool operator==(const Size&, const Size&) = default;
};
/// "1280x720".
Result<Size> parse_size(std::string_view text);

enum class RawFormat : std::uint8_t { Rgb24, Rgba, I420 };
/// "rgb24", "rgba", "i420".
Result<RawFormat> parse_raw_format(std::string_view text);

struct Picture {
  Size size;
  Buffer luma;  // rows without padding
  LumaView view() const { return {size.width, size.height, size.width, luma}; }
};

/// PNG or JPEG, told apart by their first bytes.
Result<Picture> decode_picture(ByteView file);
/// DataLoss when there are fewer bytes than one picture; what follows the first is left alone.
Result<Picture> decode_raw(ByteView bytes, RawFormat format, Size size);
/// From a file of one PNG or JPEG.
Result<Picture> load_picture(const std::string& path);
Result<Buffer> read_file(const std::string& path);

}  // namespace jalousie::identity
