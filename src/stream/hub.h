// All shards: which loop feeds a camera, which loop serves the next viewing. Safe from any thread.
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <vector>

#include "stream/shard.h"

namespace jalousie::stream {

class Hub {
 public:
  Hub(std::span<io::Loop* const> loops, const Clock& clock, RingLimits limits, Metrics& metrics);
  ~Hub();

  /// The shard that a camera is pinned to: its ingest runs there.
  Shard& shard_of(CameraId camera);
  /// The shard for the next viewing: each in turn.
  Shard& next_shard();
  std::span<const std::unique_ptr<Shard>> shards() const { return shards_; }
  /// What was shown so far goes, everywhere: the tenure ended, or its pictures come from elsewhere now.
  void forget(const seal::Label& label);
  /// Asks every shard to sweep; call it every few seconds.
  void sweep();

 private:
  HomeMemories home_memories_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::atomic<std::size_t> next_{0};
};

}  // namespace jalousie::stream
