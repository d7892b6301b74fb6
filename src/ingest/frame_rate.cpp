#include "ingest/frame_rate.h"

#include <cmath>

namespace jalousie::ingest {

namespace {
constexpr std::int64_t kSecond = 90'000;
constexpr std::int64_t kWindow = 2 * kSecond;
// 16 pictures (H.265 A.4.2), at 16 a second: further back is no B-frame.
constexpr std::int64_t kReordering = kSecond;
}  // namespace

void FrameRate::on_unit(std::int64_t timestamp, bool after_gap) {
  if (fps_) return;
  if (units_ == 0 || after_gap || timestamp == last_ || timestamp <= last_ - kReordering ||
      timestamp > last_ + 10 * kSecond) {
    first_ = last_ = timestamp;
    units_ = 1;
    reorders_ = false;
    return;
  }
  if (timestamp < last_) {
    reorders_ = true;
    if (timestamp > first_) ++units_;
    return;
  }
  // What is shown between the last of these and the new one is still to come.
  if (reorders_) measure();
  last_ = timestamp;
  ++units_;
  if (!reorders_) measure();
}

void FrameRate::measure() {
  if (units_ < 3 || last_ - first_ < kWindow) return;
  const double measured = static_cast<double>(units_ - 1) * kSecond / static_cast<double>(last_ - first_);
  const double whole = std::round(measured);
  fps_ = std::abs(measured - whole) < 0.02 * measured && whole > 0 ? whole : std::round(measured * 10) / 10;
}

}  // namespace jalousie::ingest
