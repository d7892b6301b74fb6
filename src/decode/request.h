// What one picture is to be made of: the clear access units of a key frame and what follows it, of one home,
// as they go to that home's decoder. Wiped when it goes.
#pragma once

#include "base/time.h"
#include "codec/wiped_buffer.h"
#include "decode/message.h"

namespace jalousie::decode {

class Request {
 public:
  /// `width`: of the JPEG, at most; 0: as the picture is.
  Request(Codec codec, std::uint16_t width) : codec_(codec), width_(width) {}

  /// Copies `unit` to the end. False where that would be over the limits (base/limits.h), and nothing
  /// changes.
  bool add(ByteView unit);
  std::size_t units() const { return units_; }
  bool empty() const { return units_ == 0; }

  RequestHeader header(std::uint32_t number, Milliseconds work_limit) const;
  ByteView bytes() const { return bytes_.view(); }
  void wipe() { bytes_.wipe(); }

 private:
  Codec codec_;
  std::uint16_t width_;
  std::uint16_t units_ = 0;
  codec::WipedBuffer bytes_;
};

}  // namespace jalousie::decode
