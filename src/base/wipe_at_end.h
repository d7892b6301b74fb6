// Buffers that hold what is nobody else's business, and are gone when their scope is.
#pragma once

#include "base/bytes.h"

namespace jalousie {

/// Wipes what `bytes` (a Buffer, or text) has room for when the scope ends, however it ends. What grows
/// leaves a copy behind that nobody wipes: reserve first.
template <class Bytes>
class WipeAtEnd {
 public:
  explicit WipeAtEnd(Bytes& bytes) : bytes_(bytes) {}
  ~WipeAtEnd() {
    bytes_.resize(bytes_.capacity());  // into the room that it has: nothing is allocated
    wipe({reinterpret_cast<std::uint8_t*>(bytes_.data()), bytes_.size()});
    bytes_.clear();
  }
  WipeAtEnd(const WipeAtEnd&) = delete;
  WipeAtEnd& operator=(const WipeAtEnd&) = delete;

 private:
  Bytes& bytes_;
};

}  // namespace jalousie
