#include "codec/jpeg.h"

#include "base/limits.h"

namespace jalousie::codec {

namespace {
constexpr std::uint8_t kSoi = 0xD8;
constexpr std::uint8_t kEoi = 0xD9;
constexpr std::uint8_t kSos = 0xDA;

/// T.81 table B.1: SOF0 to SOF15 but for DHT, JPG and DAC.
bool is_frame_header(std::uint8_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

Result<JpegSize> frame_header(ByteView segment) {
  ByteReader reader(segment);
  reader.skip(1);  // sample precision
  JpegSize size;
  size.height = reader.u16();
  size.width = reader.u16();
  if (!reader.ok()) return fail(ErrorKind::InvalidArgument, "JPEG: frame header too short");
  if (size.width == 0 || size.height == 0 || size.width > limits::kVideoSamples ||
      size.height > limits::kVideoSamples)
    return fail(ErrorKind::Unsupported, "JPEG: a size that is not taken");
  return size;
}
}  // namespace

Result<JpegSize> jpeg_size(ByteView image) {
  ByteReader reader(image);
  if (reader.u8() != 0xFF || reader.u8() != kSoi) return fail(ErrorKind::InvalidArgument, "JPEG: no SOI");
  while (reader.ok()) {
    if (reader.u8() != 0xFF) break;
    std::uint8_t marker = reader.u8();
    while (marker == 0xFF) marker = reader.u8();  // fill bytes, B.1.1.2
    if (marker == kSos || marker == kEoi || !reader.ok()) break;
    const std::uint16_t length = reader.u16();
    if (length < 2) break;
    const ByteView segment = reader.bytes(length - std::size_t{2});
    if (reader.ok() && is_frame_header(marker)) return frame_header(segment);
  }
  return fail(ErrorKind::InvalidArgument, "JPEG: no frame header before the scan");
}

}  // namespace jalousie::codec
