// Time comes from an injected Clock only. Two kinds: UtcTime (what pictures, grants and the ledger carry;
// microseconds since 1970, may step) and SteadyTime (deadlines and intervals; never steps).
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

namespace jalousie {

using Microseconds = std::chrono::microseconds;
using Milliseconds = std::chrono::milliseconds;
using Seconds = std::chrono::seconds;
using UtcTime = std::chrono::time_point<std::chrono::system_clock, Microseconds>;
using SteadyTime = std::chrono::time_point<std::chrono::steady_clock, Microseconds>;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual UtcTime utc() const = 0;
  virtual SteadyTime steady() const = 0;
};

class SystemClock final : public Clock {
 public:
  UtcTime utc() const override;
  SteadyTime steady() const override;
};

/// Moves only when told. Safe to read from other threads while one moves it.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(UtcTime start = UtcTime(Microseconds(1'700'000'000'000'000)))
      : utc_us_(start.time_since_epoch().count()) {}
  UtcTime utc() const override { return UtcTime(Microseconds(utc_us_.load())); }
  SteadyTime steady() const override { return SteadyTime(Microseconds(steady_us_.load())); }
  void advance(Microseconds by) {
    utc_us_ += by.count();
    steady_us_ += by.count();
  }
  /// Only the wall clock jumps, as when NTP steps it.
  void step_utc(Microseconds by) { utc_us_ += by.count(); }

 private:
  std::atomic<std::int64_t> utc_us_;
  std::atomic<std::int64_t> steady_us_{1'000'000'000};
};

constexpr std::int64_t to_us(UtcTime time) { return time.time_since_epoch().count(); }
constexpr UtcTime utc_from_us(std::int64_t us) { return UtcTime(Microseconds(us)); }
/// RFC 3339 with milliseconds, in UTC: 2026-11-23T06:15:00.123Z.
std::string to_rfc3339(UtcTime time);

}  // namespace jalousie
