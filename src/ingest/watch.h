// Watches one connection's pictures: how long it has been quiet, and whether that is long for this camera.
// Times are given in; no timers.
#pragma once

#include <optional>

#include "base/time.h"
#include "ingest/source.h"

namespace jalousie::ingest {

class Watch {
 public:
  enum class Verdict : std::uint8_t {
    Fine,
    NothingCame,  // no packet since the start: give up
    Stalled,      // packets came, and have stopped for longer than this camera's rhythm allows
    Silent,       // for so long that the connection is given up
    NoKeyFrame,   // packets come, and no unit that can be passed on
  };

  Watch(const Timing& timing, SteadyTime started) : timing_(timing), started_(started), last_unit_(started) {}

  void on_packet(SteadyTime now) { last_packet_ = now; }
  void on_unit(bool is_key_frame, SteadyTime now);

  Verdict verdict(SteadyTime now) const;
  /// The earliest time at which the verdict may be another one, if nothing comes until then.
  SteadyTime next_change(SteadyTime now) const;
  bool has_packets() const { return last_packet_.has_value(); }

 private:
  Microseconds stall_after() const;
  Microseconds silence_after() const;

  Timing timing_;
  SteadyTime started_;
  SteadyTime last_unit_;
  std::optional<SteadyTime> last_packet_;
  std::optional<SteadyTime> last_key_;
  std::optional<Microseconds> gop_;
  std::optional<Microseconds> frame_interval_;  // smoothed
};

}  // namespace jalousie::ingest
