// How many pictures a second a stream has, by its timestamps: what parameter sets say about it is often
// missing or wrong.
#pragma once

#include <cstdint>
#include <optional>

namespace jalousie::ingest {

class FrameRate {
 public:
  /// `timestamp` at 90 kHz, in the order of sending, which with B-frames goes back at times. `after_gap`:
  /// pictures are missing before this one, so that counting begins anew.
  void on_unit(std::int64_t timestamp, bool after_gap);
  /// From two seconds and three pictures on; whole where it is all but whole.
  std::optional<double> fps() const { return fps_; }

 private:
  void measure();

  std::int64_t first_ = 0;
  std::int64_t last_ = 0;   // the latest shown, not the latest sent
  std::int64_t units_ = 0;  // shown from first_ on
  bool reorders_ = false;
  std::optional<double> fps_;
};

}  // namespace jalousie::ingest
