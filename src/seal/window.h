// Which sequence numbers an opener has opened: a sliding window of the newest 4096, as IPsec and SRTP have it
// (RFC 4303 section 3.4.3).
#pragma once

#include <array>
#include <cstdint>

namespace jalousie::seal {

class SequenceWindow {
 public:
  static constexpr std::uint64_t kSize = 4096;

  /// Not taken yet, and not too old to know.
  bool is_fresh(std::uint64_t sequence) const;
  /// Taken, and not too old to know.
  bool is_taken(std::uint64_t sequence) const;
  /// Too old to know whether it was taken.
  bool is_behind(std::uint64_t sequence) const { return sequence < newest_ && newest_ - sequence >= kSize; }
  /// Only what is fresh. True when it is the newest now.
  bool take(std::uint64_t sequence);

  /// Whether `sequence` comes right after the newest.
  bool follows(std::uint64_t sequence) const { return any_ && sequence - newest_ == 1; }

 private:
  void forget_between(std::uint64_t after, std::uint64_t before);
  bool is_inside(std::uint64_t sequence) const { return sequence <= newest_ && newest_ - sequence < kSize; }
  bool bit(std::uint64_t sequence) const {
    return (bits_[sequence / 64 % bits_.size()] >> (sequence % 64) & 1) != 0;
  }

  std::array<std::uint64_t, kSize / 64> bits_{};
  std::uint64_t newest_ = 0;
  bool any_ = false;
};

}  // namespace jalousie::seal
