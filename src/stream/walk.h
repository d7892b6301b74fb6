// The way from a cached key frame to live: which instant each picture is sent and shown at.
//
// The newest key frame may be 30 s old. It is sent at once, as if taken now. The pictures between it and live
// follow evenly, faster than they were taken, and slow down to the camera's own pace where they meet it: no
// burst with old timestamps, which players answer with a fast-forward and then a freeze.
//
//   capture time   K----------------------------------L----------->   (K key frame, L live at the start)
//   shown time     S===============M----------->                      (= faster, - at the camera's own pace)
//
// Pure arithmetic on times that are handed in.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"

namespace jalousie::stream {

class Walk {
 public:
  struct Limits {
    Microseconds aim = Milliseconds(2000);  // catching up should take about this long
    double slowest = 1.25;
    double fastest = 5.0;  // 25 fps become 125: what a phone decodes
  };

  /// Begins at the key frame captured at `key`, now being `now` on the steady clock and `now_utc` on the wall
  /// clock.
  Walk(UtcTime key, SteadyTime now, UtcTime now_utc, Limits limits);
  Walk(UtcTime key, SteadyTime now, UtcTime now_utc) : Walk(key, now, now_utc, Limits()) {}

  /// When the picture captured at `capture` is due. Call in the order of sending, once per picture. At live
  /// pace a picture is due as it comes; after a hole of over 2 s, or when the camera's clock jumped, the
  /// shown time follows the wall.
  SteadyTime due(UtcTime capture, SteadyTime now);
  /// Its time on the 90 kHz clock, relative to the key frame's 0. Belongs to the latest due().
  std::uint32_t shown_90khz() const {
    return static_cast<std::uint32_t>(static_cast<std::uint64_t>(shown_.count()) * 9 / 100);
  }
  /// When something else that was captured at `capture` is to be heard, since the start: as far from the
  /// latest picture as it was taken. Nothing where that is seconds away: then clocks have jumped.
  std::optional<Microseconds> shown_beside(UtcTime capture) const;
  /// Caught up: from here on pictures are due as they come.
  void reached_live() { live_ = true; }
  bool is_live() const { return live_; }
  double speed() const { return live_ ? 1.0 : speed_; }

  /// Starts over at a later key frame (the reader fell behind and jumped): its picture is due at once and
  /// shown after the latest one.
  /// `fastest`: the pace that it must not exceed on this way, where that is less than the limits'.
  void jump(UtcTime key, SteadyTime now, UtcTime now_utc, double fastest = 1000);

 private:
  void aim_at_live(UtcTime key, UtcTime now_utc, double fastest);

  Limits limits_;
  double speed_ = 1.0;
  bool live_ = false;
  UtcTime last_capture_;
  SteadyTime start_;
  Microseconds shown_{0};  // since start_
  bool first_ = true;
};

}  // namespace jalousie::stream
