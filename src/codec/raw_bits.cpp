#include "codec/raw_bits.h"

#include "base/assert.h"

namespace jalousie::codec {

std::uint32_t RawBits::bits(unsigned count) {
  JAL_ASSERT(count <= 32);
  if (!ok_ || count > remaining()) {
    ok_ = false;
    return 0;
  }
  std::uint32_t value = 0;
  for (unsigned i = 0; i < count; ++i, ++position_) {
    value = value << 1 | (static_cast<std::uint32_t>(bytes_[position_ / 8] >> (7 - position_ % 8)) & 1U);
  }
  return value;
}

void RawBits::skip(std::size_t count) {
  if (!ok_ || count > remaining()) {
    ok_ = false;
    return;
  }
  position_ += count;
}

void RawBitWriter::bits(unsigned count, std::uint32_t value) {
  JAL_ASSERT(count <= 32);
  for (unsigned i = count; i-- > 0; ++position_) {
    if (position_ % 8 == 0) bytes_.push_back(0);
    bytes_.back() = static_cast<std::uint8_t>(bytes_.back() | ((value >> i & 1U) << (7 - position_ % 8)));
  }
}

}  // namespace jalousie::codec
