// One loop's share of the fan-out: the rings that are fed here (cameras pinned to this loop), copies of rings
// that are fed elsewhere and watched here, and the viewings. A copy shares the blocks, so it costs a pointer
// each: one message per block and loop, whatever the number of viewers; each loop serves its own viewers
// without locks.
//
// Rings are found by label and stream, nothing less. Every call except those marked is made on the shard's
// own loop.
#pragma once

#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/metrics.h"
#include "base/time.h"
#include "io/loop.h"
#include "stream/home_memory.h"
#include "stream/ring.h"
#include "stream/viewing.h"

namespace jalousie::stream {

class Shard {
 public:
  /// `homes` is shared by all shards, and outlives them.
  Shard(io::Loop& loop, const Clock& clock, RingLimits limits, HomeMemories& homes, Metrics& metrics);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  io::Loop& loop() { return loop_; }
  const Clock& clock() const { return clock_; }

  /// What the one producer of a stream pinned here has sealed.
  void publish(seal::BlockPtr block);
  /// The ring and its copies go, wherever they are. The keeper ends the viewings, where they are to end.
  void forget(const seal::Label& label);
  /// A viewing on this loop of a stream whose ring is fed on `home` (this shard or another).
  std::unique_ptr<Viewing> watch(Shard& home, StreamId stream, keeper::Grant grant, GrantOffice& office,
                                 Sink& sink);

  /// The newest key frame of a stream that is fed here and all after it, sealed; nothing while there is no
  /// key frame, or the newest block is older than kStale.
  std::vector<seal::BlockPtr> from_newest_key(const seal::StreamLabel& label) const;

  /// How long ago that key frame came.
  Microseconds newest_key_age(const seal::StreamLabel& label) const;
  /// Pictures that a glimpse found no key for. From any thread.
  Counter& without_key() { return without_key_; }

  struct Size {
    std::size_t rings = 0;
    std::size_t bytes = 0;
    std::size_t viewings = 0;
  };
  Size size() const;
  /// Lets go of what nobody feeds and nobody watches, and tells how much memory the rings take. The hub calls
  /// it every few seconds.
  void sweep();

  /// `call` is told of a stream that is fed here, or would be, when somebody begins to watch it whom nobody
  /// watched before: a viewing here, or another loop's copy. It may start what feeds it.
  void on_watched(std::function<void(const seal::StreamLabel&)> call) { on_watched_ = std::move(call); }
  /// Whether somebody watches a stream that is fed here. A copy counts for as long as it is kept.
  bool is_watched(const seal::StreamLabel& label) const;

  // For Viewing.
  const Ring& join(Viewing& viewing);
  void leave(Viewing& viewing);

 private:
  struct Copy {
    Shard* shard = nullptr;
    std::uint64_t subscription = 0;
  };
  struct Feed {
    explicit Feed(RingLimits limits) : ring(limits) {}
    Ring ring;
    std::optional<RingMemory> memory;  // where it is fed
    std::vector<Viewing*> viewings;
    std::vector<Copy> copies;        // where it is fed: the shards that hold a copy
    Shard* origin = nullptr;         // in a copy: the shard where it is fed
    std::uint64_t subscription = 0;  // in a copy: blocks of an earlier subscription are not taken
    int idle_sweeps = 0;             // in a copy: sweeps since somebody watched
    SteadyTime last_use{};
    SteadyTime last_key{};                // where it is fed: when the newest key frame came
    std::optional<SteadyTime> last_said;  // in the log, that it let go
  };
  using Feeds = std::unordered_map<seal::StreamLabel, std::unique_ptr<Feed>>;

  Feed& feed_for(const seal::StreamLabel& label);
  static bool is_watched(const Feed& feed) { return !feed.viewings.empty() || !feed.copies.empty(); }
  void take(Feed& feed, seal::BlockPtr block);
  void relieve(HomeMemory& home, HomeId id);
  void obey(const HomeMemory::Order& order);
  void carry_out(const seal::StreamLabel& label, Feed& feed, HomeMemory::Told what);
  void say_let_go(const seal::StreamLabel& label, Feed& feed, std::string_view reason, std::size_t bytes);
  void subscribe(const seal::StreamLabel& label, Shard& copy, std::uint64_t subscription);
  void unsubscribe(const seal::StreamLabel& label, Shard& copy);
  void take_copy(const seal::StreamLabel& label, std::uint64_t subscription,
                 std::vector<seal::BlockPtr> blocks);

  io::Loop& loop_;
  const Clock& clock_;
  RingLimits limits_;
  HomeMemories& home_memories_;
  Feeds feeds_;
  std::unordered_map<const Viewing*, Shard*> homes_;
  std::function<void(const seal::StreamLabel&)> on_watched_;
  std::uint64_t next_subscription_ = 1;
  Gauge& viewing_gauge_;
  Gauge& ring_gauge_;
  std::size_t ring_bytes_told_ = 0;
  Counter& block_counter_;
  Counter& gave_back_;
  Counter& let_go_of_home_;
  Counter& let_go_of_ring_;
  Counter& without_key_;
};

}  // namespace jalousie::stream
