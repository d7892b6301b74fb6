// Writes boxes into a growing buffer; a box's size is filled in when its Box goes. Private to mp4.
#pragma once

#include <string_view>

#include "base/bytes.h"

namespace jalousie::mp4 {

class BoxWriter {
 public:
  explicit BoxWriter(Buffer& to) : to_(to) {}

  class [[nodiscard]] Box {
   public:
    Box(BoxWriter& writer, std::string_view type) : to_(writer.to_), begin_(to_.size()) {
      writer.u32(0);
      writer.bytes(as_bytes(type));
    }
    Box(BoxWriter& writer, std::string_view type, std::uint32_t version, std::uint32_t flags)
        : Box(writer, type) {
      writer.u32(version << 24 | flags);
    }
    ~Box() {
      for (std::size_t i = 0, size = to_.size() - begin_; i < 4; ++i)
        to_[begin_ + i] = static_cast<std::uint8_t>(size >> (24 - 8 * i));
    }
    Box(const Box&) = delete;
    Box& operator=(const Box&) = delete;

   private:
    Buffer& to_;
    std::size_t begin_;
  };

  /// Open until the Box goes.
  Box box(std::string_view type) { return {*this, type}; }
  Box full_box(std::string_view type, std::uint32_t version, std::uint32_t flags) {
    return {*this, type, version, flags};
  }

  void u8(std::uint32_t value) { number(value, 1); }
  void u16(std::uint32_t value) { number(value, 2); }
  void u32(std::uint32_t value) { number(value, 4); }
  void u48(std::uint64_t value) { number(value, 6); }
  void bytes(ByteView value) { to_.insert(to_.end(), value.begin(), value.end()); }
  void zeros(std::size_t count) { to_.insert(to_.end(), count, 0); }

 private:
  void number(std::uint64_t value, int size) {
    for (int i = size - 1; i >= 0; --i) to_.push_back(static_cast<std::uint8_t>(value >> 8 * i));
  }

  Buffer& to_;
};

}  // namespace jalousie::mp4
