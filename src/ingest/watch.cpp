#include "ingest/watch.h"

#include <algorithm>

namespace jalousie::ingest {

void Watch::on_unit(bool is_key_frame, SteadyTime now) {
  // The first unit says nothing about the rhythm, only about how long the camera took to begin.
  if (last_key_) {
    const auto interval = now - last_unit_;
    frame_interval_ = frame_interval_ ? *frame_interval_ + (interval - *frame_interval_) / 8 : interval;
  }
  if (is_key_frame) {
    if (last_key_) gop_ = now - *last_key_;
    last_key_ = now;
  }
  last_unit_ = now;
}

Microseconds Watch::stall_after() const {
  const auto by_gop = gop_ ? std::clamp(*gop_ * 2, timing_.stall_least, timing_.stall) : timing_.stall;
  return std::max(by_gop, frame_interval_.value_or(Microseconds(0)) * 3);
}

Microseconds Watch::silence_after() const { return std::max(timing_.silence, stall_after() * 2); }

Watch::Verdict Watch::verdict(SteadyTime now) const {
  if (!last_packet_) return now - started_ >= timing_.silence ? Verdict::NothingCame : Verdict::Fine;
  const auto quiet = now - *last_packet_;
  if (quiet >= silence_after()) return Verdict::Silent;
  if (quiet >= stall_after()) return Verdict::Stalled;
  return now - last_unit_ >= timing_.no_key_frame ? Verdict::NoKeyFrame : Verdict::Fine;
}

SteadyTime Watch::next_change(SteadyTime now) const {
  if (!last_packet_) return started_ + timing_.silence;
  auto next = *last_packet_ + silence_after();
  for (const auto candidate : {*last_packet_ + stall_after(), last_unit_ + timing_.no_key_frame}) {
    if (candidate > now) next = std::min(next, candidate);
  }
  return next;
}

}  // namespace jalousie::ingest
