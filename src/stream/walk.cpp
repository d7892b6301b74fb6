#include "stream/walk.h"

#include <algorithm>

namespace jalousie::stream {

namespace {
// A camera at 1 frame per second is followed; a longer hole is a camera that was away.
constexpr Microseconds kLongestStep = Seconds(2);
constexpr Microseconds kShortestStep = Milliseconds(1);
// Nearer to live than this there is nothing to catch up with.
constexpr Microseconds kNear = Milliseconds(120);
}  // namespace

Walk::Walk(UtcTime key, SteadyTime now, UtcTime now_utc, Limits limits)
    : limits_(limits), last_capture_(key), start_(now) {
  aim_at_live(key, now_utc, limits_.fastest);
}

void Walk::aim_at_live(UtcTime key, UtcTime now_utc, double fastest) {
  const Microseconds behind = now_utc - key;
  live_ = behind < kNear;
  const double wanted = 1.0 + static_cast<double>(behind.count()) / static_cast<double>(limits_.aim.count());
  speed_ = std::clamp(wanted, limits_.slowest, std::min(fastest, limits_.fastest));
}

SteadyTime Walk::due(UtcTime capture, SteadyTime now) {
  const Microseconds step = capture - last_capture_;
  last_capture_ = capture;
  if (first_) {
    first_ = false;
  } else if (step < kShortestStep || step > kLongestStep) {
    shown_ = std::max<Microseconds>(shown_ + kShortestStep, now - start_);
  } else if (live_) {
    shown_ += step;
  } else {
    shown_ += std::max(kShortestStep,
                       Microseconds(static_cast<std::int64_t>(static_cast<double>(step.count()) / speed_)));
  }
  return live_ ? now : start_ + shown_;
}

std::optional<Microseconds> Walk::shown_beside(UtcTime capture) const {
  const Microseconds away = capture - last_capture_;
  if (away > kLongestStep || away < -kLongestStep) return std::nullopt;
  return std::max(shown_ + away, Microseconds(0));
}

void Walk::jump(UtcTime key, SteadyTime now, UtcTime now_utc, double fastest) {
  // Shown time must move on by at least a step, and must not lag behind the wall or the player would wait.
  shown_ = std::max<Microseconds>(shown_ + Milliseconds(10), now - start_);
  last_capture_ = key;
  first_ = true;
  aim_at_live(key, now_utc, fastest);
}

}  // namespace jalousie::stream
