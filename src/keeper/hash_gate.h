// Lets few password hashes run at once, a few more wait, and turns the rest away: each takes 64 MiB and a
// processor for 0.1 s and more. Safe from any thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "keeper/sign_in.h"

namespace jalousie::keeper {

class HashGate {
 public:
  /// While one lives, its holder may hash.
  class Turn {
   public:
    explicit Turn(HashGate& gate) : gate_(&gate) {}
    Turn(Turn&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn();

   private:
    HashGate* gate_;
  };

  bool is_full() const;
  /// Waits for its turn; Unavailable when too many wait already.
  Result<Turn> enter();

 private:
  mutable std::mutex mutex_;
  std::condition_variable freed_;
  std::size_t running_ = 0;
  std::size_t waiting_ = 0;
};

}  // namespace jalousie::keeper
