#include "stream/hub.h"

#include "base/assert.h"

namespace jalousie::stream {

Hub::Hub(std::span<io::Loop* const> loops, const Clock& clock, RingLimits limits, Metrics& metrics)
    : home_memories_(limits.home_bytes) {
  JAL_ASSERT(!loops.empty());
  for (io::Loop* loop : loops)
    shards_.push_back(std::make_unique<Shard>(*loop, clock, limits, home_memories_, metrics));
}

Hub::~Hub() = default;

Shard& Hub::shard_of(CameraId camera) { return *shards_[std::hash<CameraId>()(camera) % shards_.size()]; }

Shard& Hub::next_shard() { return *shards_[next_.fetch_add(1, std::memory_order_relaxed) % shards_.size()]; }

void Hub::forget(const seal::Label& label) {
  Shard* home = &shard_of(label.camera);
  home->loop().post([home, label] { home->forget(label); });
}

void Hub::sweep() {
  for (const auto& shard : shards_) shard->loop().post([one = shard.get()] { one->sweep(); });
}

}  // namespace jalousie::stream
