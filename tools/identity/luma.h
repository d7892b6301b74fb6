// The brightness of a picture, borrowed: rows of bytes, `stride` apart. All that the identity code is drawn
// in and read from; full or limited range makes no difference.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace jalousie::identity {

template <class Byte>
struct BasicLuma {
  std::size_t width = 0;
  std::size_t height = 0;
  std::size_t stride = 0;
  std::span<Byte> bytes;

  Byte* row(std::size_t y) const { return bytes.data() + y * stride; }
  /// Whether `bytes` holds the whole picture.
  bool holds() const {
    return width > 0 && height > 0 && stride >= width && bytes.size() >= stride * (height - 1) + width;
  }
};

using LumaView = BasicLuma<const std::uint8_t>;
using MutableLuma = BasicLuma<std::uint8_t>;

}  // namespace jalousie::identity
