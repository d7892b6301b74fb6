#include "codec/wiped_buffer.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace jalousie::codec {

WipedBuffer& WipedBuffer::operator=(WipedBuffer&& other) noexcept {
  WipedBuffer taken(std::move(other));
  swap(taken);
  return *this;
}

void WipedBuffer::swap(WipedBuffer& other) noexcept {
  std::swap(memory_, other.memory_);
  std::swap(size_, other.size_);
  std::swap(capacity_, other.capacity_);
}

void WipedBuffer::wipe() noexcept {
  jalousie::wipe({memory_.get(), capacity_});
  size_ = 0;
}

void WipedBuffer::reserve(std::size_t capacity) {
  if (capacity <= capacity_) return;
  const std::size_t grown = std::max({capacity, capacity_ * 2, std::size_t{4096}});
  auto memory = std::make_unique_for_overwrite<std::uint8_t[]>(grown);
  std::copy_n(memory_.get(), size_, memory.get());
  jalousie::wipe({memory_.get(), capacity_});
  memory_ = std::move(memory);
  capacity_ = grown;
}

void WipedBuffer::append(ByteView bytes) {
  const MutableBytes target = extend(bytes.size());
  std::copy(bytes.begin(), bytes.end(), target.begin());
}

MutableBytes WipedBuffer::extend(std::size_t count) {
  reserve(size_ + count);
  const MutableBytes added{memory_.get() + size_, count};
  size_ += count;
  return added;
}

void WipedBuffer::truncate(std::size_t size) {
  JAL_ASSERT(size <= size_);
  size_ = size;
}

}  // namespace jalousie::codec
