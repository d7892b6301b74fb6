// How many connections to cameras a person, a home and all together may have tested: so many at once, and so
// many within a minute. What goes beyond is refused at once and does not count, so that waiting always helps.
// Safe from any thread; bounded by what it lets in.
#pragma once

#include <cstddef>
#include <deque>
#include <expected>
#include <map>
#include <memory>
#include <mutex>

#include "base/ids.h"
#include "base/time.h"

namespace jalousie::api {

class ProbeGate {
 public:
  struct Bound {
    std::size_t at_once;
    std::size_t per_minute;
  };
  struct Bounds {
    Bound account, home, all;
  };
  enum class Crowd : std::uint8_t { Account, Home, All };
  struct Refusal {
    Crowd crowd;          // whose bound was met
    bool at_once;         // else: within a minute
    Seconds retry_after;  // at least 1
  };
  /// While it lives the test counts as under way.
  using Place = std::shared_ptr<void>;

  explicit ProbeGate(Bounds bounds) : bounds_(bounds) {}

  /// The gate outlives the place.
  std::expected<Place, Refusal> enter(AccountId account, HomeId home, SteadyTime now);
  /// Those that are remembered, for tests.
  std::size_t remembered() const;

 private:
  struct Count {
    std::size_t running = 0;
    std::deque<SteadyTime> begun;  // within the last minute
  };
  static std::optional<Refusal> over(Crowd crowd, const Bound& bound, Count& count, SteadyTime now);
  void leave(AccountId account, HomeId home);

  const Bounds bounds_;
  mutable std::mutex mutex_;
  std::map<AccountId, Count> accounts_;
  std::map<HomeId, Count> homes_;
  Count all_;
};

}  // namespace jalousie::api
