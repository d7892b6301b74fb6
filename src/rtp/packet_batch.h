// Packets on their way out, one behind the other in one piece of memory that is kept for the next batch: no
// allocation once it is warm. Behind each packet is room for what SRTP adds, so that it is encrypted in
// place. Clear pictures are wiped when the batch goes. Used by one session on one loop.
#pragma once

#include <span>
#include <vector>

#include "base/bytes.h"
#include "codec/wiped_buffer.h"

namespace jalousie::rtp {

class PacketBatch {
 public:
  /// Room behind each packet: an SRTP tag is 16 bytes at most (RFC 7714), an SRTCP index 4.
  static constexpr std::size_t kTrailerBytes = 32;

  /// Forgets the packets, keeps the memory.
  void clear();
  /// clear(), and overwrites all that it ever held: for packets that stay clear.
  void wipe() noexcept;
  /// A further packet of `bytes` bytes, of unspecified content, for the caller to write; good until the next
  /// append().
  MutableBytes append(std::size_t bytes);

  std::size_t size() const { return packets_.size(); }
  bool empty() const { return packets_.empty(); }
  MutableBytes packet(std::size_t index);
  ByteView packet(std::size_t index) const;
  /// The packet and the room behind it.
  MutableBytes with_trailer(std::size_t index);
  /// Sets how long a packet is, as SRTP lengthens it: at most its first length and kTrailerBytes.
  void resize(std::size_t index, std::size_t bytes);
  /// Takes away all packets from `count` on.
  void truncate(std::size_t count);
  /// All packets in order, as sockets take them; good until the batch changes.
  std::span<const ByteView> packets();

 private:
  struct Place {
    std::size_t offset;
    std::size_t bytes;
    std::size_t room;
  };
  codec::WipedBuffer memory_;
  std::vector<Place> packets_;
  std::vector<ByteView> views_;
};

}  // namespace jalousie::rtp
