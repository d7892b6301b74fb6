// The parameter sets of one kind that a stream has at the moment: a later one with the same id replaces the
// earlier, and the one stored longest ago makes room for another id.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace jalousie::codec {

/// `Parsed` has an `id`.
template <class Parsed>
class SetsById {
 public:
  struct Stored {
    Parsed parsed;
    Buffer nal;
  };

  explicit SetsById(std::size_t at_most) : at_most_(at_most) {}

  /// Repeated sets are the common case: each key frame brings them again.
  bool holds(ByteView nal) const {
    return std::ranges::any_of(stored_,
                               [nal](const Stored& one) { return std::ranges::equal(one.nal, nal); });
  }
  void store(Parsed parsed, ByteView nal) {
    std::erase_if(stored_, [&parsed](const Stored& one) { return one.parsed.id == parsed.id; });
    if (stored_.size() == at_most_) stored_.erase(stored_.begin());
    stored_.push_back({std::move(parsed), Buffer(nal.begin(), nal.end())});
  }
  /// Null where there is none; good until the next store().
  const Stored* find(std::uint32_t id) const {
    const auto found = std::ranges::find_if(stored_, [id](const Stored& one) { return one.parsed.id == id; });
    return found == stored_.end() ? nullptr : &*found;
  }
  const std::vector<Stored>& all() const { return stored_; }
  void clear() { stored_.clear(); }

 private:
  std::size_t at_most_;
  std::vector<Stored> stored_;  // oldest first
};

}  // namespace jalousie::codec
