#include "rtp/reorder_buffer.h"

#include <algorithm>
#include <utility>

#include "rtp/packet.h"
#include "rtp/sequence.h"

namespace jalousie::rtp {
namespace {

// RFC 3550 appendix A.1: MAX_DROPOUT and MAX_MISORDER, beyond which the source has started anew.
constexpr std::int32_t kMaxDropout = 3000;
constexpr std::int32_t kMaxMisorder = 100;

}  // namespace

ReorderBuffer::ReorderBuffer(std::size_t max_packets, Microseconds max_wait)
    : max_packets_(max_packets), max_wait_(max_wait) {}

codec::WipedBuffer ReorderBuffer::take_memory() {
  if (spare_.empty()) return {};
  codec::WipedBuffer memory = std::move(spare_.back());
  spare_.pop_back();
  return memory;
}

void ReorderBuffer::keep_memory(codec::WipedBuffer memory) {
  memory.clear();
  spare_.push_back(std::move(memory));
}

Result<> ReorderBuffer::push(ByteView packet, SteadyTime now) {
  TRY(const PacketView view, PacketView::parse(packet));
  std::int32_t ahead = next_ ? sequence_distance(static_cast<std::uint16_t>(*next_), view.sequence) : 0;
  if (!next_ || ahead > kMaxDropout || ahead < -kMaxMisorder) {
    for (Held& held : held_) keep_memory(std::move(held.bytes));
    held_.clear();
    next_ = view.sequence;
    ahead = 0;
  }
  const std::int64_t sequence = *next_ + ahead;
  const auto place = std::ranges::lower_bound(held_, sequence, {}, &Held::sequence);
  if (ahead < 0 || (place != held_.end() && place->sequence == sequence)) {
    ++left_out_;
    return {};
  }
  Held fresh{sequence, now, take_memory()};
  fresh.bytes.append(packet);
  held_.insert(place, std::move(fresh));
  return {};
}

std::optional<ByteView> ReorderBuffer::pop(SteadyTime now) {
  const auto deadline = next_deadline();
  if (!deadline) return std::nullopt;
  const bool is_due = held_.front().sequence == *next_;
  if (!is_due && held_.size() <= max_packets_ && now < *deadline) return std::nullopt;
  next_ = held_.front().sequence + 1;
  keep_memory(std::exchange(popped_, std::move(held_.front().bytes)));
  held_.erase(held_.begin());
  return popped_.view();
}

std::optional<SteadyTime> ReorderBuffer::next_deadline() const {
  if (held_.empty()) return std::nullopt;
  return std::ranges::min_element(held_, {}, &Held::arrival)->arrival + max_wait_;
}

}  // namespace jalousie::rtp
