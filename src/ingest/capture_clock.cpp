#include "ingest/capture_clock.h"

#include <algorithm>

namespace jalousie::ingest {

namespace {

// Crystals are within 100 parts per million of each other; twice that follows any of them, and moves the
// estimate by 0.2 ms in a second without a picture that came quickly.
constexpr std::int64_t kForgetPerMillion = 200;
// A picture that is later or earlier than this is neither: the camera's timestamps have jumped.
constexpr Microseconds kJump = Seconds(10);

constexpr Microseconds media_time(std::int64_t ticks) { return Microseconds(ticks * 100 / 9); }

}  // namespace

UtcTime CaptureClock::capture_of(std::int64_t timestamp, UtcTime utc, SteadyTime steady) {
  // Counted from the last jump, so that no camera can make these sums overflow.
  auto media = media_time(delay_ ? timestamp - base_ : 0);
  const auto delay = steady.time_since_epoch() - media;
  if (!delay_ || timestamp < last_timestamp_ || delay > *delay_ + kJump || delay < *delay_ - kJump) {
    base_ = timestamp;
    media = Microseconds(0);
    delay_ = steady.time_since_epoch();
  } else {
    const auto forget = (steady - last_steady_) * kForgetPerMillion / 1'000'000;
    delay_ = std::min(delay, *delay_ + forget);
  }
  last_timestamp_ = timestamp;
  last_steady_ = steady;

  const auto offset = wall_offset(utc, steady);
  auto capture = UtcTime(media + *delay_ + offset);
  if (last_ && capture <= *last_) capture = *last_ + Microseconds(1);
  last_ = capture;
  return capture;
}

Microseconds CaptureClock::wall_offset(UtcTime utc, SteadyTime steady) {
  const auto now = utc.time_since_epoch() - steady.time_since_epoch();
  if (!offset_ || now > *offset_) {
    offset_ = now;
  } else {
    offset_ = *offset_ - std::min(*offset_ - now, (steady - offset_at_) / 2);
  }
  offset_at_ = steady;
  return *offset_;
}

}  // namespace jalousie::ingest
