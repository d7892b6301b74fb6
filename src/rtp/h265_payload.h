// The numbers of RFC 7798's payload formats: section 4.4. All begin with a NAL unit header of their own type.
#pragma once

#include <cstddef>
#include <cstdint>

namespace jalousie::rtp::h265 {

inline constexpr std::uint8_t kAggregate = 48;
inline constexpr std::uint8_t kFragment = 49;
inline constexpr std::uint8_t kPaci = 50;

inline constexpr std::uint8_t kFuStart = 0x80;
inline constexpr std::uint8_t kFuEnd = 0x40;
inline constexpr std::uint8_t kFuTypeBits = 0x3F;
inline constexpr std::size_t kFuHeaderBytes = 3;  // payload header and FU header

/// The first byte of a NAL unit header with another type: the forbidden bit and the layer's stay.
constexpr std::uint8_t with_type(std::uint8_t first_byte, unsigned type) {
  return static_cast<std::uint8_t>((first_byte & 0x81U) | type << 1);
}

}  // namespace jalousie::rtp::h265
