// Reads the bits of a NAL unit's payload (ITU-T H.264 and H.265 (08/2021), clauses 7.2 and 9). Emulation
// prevention bytes (00 00 03, clause 7.4.1) are left out on the way, so nothing is copied. Sticky: past the
// end, or at a code that is too long, it gives zeros from then on; ask ok() once after many reads.
#pragma once

#include "base/bytes.h"

namespace jalousie::codec {

class BitReader {
 public:
  /// `payload` is the NAL unit after its header byte, with emulation prevention bytes still in.
  explicit BitReader(ByteView payload) : bytes_(payload) {}

  bool flag() { return bits(1) != 0; }  // u(1)
  std::uint32_t bits(unsigned count);   // u(n), n <= 32
  std::uint32_t unsigned_exp_golomb();  // ue(v), clause 9.1
  std::int32_t signed_exp_golomb();     // se(v), clause 9.1.1
  void skip(unsigned count);

  bool ok() const { return ok_; }

 private:
  bool next_byte();

  ByteView bytes_;
  std::size_t position_ = 0;
  unsigned zeros_ = 0;  // zero bytes just before position_
  std::uint8_t current_ = 0;
  unsigned left_ = 0;  // unread bits of current_
  bool ok_ = true;
};

}  // namespace jalousie::codec
