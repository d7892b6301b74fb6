// What the rings of one home hold, on all loops together, and the bound of it. Each ring where a camera is
// fed has a line here; copies share its blocks, and have none.
//
// Above 7/8 of the bound the home's rings are told to give back until it is at 3/4: what is older than their
// newest key frames first, then the largest ring lets go of all. They may be on other loops, and obey when
// their loops come to it; what is left up to the bound is for that while. At the bound itself a shard lets go
// of its own rings at once (Shard::publish), so that it holds whatever other loops do.
//
// Safe from any thread. What is done per block is three atomics; there is a lock for a new ring, and where
// memory is short.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "seal/label.h"

namespace jalousie::stream {

class Shard;

class HomeMemory {
 public:
  enum class Told : std::uint8_t { Nothing, GiveBack, LetGo };

  /// One ring's line: written on its loop.
  struct Line {
    Line(const seal::StreamLabel& of, Shard* on) : label(of), shard(on) {}
    const seal::StreamLabel label;
    Shard* const shard;
    std::atomic<std::size_t> bytes{0};
    std::atomic<std::size_t> spare_bytes{0};  // of these, older than the newest key frame
    std::atomic<Told> told{Told::Nothing};    // and has not yet done
  };
  struct Order {
    std::shared_ptr<Line> line;
    Told what = Told::Nothing;
  };

  explicit HomeMemory(std::size_t bound) : bound_(bound) {}

  std::shared_ptr<Line> enter(const seal::StreamLabel& label, Shard* shard);
  void leave(const std::shared_ptr<Line>& line);
  /// What the ring of `line` holds now.
  void note(Line& line, std::size_t bytes, std::size_t spare_bytes);

  std::size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }
  bool is_short() const { return bytes() > bound_ - bound_ / 8; }
  bool is_over() const { return bytes() > bound_; }
  /// Who has to give back what, beside those who were told and have not done it yet. Each order is carried
  /// out once: Line::told is set, and goes back to Nothing with that.
  std::vector<Order> orders();

 private:
  const std::size_t bound_;
  std::atomic<std::size_t> bytes_{0};
  std::mutex mutex_;
  std::vector<std::shared_ptr<Line>> lines_;
};

/// All homes that have rings.
class HomeMemories {
 public:
  explicit HomeMemories(std::size_t bound_of_each) : bound_(bound_of_each) {}
  std::shared_ptr<HomeMemory> of(HomeId home);

 private:
  static constexpr std::size_t kFirstSweep = 64;

  const std::size_t bound_;
  std::mutex mutex_;
  // Homes whose rings have gone are forgotten when there are twice as many as after the last time: all homes
  // are not looked at for each new ring, since every loop waits for this lock.
  std::size_t sweep_at_ = kFirstSweep;
  std::unordered_map<HomeId, std::weak_ptr<HomeMemory>> homes_;
};

/// One ring's place in its home's memory, for as long as the ring is there.
class RingMemory {
 public:
  RingMemory(std::shared_ptr<HomeMemory> home, const seal::StreamLabel& label, Shard& shard)
      : home_(std::move(home)), line_(home_->enter(label, &shard)) {}
  ~RingMemory() { home_->leave(line_); }
  RingMemory(const RingMemory&) = delete;
  RingMemory& operator=(const RingMemory&) = delete;

  HomeMemory& home() { return *home_; }
  void note(std::size_t bytes, std::size_t spare_bytes) { home_->note(*line_, bytes, spare_bytes); }
  /// True when `order` is for this ring, and not for one under the same label before it.
  bool take(const HomeMemory::Order& order) {
    if (order.line != line_) return false;
    line_->told = HomeMemory::Told::Nothing;
    return true;
  }

 private:
  std::shared_ptr<HomeMemory> home_;
  std::shared_ptr<HomeMemory::Line> line_;
};

}  // namespace jalousie::stream
