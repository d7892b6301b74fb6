// The tables that RTP leaves out of a JPEG image (RFC 2435 appendices A and B). Private to rtp.
#pragma once

#include <array>

#include "base/bytes.h"

namespace jalousie::rtp {

inline constexpr std::size_t kJpegTable = 64;
/// Of luma, then of chroma, in zigzag order, a byte each.
using JpegQuantizers = std::array<std::uint8_t, 2 * kJpegTable>;
/// For Q of 1 to 99.
JpegQuantizers jpeg_quantizers(std::uint8_t q);

/// As they stand in a DHT segment.
std::array<ByteView, 4> jpeg_huffman_tables();

}  // namespace jalousie::rtp
