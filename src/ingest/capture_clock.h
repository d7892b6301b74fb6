// When a picture was captured, on one clock of ours: RTP timestamps say how far pictures are apart, their
// arrival says when that was, and the camera's own idea of the time (RTCP sender reports, often hours off or
// jumping) is not asked.
//
// The least delay between a picture's timestamp and its arrival seen so far is taken as the way here, and
// forgotten slowly, so that a camera whose clock is slow is followed and one late packet changes nothing.
// Always: a picture's time is not after its arrival, and after that of the picture before, whatever
// timestamps jump and however the wall clock is stepped. (Where somebody sets the wall clock back, our clock
// goes at half its pace until it fits again.)
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"

namespace jalousie::ingest {

class CaptureClock {
 public:
  /// `timestamp` at 90 kHz, unwrapped. `utc` and `steady` are the same moment: the unit's arrival.
  UtcTime capture_of(std::int64_t timestamp, UtcTime utc, SteadyTime steady);

  /// The camera begins again at any timestamp: the next unit is captured when it arrives. Times still never
  /// go back.
  void restart() { delay_.reset(); }

 private:
  Microseconds wall_offset(UtcTime utc, SteadyTime steady);

  std::optional<Microseconds> delay_;  // arrival (steady) less media time, at its least
  std::int64_t base_ = 0;              // the timestamp where media time is 0
  std::int64_t last_timestamp_ = 0;
  SteadyTime last_steady_{};
  std::optional<Microseconds> offset_;  // UTC less steady
  SteadyTime offset_at_{};
  std::optional<UtcTime> last_;
};

}  // namespace jalousie::ingest
