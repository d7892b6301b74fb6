#include "stream/shard.h"

#include <algorithm>

#include "base/assert.h"
#include "base/log.h"

namespace jalousie::stream {

namespace {
// Pictures of a camera that has been away this long are of no use to anybody, sealed or not.
constexpr Microseconds kKeepAfterSilence = Seconds(60);
// A copy is kept for this many sweeps after its last viewer, so that one who comes back starts from it.
constexpr int kIdleSweeps = 3;
// A camera whose ring lets go again and again says so once in this time.
constexpr Microseconds kSayEvery = Seconds(60);

Counter& let_go_counter(Metrics& metrics, const std::string& reason) {
  return metrics.counter("jalousie_stream_rings_let_go_total",
                         "Rings that let go of all they held, because a bound was reached",
                         {{"reason", reason}});
}
}  // namespace

Shard::Shard(io::Loop& loop, const Clock& clock, RingLimits limits, HomeMemories& homes, Metrics& metrics)
    : loop_(loop),
      clock_(clock),
      limits_(limits),
      home_memories_(homes),
      viewing_gauge_(metrics.gauge("jalousie_stream_viewings", "Viewings that are open")),
      ring_gauge_(metrics.gauge("jalousie_stream_ring_bytes",
                                "Bytes of sealed blocks in the rings of the loops that feed them")),
      block_counter_(metrics.counter("jalousie_stream_blocks_total", "Sealed blocks taken into rings")),
      gave_back_(metrics.counter("jalousie_stream_rings_gave_back_total",
                                 "Rings that let go early of what is older than their newest key frame")),
      let_go_of_home_(let_go_counter(metrics, "home_bytes")),
      let_go_of_ring_(let_go_counter(metrics, "ring_bytes")),
      without_key_(metrics.counter("jalousie_stream_glimpses_without_key_total",
                                   "Stills whose picture is of an epoch that their grant has no key for")) {}

Shard::~Shard() = default;

Shard::Feed& Shard::feed_for(const seal::StreamLabel& label) {
  auto& feed = feeds_[label];
  if (!feed) feed = std::make_unique<Feed>(limits_);
  feed->last_use = clock_.steady();
  return *feed;
}

void Shard::publish(seal::BlockPtr block) {
  block_counter_.add();
  const seal::StreamLabel label = block->header().label;
  Feed& feed = feed_for(label);
  for (const Copy& copy : feed.copies) {
    copy.shard->loop_.post([copy, label, block] {
      const auto found = copy.shard->feeds_.find(label);
      // A block on its way to an earlier copy would stand in this one twice.
      if (found == copy.shard->feeds_.end() || found->second->subscription != copy.subscription) return;
      copy.shard->take(*found->second, block);
    });
  }
  if (!feed.memory) feed.memory.emplace(home_memories_.of(label.label.home), label, *this);
  const std::size_t before = feed.ring.bytes();
  take(feed, std::move(block));
  feed.memory->note(feed.ring.bytes(), feed.ring.spare_bytes());
  if (before > 0 && feed.ring.bytes() == 0) {
    let_go_of_ring_.add();
    say_let_go(label, feed, "a key frame has not come for as much as a ring holds", before);
  }
  if (feed.memory->home().is_short()) relieve(feed.memory->home(), label.label.home);
}

/// The home's memory is short: its rings give back, fairly where there is time to ask, and at once where not.
void Shard::relieve(HomeMemory& home, HomeId id) {
  for (HomeMemory::Order& order : home.orders()) {
    Shard* at = order.line->shard;
    if (at == this) {
      obey(order);
    } else {
      at->loop_.post([at, order = std::move(order)] { at->obey(order); });
    }
  }
  while (home.is_over()) {
    auto largest = feeds_.end();
    for (auto feed = feeds_.begin(); feed != feeds_.end(); ++feed) {
      if (feed->first.label.home != id || !feed->second->memory || feed->second->ring.bytes() == 0) continue;
      if (largest == feeds_.end() || feed->second->ring.bytes() > largest->second->ring.bytes())
        largest = feed;
    }
    if (largest == feeds_.end()) return;
    carry_out(largest->first, *largest->second, HomeMemory::Told::LetGo);
  }
}

void Shard::obey(const HomeMemory::Order& order) {
  const auto found = feeds_.find(order.line->label);
  if (found == feeds_.end() || !found->second->memory || !found->second->memory->take(order)) return;
  carry_out(found->first, *found->second, order.what);
}

void Shard::carry_out(const seal::StreamLabel& label, Feed& feed, HomeMemory::Told what) {
  const bool all = what == HomeMemory::Told::LetGo;
  const std::size_t before = feed.ring.bytes();
  if (all) {
    feed.ring.clear();
    let_go_of_home_.add();
    say_let_go(label, feed, "the memory of its home is used up", before);
  } else {
    feed.ring.give_back();
    gave_back_.add();
  }
  feed.memory->note(feed.ring.bytes(), feed.ring.spare_bytes());
  for (const Copy& copy : feed.copies) {
    copy.shard->loop_.post([copy, label, all] {
      const auto found = copy.shard->feeds_.find(label);
      if (found == copy.shard->feeds_.end() || found->second->subscription != copy.subscription) return;
      if (all) {
        found->second->ring.clear();
      } else {
        found->second->ring.give_back();
      }
    });
  }
}

void Shard::say_let_go(const seal::StreamLabel& label, Feed& feed, std::string_view reason,
                       std::size_t bytes) {
  const SteadyTime now = clock_.steady();
  if (feed.last_said && now - *feed.last_said < kSayEvery) return;
  feed.last_said = now;
  log::warn("stream", "a camera's ring let go of its pictures; viewers wait for its next key frame",
            {{"camera", label.label.camera.to_string()},
             {"home", label.label.home.to_string()},
             {"why", std::string(reason)},
             {"bytes", std::to_string(bytes)}});
}

void Shard::take(Feed& feed, seal::BlockPtr block) {
  feed.last_use = clock_.steady();
  if ((block->header().flags & seal::kFlagKeyFrame) != 0) feed.last_key = feed.last_use;
  feed.ring.push(std::move(block));
  // A viewing that ends inside pump() stays in the list until its owner destroys it, never inside the call.
  for (std::size_t i = 0; i < feed.viewings.size(); ++i) feed.viewings[i]->pump();
}

std::unique_ptr<Viewing> Shard::watch(Shard& home, StreamId stream, keeper::Grant grant, GrantOffice& office,
                                      Sink& sink) {
  auto viewing = std::make_unique<Viewing>(*this, stream, std::move(grant), office, sink);
  homes_[viewing.get()] = &home;
  viewing_gauge_.add(1);
  return viewing;
}

const Ring& Shard::join(Viewing& viewing) {
  const seal::StreamLabel label = viewing.label();
  Shard* home = homes_.at(&viewing);
  Feed& feed = feed_for(label);
  const bool is_first = home == this && !is_watched(feed);
  feed.viewings.push_back(&viewing);
  feed.idle_sweeps = 0;
  if (is_first && on_watched_) on_watched_(label);
  if (home != this && feed.origin == nullptr) {
    feed.origin = home;
    feed.subscription = next_subscription_++;
    home->loop_.post([home, label, copy = this, subscription = feed.subscription] {
      home->subscribe(label, *copy, subscription);
    });
  }
  return feed.ring;
}

void Shard::leave(Viewing& viewing) {
  if (homes_.erase(&viewing) > 0) viewing_gauge_.add(-1);
  const auto found = feeds_.find(viewing.label());
  if (found == feeds_.end()) return;
  std::erase(found->second->viewings, &viewing);
  found->second->last_use = clock_.steady();
}

void Shard::subscribe(const seal::StreamLabel& label, Shard& copy, std::uint64_t subscription) {
  Feed& feed = feed_for(label);
  const bool is_first = !is_watched(feed);
  std::erase_if(feed.copies, [&](const Copy& one) { return one.shard == &copy; });
  feed.copies.push_back({&copy, subscription});
  if (is_first && on_watched_) on_watched_(label);
  // Posted before any later block is, so the copy sees them all, in order.
  std::vector<seal::BlockPtr> blocks(feed.ring.blocks().begin(), feed.ring.blocks().end());
  copy.loop_.post([&copy, label, subscription, blocks = std::move(blocks)]() mutable {
    copy.take_copy(label, subscription, std::move(blocks));
  });
}

void Shard::take_copy(const seal::StreamLabel& label, std::uint64_t subscription,
                      std::vector<seal::BlockPtr> blocks) {
  const auto found = feeds_.find(label);
  if (found == feeds_.end() || found->second->subscription != subscription) return;
  Feed& feed = *found->second;
  feed.ring.clear();
  for (seal::BlockPtr& block : blocks) feed.ring.push(std::move(block));
  for (std::size_t i = 0; i < feed.viewings.size(); ++i) feed.viewings[i]->pump();
}

void Shard::unsubscribe(const seal::StreamLabel& label, Shard& copy) {
  const auto found = feeds_.find(label);
  if (found != feeds_.end())
    std::erase_if(found->second->copies, [&](const Copy& one) { return one.shard == &copy; });
}

void Shard::forget(const seal::Label& label) {
  std::vector<Shard*> copies;
  for (auto& [stream_label, feed] : feeds_) {
    if (stream_label.label != label) continue;
    feed->ring.clear();
    if (feed->memory) feed->memory->note(0, 0);
    for (const Copy& copy : feed->copies) {
      if (std::find(copies.begin(), copies.end(), copy.shard) == copies.end()) copies.push_back(copy.shard);
    }
  }
  for (Shard* copy : copies) copy->loop_.post([copy, label] { copy->forget(label); });
}

void Shard::sweep() {
  const SteadyTime now = clock_.steady();
  std::erase_if(feeds_, [&](auto& entry) {
    auto& [label, feed] = entry;
    const Microseconds unused = now - feed->last_use;
    if (unused > kKeepAfterSilence) {
      feed->ring.clear();
      if (feed->memory) feed->memory->note(0, 0);
    }
    if (!feed->viewings.empty() || !feed->copies.empty()) return false;
    if (feed->origin != nullptr) {
      if (++feed->idle_sweeps < kIdleSweeps) return false;
      feed->origin->loop_.post(
          [origin = feed->origin, which = label, copy = this] { origin->unsubscribe(which, *copy); });
      return true;
    }
    return unused > kKeepAfterSilence;
  });
  std::size_t bytes = 0;
  for (const auto& [label, feed] : feeds_) {
    if (feed->origin == nullptr) bytes += feed->ring.bytes();  // a copy shares the blocks
  }
  ring_gauge_.add(static_cast<double>(bytes) - static_cast<double>(ring_bytes_told_));
  ring_bytes_told_ = bytes;
}

std::vector<seal::BlockPtr> Shard::from_newest_key(const seal::StreamLabel& label) const {
  const auto found = feeds_.find(label);
  if (found == feeds_.end()) return {};
  const Ring& ring = found->second->ring;
  const auto key = ring.newest_key();
  const auto newest = ring.newest_picture();
  if (!key || !newest || clock_.utc() - *newest > kStale) return {};
  std::vector<seal::BlockPtr> blocks;
  Cursor cursor = *key;
  while (auto block = ring.read(cursor).block) blocks.push_back(std::move(block));
  return blocks;
}

bool Shard::is_watched(const seal::StreamLabel& label) const {
  const auto found = feeds_.find(label);
  return found != feeds_.end() && is_watched(*found->second);
}

Microseconds Shard::newest_key_age(const seal::StreamLabel& label) const {
  const auto found = feeds_.find(label);
  return found == feeds_.end() ? Microseconds(0) : clock_.steady() - found->second->last_key;
}

Shard::Size Shard::size() const {
  Size size;
  size.rings = feeds_.size();
  size.viewings = homes_.size();
  for (const auto& [label, feed] : feeds_) size.bytes += feed->ring.bytes();
  return size;
}

}  // namespace jalousie::stream
