#include "rtp/packet_batch.h"

#include "base/assert.h"

namespace jalousie::rtp {

void PacketBatch::clear() {
  memory_.clear();
  packets_.clear();
}

void PacketBatch::wipe() noexcept {
  memory_.wipe();
  packets_.clear();
}

MutableBytes PacketBatch::append(std::size_t bytes) {
  const std::size_t offset = memory_.size();
  const MutableBytes slot = memory_.extend(bytes + kTrailerBytes);
  packets_.push_back({offset, bytes, slot.size()});
  return slot.first(bytes);
}

MutableBytes PacketBatch::packet(std::size_t index) {
  return with_trailer(index).first(packets_[index].bytes);
}

ByteView PacketBatch::packet(std::size_t index) const {
  JAL_ASSERT(index < packets_.size());
  return memory_.view().subspan(packets_[index].offset, packets_[index].bytes);
}

MutableBytes PacketBatch::with_trailer(std::size_t index) {
  JAL_ASSERT(index < packets_.size());
  return memory_.bytes().subspan(packets_[index].offset, packets_[index].room);
}

void PacketBatch::resize(std::size_t index, std::size_t bytes) {
  JAL_ASSERT(index < packets_.size() && bytes <= packets_[index].room);
  packets_[index].bytes = bytes;
}

void PacketBatch::truncate(std::size_t count) {
  if (count >= packets_.size()) return;
  memory_.truncate(packets_[count].offset);
  packets_.resize(count);
}

std::span<const ByteView> PacketBatch::packets() {
  views_.clear();
  for (const Place& place : packets_) views_.push_back(memory_.view().subspan(place.offset, place.bytes));
  return views_;
}

}  // namespace jalousie::rtp
