// Bits of a NAL unit on their way out (ITU-T H.264 section 7.3.1 and 9.1): fixed lengths, Exp-Golomb codes,
// emulation prevention. Header alone, since every macroblock goes through here.
#pragma once

#include <bit>
#include <cstdint>

#include "base/bytes.h"

namespace jalousie::camera {

class BitWriter {
 public:
  /// Begins with the NAL unit's header byte.
  explicit BitWriter(std::uint8_t header) { nal_.push_back(header); }

  /// The lower `count` bits of `value`, at most 32.
  void bits(std::uint32_t value, unsigned count) {
    pending_ = pending_ << count | (value & ((std::uint64_t{1} << count) - 1));
    pending_bits_ += count;
    while (pending_bits_ >= 8) {
      pending_bits_ -= 8;
      put(static_cast<std::uint8_t>(pending_ >> pending_bits_));
    }
  }
  void ue(std::uint32_t value) {
    const auto length = static_cast<unsigned>(std::bit_width(value + 1));
    bits(0, length - 1);
    bits(value + 1, length);
  }
  void se(std::int32_t value) { ue(static_cast<std::uint32_t>(value > 0 ? 2 * value - 1 : -2 * value)); }
  /// rbsp_trailing_bits(); the unit as it is sent.
  Buffer finish() {
    bits(1, 1);
    if (pending_bits_ > 0) bits(0, 8 - pending_bits_);
    return std::move(nal_);
  }

 private:
  void put(std::uint8_t byte) {
    if (zeros_ == 2 && byte <= 3) {
      nal_.push_back(3);  // emulation_prevention_three_byte
      zeros_ = 0;
    }
    zeros_ = byte == 0 ? zeros_ + 1 : 0;
    nal_.push_back(byte);
  }

  Buffer nal_;
  std::uint64_t pending_ = 0;
  unsigned pending_bits_ = 0;  // below 8 between calls
  int zeros_ = 0;
};

}  // namespace jalousie::camera
