// A growing byte buffer for clear pictures: keeps its memory when cleared, so that a warm one allocates
// nothing, and wipes all of it when it grows into another place and when it goes. Move-only.
#pragma once

#include <memory>

#include "base/bytes.h"

namespace jalousie::codec {

class WipedBuffer {
 public:
  WipedBuffer() = default;
  ~WipedBuffer() { wipe(); }
  WipedBuffer(WipedBuffer&& other) noexcept { swap(other); }
  WipedBuffer& operator=(WipedBuffer&& other) noexcept;
  WipedBuffer(const WipedBuffer&) = delete;
  WipedBuffer& operator=(const WipedBuffer&) = delete;

  /// `bytes` must not lie in this buffer.
  void append(ByteView bytes);
  /// `count` more bytes at the end, of unspecified content, to be written by the caller; good until the next
  /// growth.
  MutableBytes extend(std::size_t count);
  /// Forgets what is behind the first `size` bytes.
  void truncate(std::size_t size);
  void clear() { size_ = 0; }
  /// Overwrites all that it ever held, and is empty then.
  void wipe() noexcept;

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  ByteView view() const { return {memory_.get(), size_}; }
  MutableBytes bytes() { return {memory_.get(), size_}; }

 private:
  void swap(WipedBuffer& other) noexcept;
  void reserve(std::size_t capacity);

  std::unique_ptr<std::uint8_t[]> memory_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace jalousie::codec
