// What a session sent lately, so that lost packets can be sent again: for each picture its sequence numbers,
// its RTP timestamp and the sealed block. Clear pictures are not kept; a retransmission opens the block
// again. Bounded by pictures and by sealed bytes. RTP sequence numbers wrap (RFC 3550 5.1).
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "base/time.h"
#include "seal/block.h"

namespace jalousie::deliver {

class SentHistory {
 public:
  static constexpr std::size_t kPictures = 256;  // 2 s of a walk at 125 pictures a second
  static constexpr std::size_t kBytes = std::size_t{8}
                                        << 20;  // of sealed blocks; most are shared with the ring

  static constexpr Microseconds kAge = Seconds(5);

  struct Sent {
    std::uint16_t first_sequence = 0;
    std::uint16_t packets = 0;
    std::uint32_t rtp_timestamp = 0;
    seal::BlockPtr block;
    SteadyTime at{};
  };

  void add(Sent sent);
  /// The picture that packet `sequence` was part of; nothing when it is unknown or too long ago.
  const Sent* find(std::uint16_t sequence, SteadyTime now) const;
  void clear();

 private:
  std::deque<Sent> sent_;
  std::size_t bytes_ = 0;
};

}  // namespace jalousie::deliver
