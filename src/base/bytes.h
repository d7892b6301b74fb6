// Byte ranges, and sticky big-endian readers and writers: read or write many fields, then ask ok() once. A
// reader that ran past its end returns zeros from then on and never reads outside its range.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace jalousie {

using ByteView = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;
using Buffer = std::vector<std::uint8_t>;

inline ByteView as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view as_text(ByteView bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Overwrites `bytes` with zeros in a way that the compiler keeps.
void wipe(MutableBytes bytes) noexcept;

class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) : bytes_(bytes) {}

  std::uint8_t u8();
  std::uint16_t u16();
  std::uint32_t u24();
  std::uint32_t u32();
  std::uint64_t u64();
  /// The next `count` bytes, borrowed from the input; empty, and ok() false, where fewer are left.
  ByteView bytes(std::size_t count);
  void skip(std::size_t count) { static_cast<void>(bytes(count)); }

  std::size_t remaining() const { return bytes_.size() - position_; }
  std::size_t position() const { return position_; }
  ByteView rest() const { return bytes_.subspan(position_); }
  bool ok() const { return ok_; }

 private:
  ByteView bytes_;
  std::size_t position_ = 0;
  bool ok_ = true;
};

/// Writes into a fixed range that the caller owns.
class ByteWriter {
 public:
  explicit ByteWriter(MutableBytes target) : target_(target) {}

  void u8(std::uint8_t value);
  void u16(std::uint16_t value);
  void u24(std::uint32_t value);
  void u32(std::uint32_t value);
  void u64(std::uint64_t value);
  void bytes(ByteView value);

  std::size_t position() const { return position_; }
  std::size_t remaining() const { return target_.size() - position_; }
  ByteView written() const { return target_.first(position_); }
  bool ok() const { return ok_; }

 private:
  bool room(std::size_t count);

  MutableBytes target_;
  std::size_t position_ = 0;
  bool ok_ = true;
};

}  // namespace jalousie
