// What the first byte of an Opus packet says (RFC 6716 section 3.1), and how many frames it holds (3.2).
//
//     0 1 2 3 4 5 6 7
//    | config  |s| c |
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace jalousie::codec {

/// Opus always counts at this rate, whatever it was given (RFC 7587 section 4.1).
inline constexpr std::uint32_t kOpusRate = 48'000;

struct OpusFacts {
  Microseconds frame{};       // 2.5 to 60 ms
  unsigned frames = 0;        // 1 to 48
  std::uint8_t channels = 0;  // 1 or 2

  Microseconds duration() const { return frame * frames; }
};

/// InvalidArgument for an empty packet, and for one of more than 120 ms (section 3.4, [R5]).
Result<OpusFacts> opus_facts(ByteView packet);

}  // namespace jalousie::codec
