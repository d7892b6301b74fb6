// How often a name or an address has failed to sign in, in memory, and how long it has to wait. An attempt
// counts as failed from its beginning until it is known to have succeeded, so that many at once gain nothing.
//
// A name waits at most a minute: longer, and a stranger could lock its owner out. Safe from any thread.
#pragma once

#include <array>
#include <list>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "base/endpoint.h"
#include "base/time.h"

namespace jalousie::keeper {

class Attempts {
 public:
  struct Rule {
    unsigned free;              // failures without any wait
    Microseconds longest_wait;  // it doubles from 1 s up to this
  };
  static constexpr Rule kByName{5, Seconds(60)};
  static constexpr Rule kByAddress{20, Seconds(15 * 60)};
  static constexpr Microseconds kForgetAfter = Seconds(60 * 60);  // from the last failure
  static constexpr std::size_t kEntries = 10'000;                 // of each; the oldest goes

  explicit Attempts(const Clock& clock) : clock_(clock) {}

  /// Begins an attempt. The wait that is left, if it may not be made.
  std::optional<Seconds> begin(std::string_view name, const Endpoint& address);
  /// The attempt succeeded: it does not count, and the name's failures are forgotten.
  void succeeded(std::string_view name, const Endpoint& address);
  /// It was not decided (too busy): it does not count.
  void undecided(std::string_view name, const Endpoint& address);

 private:
  using Key = std::array<std::uint8_t, 32>;
  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept;
  };
  struct Entry {
    Key key;
    unsigned failures = 0;
    SteadyTime last{};
    SteadyTime not_before{};
  };
  class Table {
   public:
    explicit Table(Rule rule) : rule_(rule) {}
    Microseconds wait(const Key& key, SteadyTime now) const;
    void fail(const Key& key, SteadyTime now);
    void take_back(const Key& key);
    void forget(const Key& key);

   private:
    Rule rule_;
    std::list<Entry> by_age_;  // newest first
    std::unordered_map<Key, std::list<Entry>::iterator, KeyHash> entries_;
  };

  static Key key_of(std::string_view name);
  static Key key_of(const Endpoint& address);

  const Clock& clock_;
  std::mutex mutex_;
  Table names_{kByName};
  Table addresses_{kByAddress};
};

}  // namespace jalousie::keeper
