// The numbers of RFC 6184's payload formats: sections 5.2 (types), 5.3 and 5.8 (header bytes).
#pragma once

#include <cstddef>
#include <cstdint>

namespace jalousie::rtp {

inline constexpr std::uint8_t kForbiddenBit = 0x80;
inline constexpr std::uint8_t kImportanceBits = 0x60;  // nal_ref_idc
inline constexpr std::uint8_t kTypeBits = 0x1F;

inline constexpr std::uint8_t kStapA = 24;
inline constexpr std::uint8_t kStapB = 25;
inline constexpr std::uint8_t kMtap16 = 26;
inline constexpr std::uint8_t kMtap24 = 27;
inline constexpr std::uint8_t kFuA = 28;
inline constexpr std::uint8_t kFuB = 29;

inline constexpr std::uint8_t kFuStart = 0x80;
inline constexpr std::uint8_t kFuEnd = 0x40;
inline constexpr std::size_t kFuHeaderBytes = 2;  // indicator and header

}  // namespace jalousie::rtp
