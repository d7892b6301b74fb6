#include "ingest/watch.h"

#include <algorithm>

namespace jalousie::ingest {

namespace {
// Before the first unit a lost packet is nothing yet: the key frame may be a long GOP away. So many are the
// way here.
constexpr int kGapsBeforeTheFirstUnit = 3;
}  // namespace

void Watch::on_unit(bool is_key_frame, bool after_gap, SteadyTime now) {
  gaps_ = 0;
  // The first unit says nothing about the rhythm, only about how long the camera took to begin; one after a
  // gap says how much was lost.
  if (last_key_ && !after_gap) {
    const auto interval = now - last_unit_;
    frame_interval_ = frame_interval_ ? *frame_interval_ + (interval - *frame_interval_) / 8 : interval;
  }
  if (is_key_frame) {
    if (last_key_ && !after_gap) gop_ = now - *last_key_;
    last_key_ = now;
  }
  last_unit_ = now;
}

Microseconds Watch::stall_after() const {
  const auto by_gop = gop_ ? std::clamp(*gop_ * 2, timing_.stall_least, timing_.stall) : timing_.stall;
  return std::max(by_gop, frame_interval_.value_or(Microseconds(0)) * 3);
}

Microseconds Watch::silence_after() const { return std::max(timing_.silence, stall_after() * 2); }

bool Watch::is_damaged() const { return gaps_ >= (last_key_ ? 1 : kGapsBeforeTheFirstUnit); }

Watch::Verdict Watch::verdict(SteadyTime now) const {
  if (!last_packet_) return now - started_ >= timing_.silence ? Verdict::NothingCame : Verdict::Fine;
  const auto quiet = now - *last_packet_;
  if (quiet >= silence_after()) return Verdict::Silent;
  if (quiet >= stall_after()) return Verdict::Stalled;
  if (now - last_unit_ >= timing_.no_key_frame) return Verdict::NoKeyFrame;
  return is_damaged() && now - last_unit_ >= stall_after() ? Verdict::Damaged : Verdict::Fine;
}

SteadyTime Watch::next_change(SteadyTime now) const {
  if (!last_packet_) return started_ + timing_.silence;
  auto next = *last_packet_ + silence_after();
  const auto consider = [&next, now](SteadyTime candidate) {
    if (candidate > now) next = std::min(next, candidate);
  };
  consider(*last_packet_ + stall_after());
  consider(last_unit_ + timing_.no_key_frame);
  if (is_damaged()) consider(last_unit_ + stall_after());
  return next;
}

}  // namespace jalousie::ingest
