// A fixed number of secret bytes with one owner: cannot be copied, is wiped when it goes or is moved from.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/random.h"

namespace jalousie::crypto {

template <std::size_t N>
class Secret {
 public:
  Secret() = default;  // zeros, to be written through bytes()
  explicit Secret(ByteView from) {
    JAL_ASSERT(from.size() == N);
    std::copy(from.begin(), from.end(), bytes_.begin());
  }
  static Secret random(RandomSource& source) {
    Secret made;
    source.fill(made.bytes_);
    return made;
  }
  Secret(Secret&& other) noexcept : bytes_(other.bytes_) { wipe(other.bytes_); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      bytes_ = other.bytes_;
      wipe(other.bytes_);
    }
    return *this;
  }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { wipe(bytes_); }

  ByteView view() const { return bytes_; }
  MutableBytes bytes() { return bytes_; }

 private:
  std::array<std::uint8_t, N> bytes_{};
};

}  // namespace jalousie::crypto
