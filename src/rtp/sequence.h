// Numbers that wrap: RTP sequence numbers (16 bits) and timestamps (32 bits), compared by the shorter way
// around (RFC 1982 section 3.2), and carried on as 64-bit numbers that do not wrap.
#pragma once

#include <cstdint>
#include <optional>
#include <type_traits>

#include "base/random.h"

namespace jalousie::rtp {

/// Where a stream under SRTP begins: below 2^15, so that the peer cannot miss the first rollover (RFC 3711
/// section 3.3.1).
inline std::uint16_t first_sequence(RandomSource& random) {
  return static_cast<std::uint16_t>(random_u32(random) & 0x7fff);
}

/// How far `to` is ahead of `from`; negative where it is behind.
constexpr std::int32_t sequence_distance(std::uint16_t from, std::uint16_t to) {
  return static_cast<std::int16_t>(static_cast<std::uint16_t>(to - from));
}
constexpr std::int64_t timestamp_distance(std::uint32_t from, std::uint32_t to) {
  return static_cast<std::int32_t>(to - from);
}

/// Starts at the first number that it is given; each further one must be less than half the range away from
/// the last.
template <class Number>
class Unwrapper {
 public:
  std::int64_t unwrap(Number number) {
    last_ = peek(number);
    return *last_;
  }
  /// What unwrap() would give, without moving on: for a timestamp that comes from elsewhere, as of a sender
  /// report.
  std::int64_t peek(Number number) const {
    if (!last_) return static_cast<std::int64_t>(number);
    const auto ahead = static_cast<Number>(number - static_cast<Number>(*last_));
    return *last_ + static_cast<std::make_signed_t<Number>>(ahead);
  }

 private:
  std::optional<std::int64_t> last_;
};

using SequenceUnwrapper = Unwrapper<std::uint16_t>;
using TimestampUnwrapper = Unwrapper<std::uint32_t>;

}  // namespace jalousie::rtp
