// What depacketizers make of packets with sound.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace jalousie::rtp {

/// One frame of sound, as decoders take it.
struct AudioUnit {
  ByteView payload;            // good until the next push(), and no longer than the packet that was pushed
  std::int64_t timestamp = 0;  // RTP's, at the track's clock rate, carried on past 32 bits
  bool gap_before = false;     // frames were lost, or not passed on, since the last one that was
};

/// Counted from the start.
struct AudioStats {
  std::uint64_t packets = 0;
  std::uint64_t lost_packets = 0;
  std::uint64_t late_packets = 0;
  std::uint64_t malformed_packets = 0;
  std::uint64_t units = 0;  // passed on
};

}  // namespace jalousie::rtp
