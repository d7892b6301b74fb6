// Reads and writes bits that stand as they are, without emulation prevention (that is bit_reader.h's): the
// configurations of MPEG-4 audio. Sticky: past the end it reads zeros from then on; ask ok() once.
#pragma once

#include "base/bytes.h"

namespace jalousie::codec {

class RawBits {
 public:
  explicit RawBits(ByteView bytes) : bytes_(bytes) {}

  std::uint32_t bits(unsigned count);  // at most 32
  bool flag() { return bits(1) != 0; }
  /// Any number of bits. Past the end, ok() is false.
  void skip(std::size_t count);

  std::size_t position() const { return position_; }  // in bits
  std::size_t remaining() const { return bytes_.size() * 8 - position_; }
  bool ok() const { return ok_; }

 private:
  ByteView bytes_;
  std::size_t position_ = 0;
  bool ok_ = true;
};

/// Bits behind one another; the last byte is filled up with zeros.
class RawBitWriter {
 public:
  void bits(unsigned count, std::uint32_t value);  // the lowest `count` of them, at most 32
  const Buffer& bytes() const { return bytes_; }

 private:
  Buffer bytes_;
  std::size_t position_ = 0;
};

}  // namespace jalousie::codec
