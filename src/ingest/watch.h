// Watches one connection's pictures: how long it has been quiet, whether that is long for this camera, and
// whether what comes makes pictures.
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
    Damaged,      // packets come, others are lost, and no unit has been whole for as long as makes a stall
    NoKeyFrame,   // packets come, and no unit that can be passed on
  };

  Watch(const Timing& timing, SteadyTime started) : timing_(timing), started_(started), last_unit_(started) {}

  void on_packet(SteadyTime now) { last_packet_ = now; }
  /// `after_gap`: units before this one were lost.
  void on_unit(bool is_key_frame, bool after_gap, SteadyTime now);
  /// Packets are missing: no unit is whole until the next key frame that is.
  void on_gap() { ++gaps_; }

  Verdict verdict(SteadyTime now) const;
  /// The earliest time at which the verdict may be another one, if nothing comes until then.
  SteadyTime next_change(SteadyTime now) const;
  bool has_packets() const { return last_packet_.has_value(); }

 private:
  bool is_damaged() const;
  Microseconds stall_after() const;
  Microseconds silence_after() const;

  Timing timing_;
  SteadyTime started_;
  SteadyTime last_unit_;
  std::optional<SteadyTime> last_packet_;
  std::optional<SteadyTime> last_key_;
  std::optional<Microseconds> gop_;
  std::optional<Microseconds> frame_interval_;  // smoothed
  int gaps_ = 0;                                // since the last unit
};

}  // namespace jalousie::ingest
