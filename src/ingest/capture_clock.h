// When a picture, or a frame of sound, was captured, on one clock of ours: RTP timestamps say how far units
// are apart, their arrival says when that was. The camera's own idea of the time (RTCP sender reports, often
// hours off or jumping) is asked for one thing only: how its two tracks lie against each other.
//
// The least delay between a unit's timestamp and its arrival seen so far is taken as the way here, and
// forgotten slowly, so that a camera whose clock is slow is followed and one late packet changes nothing.
// Pictures take longer to encode than sound; where sender reports of both tracks say so, believably and more
// than once alike, the later track is set back by as much, little by little.
//
// Pictures with B-frames come in the order of decoding: their timestamps go back a little and forth again,
// which is no jump, and each is given a time right after the one before.
//
// Always: a unit's time is not after its arrival, and after that of its track's unit before, whatever
// timestamps jump and however the wall clock is stepped. (Where somebody sets the wall clock back, our clock
// goes at half its pace until it fits again.)
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/time.h"

namespace jalousie::ingest {

enum class TrackKind : std::uint8_t { Video, Sound };

class CaptureClock {
 public:
  /// A picture. `timestamp` at 90 kHz, unwrapped. `utc` and `steady` are the same moment: the unit's arrival.
  UtcTime capture_of(std::int64_t timestamp, UtcTime utc, SteadyTime steady) {
    return capture_of(TrackKind::Video, timestamp, utc, steady);
  }
  /// The same of either track; that of sound at the rate that was set.
  UtcTime capture_of(TrackKind kind, std::int64_t timestamp, UtcTime utc, SteadyTime steady);
  void set_sound_rate(std::uint32_t rate) { track(TrackKind::Sound).rate = rate; }

  /// A sender report of a track: `timestamp` was at `ntp` on the camera's own clock. Counts once a unit of
  /// the track has come.
  void on_report(TrackKind kind, UtcTime ntp, std::uint32_t timestamp);

  /// The camera begins again at any timestamps: the next units are captured when they arrive. Times still
  /// never go back.
  void restart();

 private:
  struct Track {
    std::uint32_t rate = 90'000;
    std::optional<Microseconds> delay;  // arrival (steady) less media time, at its least
    std::int64_t base = 0;              // the timestamp where media time is 0
    std::int64_t newest_timestamp = 0;
    SteadyTime last_steady{};
    std::optional<Microseconds> offset;  // the camera's clock less media time, by its last report
    Microseconds set_back{0};            // as far as it is in force
    std::optional<UtcTime> last;
  };
  Track& track(TrackKind kind) { return tracks_[static_cast<std::size_t>(kind)]; }
  void follow_reports(Track& track, Microseconds elapsed);
  Microseconds wanted_set_back(const Track& of) const;
  Microseconds wall_offset(UtcTime utc, SteadyTime steady);

  std::array<Track, 2> tracks_;
  std::optional<Microseconds> said_;      // offset of video less that of sound, by the newest reports
  std::optional<Microseconds> relation_;  // the same, believed
  std::optional<Microseconds> offset_;    // UTC less steady
  SteadyTime offset_at_{};
};

}  // namespace jalousie::ingest
