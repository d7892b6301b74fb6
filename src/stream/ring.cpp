#include "stream/ring.h"

#include "base/assert.h"

namespace jalousie::stream {

void Ring::push(seal::BlockPtr block) {
  JAL_ASSERT(block != nullptr);
  const bool is_picture = block->header().kind == seal::BlockKind::Video;
  const bool is_key = is_picture && block->header().is_key_frame();
  if (!has_key_ && !is_key) return;
  if (is_key) {
    newest_key_ = first_ + blocks_.size();
    has_key_ = true;
    spare_bytes_ = bytes_;
  }
  if (is_picture) newest_picture_ = block->header().capture;
  bytes_ += block->bytes().size();
  blocks_.push_back(std::move(block));
  trim();
}

void Ring::trim() {
  const UtcTime newest = blocks_.back()->header().capture;
  while (first_ < newest_key_ &&
         (bytes_ > limits_.bytes || newest - blocks_.front()->header().capture > limits_.age)) {
    drop_oldest();
  }
  if (bytes_ > limits_.hard_bytes) clear();
}

void Ring::give_back() {
  while (has_key_ && first_ < newest_key_) drop_oldest();
}

/// Only what is before the newest key frame.
void Ring::drop_oldest() {
  const std::size_t bytes = blocks_.front()->bytes().size();
  bytes_ -= bytes;
  spare_bytes_ -= bytes;
  blocks_.pop_front();
  ++first_;
}

void Ring::clear() {
  first_ += blocks_.size();
  blocks_.clear();
  bytes_ = 0;
  spare_bytes_ = 0;
  has_key_ = false;
}

std::optional<Cursor> Ring::newest_key() const {
  if (!has_key_) return std::nullopt;
  return Cursor{newest_key_};
}

Ring::Read Ring::read(Cursor& cursor) const {
  Read result;
  if (cursor.position < first_) {
    const std::uint64_t target = has_key_ ? newest_key_ : end().position;
    result.lost = target - cursor.position;
    cursor.position = target;
  }
  if (cursor.position < end().position) {
    result.block = blocks_[cursor.position - first_];
    ++cursor.position;
  }
  return result;
}

std::uint64_t Ring::skip_to_newest_key(Cursor& cursor) const {
  if (!has_key_ || newest_key_ <= cursor.position) return 0;
  const std::uint64_t lost = newest_key_ - cursor.position;
  cursor.position = newest_key_;
  return lost;
}

const seal::Block* Ring::peek(Cursor cursor) const {
  if (cursor.position < first_ || cursor.position >= end().position) return nullptr;
  return blocks_[cursor.position - first_].get();
}

}  // namespace jalousie::stream
