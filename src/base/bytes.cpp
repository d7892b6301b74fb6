#include "base/bytes.h"

#include <algorithm>
#include <string.h>  // explicit_bzero

namespace jalousie {

void wipe(MutableBytes bytes) noexcept {
  if (!bytes.empty()) explicit_bzero(bytes.data(), bytes.size());
}

ByteView ByteReader::bytes(std::size_t count) {
  if (!ok_ || count > remaining()) {
    ok_ = false;
    position_ = bytes_.size();
    return {};
  }
  const ByteView found = bytes_.subspan(position_, count);
  position_ += count;
  return found;
}

namespace {
std::uint64_t big_endian(ByteView bytes) {
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  return value;
}
}  // namespace

std::uint8_t ByteReader::u8() { return static_cast<std::uint8_t>(big_endian(bytes(1))); }
std::uint16_t ByteReader::u16() { return static_cast<std::uint16_t>(big_endian(bytes(2))); }
std::uint32_t ByteReader::u24() { return static_cast<std::uint32_t>(big_endian(bytes(3))); }
std::uint32_t ByteReader::u32() { return static_cast<std::uint32_t>(big_endian(bytes(4))); }
std::uint64_t ByteReader::u64() { return big_endian(bytes(8)); }

bool ByteWriter::room(std::size_t count) {
  if (!ok_ || count > remaining()) ok_ = false;
  return ok_;
}

void ByteWriter::u8(std::uint8_t value) {
  if (room(1)) target_[position_++] = value;
}
void ByteWriter::u16(std::uint16_t value) {
  if (!room(2)) return;
  u8(static_cast<std::uint8_t>(value >> 8));
  u8(static_cast<std::uint8_t>(value));
}
void ByteWriter::u24(std::uint32_t value) {
  if (!room(3)) return;
  u8(static_cast<std::uint8_t>(value >> 16));
  u16(static_cast<std::uint16_t>(value));
}
void ByteWriter::u32(std::uint32_t value) {
  if (!room(4)) return;
  u16(static_cast<std::uint16_t>(value >> 16));
  u16(static_cast<std::uint16_t>(value));
}
void ByteWriter::u64(std::uint64_t value) {
  if (!room(8)) return;
  u32(static_cast<std::uint32_t>(value >> 32));
  u32(static_cast<std::uint32_t>(value));
}
void ByteWriter::bytes(ByteView value) {
  if (value.empty() || !room(value.size())) return;
  std::copy(value.begin(), value.end(), target_.begin() + static_cast<std::ptrdiff_t>(position_));
  position_ += value.size();
}

}  // namespace jalousie
