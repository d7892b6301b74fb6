#include "ingest/capture_clock.h"

#include <algorithm>

namespace jalousie::ingest {

namespace {

// Crystals are within 100 parts per million of each other; twice that follows any of them, and moves the
// estimate by 0.2 ms in a second without a picture that came quickly.
constexpr std::int64_t kForgetPerMillion = 200;
// A unit that is later or earlier than this is neither: the camera's timestamps have jumped.
constexpr Microseconds kJump = Seconds(10);
// Pictures that come in another order than they are shown in (B-frames) have timestamps that go back by a few
// frames, up to half a second at 25 a second; a camera whose timestamps begin anew seldom does so less.
constexpr Microseconds kReorderMost = Seconds(1);
// A camera's tracks further apart than this are so by reports that are wrong: encoders take less.
constexpr Microseconds kApartMost = Seconds(1);
// Reports that were taken around a step of the camera's clock do not agree with the ones before and after.
constexpr Microseconds kAgree = Milliseconds(50);
// Set back by at most a tenth of the time that passes: pictures stay evenly apart.
constexpr std::int64_t kSlewDivisor = 10;

/// Without an overflow for any difference of timestamps that lies within kJump of arrivals.
constexpr Microseconds media_time(std::int64_t ticks, std::uint32_t rate) {
  return Microseconds(ticks / rate * 1'000'000 + ticks % rate * 1'000'000 / rate);
}

constexpr std::int64_t media_ticks(Microseconds time, std::uint32_t rate) {
  return time.count() * rate / 1'000'000;
}

constexpr Microseconds distance(Microseconds a, Microseconds b) { return a < b ? b - a : a - b; }

}  // namespace

void CaptureClock::restart() {
  for (Track& one : tracks_) {
    one.delay.reset();
    one.offset.reset();
  }
  said_.reset();
  relation_.reset();
}

UtcTime CaptureClock::capture_of(TrackKind kind, std::int64_t timestamp, UtcTime utc, SteadyTime steady) {
  Track& of = track(kind);
  // Counted from the last jump, so that no camera can make these sums overflow.
  auto media = media_time(of.delay ? timestamp - of.base : 0, of.rate);
  const auto delay = steady.time_since_epoch() - media;
  const bool goes_back = timestamp < of.newest_timestamp - media_ticks(kReorderMost, of.rate);
  if (!of.delay || goes_back || delay > *of.delay + kJump || delay < *of.delay - kJump) {
    of.base = of.newest_timestamp = timestamp;
    media = Microseconds(0);
    of.delay = steady.time_since_epoch();
    of.offset.reset();
    of.set_back = Microseconds(0);
    said_.reset();
    relation_.reset();
  } else {
    const auto elapsed = steady - of.last_steady;
    of.delay = std::min(delay, *of.delay + elapsed * kForgetPerMillion / 1'000'000);
    follow_reports(of, elapsed);
  }
  of.newest_timestamp = std::max(of.newest_timestamp, timestamp);
  of.last_steady = steady;

  const auto offset = wall_offset(utc, steady);
  auto capture = UtcTime(media + *of.delay - of.set_back + offset);
  if (of.last && capture <= *of.last) capture = *of.last + Microseconds(1);
  of.last = capture;
  return capture;
}

void CaptureClock::on_report(TrackKind kind, UtcTime ntp, std::uint32_t timestamp) {
  Track& of = track(kind);
  if (!of.delay) return;
  const auto ahead = static_cast<std::int32_t>(timestamp - static_cast<std::uint32_t>(of.newest_timestamp));
  of.offset = ntp.time_since_epoch() - media_time(of.newest_timestamp + ahead - of.base, of.rate);
  const auto& video = track(TrackKind::Video).offset;
  const auto& sound = track(TrackKind::Sound).offset;
  if (!video || !sound) return;
  const auto said = *video - *sound;
  if (!said_ || distance(said, *said_) <= kAgree) relation_ = said;
  said_ = said;
}

/// How much later than the other track this one comes here, by the camera's clock.
Microseconds CaptureClock::wanted_set_back(const Track& of) const {
  const Track& video = tracks_[0];
  const Track& sound = tracks_[1];
  if (!relation_ || !video.delay || !sound.delay) return of.set_back;
  const auto later = *video.delay - *sound.delay - *relation_;  // video
  if (later > kApartMost || later < -kApartMost) return Microseconds(0);
  return std::max(&of == &video ? later : -later, Microseconds(0));
}

void CaptureClock::follow_reports(Track& of, Microseconds elapsed) {
  const auto most = std::max(elapsed, Microseconds(0)) / kSlewDivisor;
  of.set_back += std::clamp(wanted_set_back(of) - of.set_back, -most, most);
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
