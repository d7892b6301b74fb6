// Puts the packets of one source that come by UDP back into order, as far as a bounded wait allows: a packet
// that is missing is waited for until so many others, or so much time, have passed.
//
//   push(packet, now); while (auto next = pop(now)) ...     and again pop(now) at next_deadline()
//
// Times are given in. Packets are copied into memory that is kept, and wiped at the end.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "codec/wiped_buffer.h"

namespace jalousie::rtp {

class ReorderBuffer {
 public:
  /// Cameras' switches and Wi-Fi reorder within a few packets and milliseconds; more is loss.
  explicit ReorderBuffer(std::size_t max_packets = 64, Microseconds max_wait = Milliseconds(60));

  /// An RTP packet. All that pop() gives must have been taken before. InvalidArgument where it is none.
  /// Packets that are repeated, or older than what was popped, are left out; one that is far away in either
  /// direction begins anew, and what was held is dropped.
  Result<> push(ByteView packet, SteadyTime now);
  /// The next packet in order; good until the next push() or pop().
  std::optional<ByteView> pop(SteadyTime now);
  /// When pop() gives more without a push(); nothing while none is held.
  std::optional<SteadyTime> next_deadline() const;

  std::size_t held() const { return held_.size(); }
  std::uint64_t left_out() const { return left_out_; }

 private:
  struct Held {
    std::int64_t sequence;  // does not wrap
    SteadyTime arrival;
    codec::WipedBuffer bytes;
  };
  codec::WipedBuffer take_memory();
  void keep_memory(codec::WipedBuffer memory);

  std::size_t max_packets_;
  Microseconds max_wait_;
  std::optional<std::int64_t> next_;  // the sequence number that is due
  std::vector<Held> held_;            // in order
  codec::WipedBuffer popped_;
  std::vector<codec::WipedBuffer> spare_;
  std::uint64_t left_out_ = 0;
};

}  // namespace jalousie::rtp
