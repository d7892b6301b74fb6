// Where a packet stands behind the ones before it, for depacketizers: what is missing, what came too late,
// what begins anew.
#pragma once

#include <cstdint>
#include <optional>

#include "rtp/packet.h"
#include "rtp/sequence.h"

namespace jalousie::rtp {

class PacketOrder {
 public:
  enum class Place : std::uint8_t {
    Next,
    AfterGap,  // packets are missing before it, or the sender began anew
    Late,      // to be left out
  };
  Place place(const PacketHeader& packet);

  std::uint64_t lost() const { return lost_; }
  std::uint64_t late() const { return late_; }

 private:
  std::optional<std::uint16_t> expected_;
  std::uint32_t ssrc_ = 0;
  std::uint64_t lost_ = 0;
  std::uint64_t late_ = 0;
};

}  // namespace jalousie::rtp
