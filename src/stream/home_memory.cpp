#include "stream/home_memory.h"

#include <algorithm>

namespace jalousie::stream {

std::shared_ptr<HomeMemory::Line> HomeMemory::enter(const seal::StreamLabel& label, Shard* shard) {
  const std::lock_guard lock(mutex_);
  return lines_.emplace_back(std::make_shared<Line>(label, shard));
}

void HomeMemory::leave(const std::shared_ptr<Line>& line) {
  note(*line, 0, 0);
  const std::lock_guard lock(mutex_);
  std::erase(lines_, line);
}

void HomeMemory::note(Line& line, std::size_t bytes, std::size_t spare_bytes) {
  const std::size_t before = line.bytes.exchange(bytes, std::memory_order_relaxed);
  line.spare_bytes.store(spare_bytes, std::memory_order_relaxed);
  bytes_.fetch_add(bytes - before, std::memory_order_relaxed);  // modulo 2^64: may be less
}

std::vector<HomeMemory::Order> HomeMemory::orders() {
  struct Ring {
    std::shared_ptr<Line> line;
    Told told;
    std::size_t bytes;
    std::size_t spare;
  };
  const std::size_t wanted = bound_ - bound_ / 4;
  std::vector<Order> orders;
  const std::lock_guard lock(mutex_);
  std::vector<Ring> rings;
  std::size_t expected = 0;  // when all have done what they were told
  for (const auto& line : lines_) {
    Ring ring{line, line->told.load(), line->bytes.load(std::memory_order_relaxed), 0};
    ring.spare = std::min(ring.bytes, line->spare_bytes.load(std::memory_order_relaxed));
    if (ring.told == Told::GiveBack) ring.bytes -= std::exchange(ring.spare, 0);
    if (ring.told == Told::LetGo) ring.bytes = ring.spare = 0;
    expected += ring.bytes;
    rings.push_back(std::move(ring));
  }
  const auto tell = [&](Ring& ring, Told what, std::size_t less) {
    ring.line->told = what;
    orders.push_back({ring.line, what});
    expected -= less;
    ring.bytes -= less;
  };
  std::ranges::sort(rings, std::ranges::greater(), &Ring::spare);
  for (Ring& ring : rings) {
    if (expected <= wanted || ring.spare == 0) break;
    tell(ring, Told::GiveBack, ring.spare);
  }
  std::ranges::sort(rings, std::ranges::greater(), &Ring::bytes);
  for (Ring& ring : rings) {
    if (expected <= wanted || ring.bytes == 0) break;
    tell(ring, Told::LetGo, ring.bytes);
  }
  return orders;
}

std::shared_ptr<HomeMemory> HomeMemories::of(HomeId home) {
  const std::lock_guard lock(mutex_);
  if (homes_.size() >= sweep_at_) {
    std::erase_if(homes_, [](const auto& entry) { return entry.second.expired(); });
    sweep_at_ = std::max(kFirstSweep, 2 * homes_.size());
  }
  auto memory = homes_[home].lock();
  if (!memory) {
    memory = std::make_shared<HomeMemory>(bound_);
    homes_[home] = memory;
  }
  return memory;
}

}  // namespace jalousie::stream
