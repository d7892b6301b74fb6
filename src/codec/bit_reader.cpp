#include "codec/bit_reader.h"

#include <algorithm>

#include "base/assert.h"

namespace jalousie::codec {

bool BitReader::next_byte() {
  if (zeros_ >= 2 && position_ < bytes_.size() && bytes_[position_] == 3) {
    ++position_;
    zeros_ = 0;
  }
  if (position_ >= bytes_.size()) {
    ok_ = false;
    return false;
  }
  current_ = bytes_[position_++];
  zeros_ = current_ == 0 ? zeros_ + 1 : 0;
  left_ = 8;
  return true;
}

std::uint32_t BitReader::bits(unsigned count) {
  JAL_ASSERT(count <= 32);
  std::uint64_t value = 0;
  while (count > 0) {
    if (!ok_ || (left_ == 0 && !next_byte())) return 0;
    const unsigned taken = std::min(count, left_);
    left_ -= taken;
    count -= taken;
    value = value << taken | (static_cast<unsigned>(current_ >> left_) & ((1U << taken) - 1));
  }
  return static_cast<std::uint32_t>(value);
}

void BitReader::skip(unsigned count) {
  while (count > 0 && ok_) {
    const unsigned taken = std::min(count, 32U);
    static_cast<void>(bits(taken));
    count -= taken;
  }
}

std::uint32_t BitReader::unsigned_exp_golomb() {
  unsigned zeros = 0;
  while (ok_ && !flag()) {
    if (++zeros > 31) ok_ = false;  // ue(v) ends at 2^32 - 2, which takes 31
  }
  if (!ok_) return 0;
  const std::uint32_t suffix = bits(zeros);
  return ok_ ? ((std::uint32_t{1} << zeros) - 1) + suffix : 0;
}

std::int32_t BitReader::signed_exp_golomb() {
  const std::uint32_t code = unsigned_exp_golomb();
  const auto magnitude = static_cast<std::int64_t>((std::uint64_t{code} + 1) / 2);
  return static_cast<std::int32_t>(code % 2 == 1 ? magnitude : -magnitude);
}

}  // namespace jalousie::codec
