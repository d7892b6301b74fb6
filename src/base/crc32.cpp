#include "base/crc32.h"

#include <array>

namespace jalousie {
namespace {

constexpr auto kTable = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t index = 0; index < table.size(); ++index) {
    std::uint32_t value = index;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0xedb88320U : 0U);
    table[index] = value;
  }
  return table;
}();

}  // namespace

std::uint32_t crc32(ByteView bytes) noexcept {
  std::uint32_t value = 0xffffffffU;
  for (const std::uint8_t byte : bytes) value = (value >> 8) ^ kTable[(value ^ byte) & 0xff];
  return ~value;
}

}  // namespace jalousie
