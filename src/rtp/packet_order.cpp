#include "rtp/packet_order.h"

namespace jalousie::rtp {

namespace {
// RFC 3550 appendix A.1, MAX_MISORDER: further behind than this, a packet is not late, the sender started
// anew.
constexpr std::int32_t kMaxMisorder = 100;
}  // namespace

PacketOrder::Place PacketOrder::place(const PacketHeader& packet) {
  Place place = Place::Next;
  if (expected_ && packet.ssrc != ssrc_) {
    place = Place::AfterGap;
  } else if (expected_) {
    const std::int32_t ahead = sequence_distance(*expected_, packet.sequence);
    if (ahead < 0 && ahead >= -kMaxMisorder) {
      ++late_;
      return Place::Late;
    }
    if (ahead > 0) lost_ += static_cast<std::uint64_t>(ahead);
    if (ahead != 0) place = Place::AfterGap;
  }
  ssrc_ = packet.ssrc;
  expected_ = static_cast<std::uint16_t>(packet.sequence + 1);
  return place;
}

}  // namespace jalousie::rtp
