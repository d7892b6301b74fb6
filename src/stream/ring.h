// The latest blocks of one stream, sealed, back to its newest key frame at least: what makes a viewing start
// at once.
//
// A ring is bounded by bytes and age, but always keeps the newest key frame and all after it, whatever the
// length of the GOP (cameras with 30 s exist); only the hard bound, which no honest camera reaches, makes it
// let go of that too. Sound goes along between the pictures and decides nothing. A reader is a cursor: it
// owns no queue and no memory. One that falls behind what is kept jumps to the newest key frame and is told
// how many blocks it lost. Not thread-safe: a ring belongs to one loop.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "base/time.h"
#include "seal/block.h"

namespace jalousie::stream {

/// Older than this, a ring's newest picture is nobody's first: the camera is away, and an old picture would
/// look live.
inline constexpr Microseconds kStale = Seconds(5);

struct RingLimits {
  std::size_t bytes = std::size_t{4} << 20;        // of what is older than the newest key frame
  Microseconds age = Seconds(3);                   // likewise
  std::size_t hard_bytes = std::size_t{64} << 20;  // of all: 30 s at 16 Mb/s fit
  // Of all rings of one home, on all loops: 256 cameras (limits.h) at 4 Mb/s with a key frame every 4 s fit,
  // and a home that fills it takes a sixteenth of 8 GiB.
  std::size_t home_bytes = std::size_t{512} << 20;
};

/// Where a reader stands: the position of the block that it reads next. Positions count up from 0 over a
/// ring's life.
struct Cursor {
  std::uint64_t position = 0;
};

class Ring {
 public:
  explicit Ring(RingLimits limits = {}) : limits_(limits) {}

  /// Appends `block`. Blocks before the first key frame are not kept: nobody could start from them.
  void push(seal::BlockPtr block);
  /// Lets go of what is older than the newest key frame.
  void give_back();
  void clear();

  /// Where a reader starts who wants a picture at once. Nothing while there is no key frame.
  std::optional<Cursor> newest_key() const;
  /// Behind the newest block: where a reader starts who takes only what comes.
  Cursor end() const { return {first_ + blocks_.size()}; }

  struct Read {
    seal::BlockPtr block;    // null: nothing more for now
    std::uint64_t lost = 0;  // blocks that were skipped to get here
  };
  /// The block at `cursor`, which moves on.
  Read read(Cursor& cursor) const;
  /// Moves `cursor` to the newest key frame if that is ahead of it; returns how many blocks that skips.
  std::uint64_t skip_to_newest_key(Cursor& cursor) const;
  /// The block at `cursor`, which stays. Null at the end, and where it was let go of.
  const seal::Block* peek(Cursor cursor) const;

  const seal::Block* newest() const { return blocks_.empty() ? nullptr : blocks_.back().get(); }
  /// Capture time of the newest picture; nothing while the ring is empty. Sound may go on without pictures.
  std::optional<UtcTime> newest_picture() const {
    return blocks_.empty() ? std::nullopt : std::optional(newest_picture_);
  }
  const std::deque<seal::BlockPtr>& blocks() const { return blocks_; }
  std::size_t bytes() const { return bytes_; }
  /// Of these, what give_back() would.
  std::size_t spare_bytes() const { return spare_bytes_; }

 private:
  void drop_oldest();
  void trim();

  RingLimits limits_;
  std::deque<seal::BlockPtr> blocks_;
  std::uint64_t first_ = 0;  // position of blocks_.front()
  std::uint64_t newest_key_ = 0;
  bool has_key_ = false;
  UtcTime newest_picture_{};
  std::size_t bytes_ = 0;
  std::size_t spare_bytes_ = 0;  // of blocks before newest_key_
};

}  // namespace jalousie::stream
