#include "seal/window.h"

namespace jalousie::seal {

bool SequenceWindow::is_fresh(std::uint64_t sequence) const {
  if (!any_ || sequence > newest_) return true;
  return is_inside(sequence) && !bit(sequence);
}

bool SequenceWindow::is_taken(std::uint64_t sequence) const { return is_inside(sequence) && bit(sequence); }

bool SequenceWindow::take(std::uint64_t sequence) {
  const bool newest = !any_ || sequence > newest_;
  if (newest) forget_between(newest_, sequence);
  bits_[sequence / 64 % bits_.size()] |= std::uint64_t{1} << (sequence % 64);
  if (newest) newest_ = sequence;
  any_ = true;
  return newest;
}

// The numbers that were skipped have not been taken; their places hold those of a window before.
void SequenceWindow::forget_between(std::uint64_t after, std::uint64_t before) {
  if (before - after >= kSize) {
    bits_.fill(0);
    return;
  }
  for (std::uint64_t number = after; number != before;) {
    ++number;
    bits_[number / 64 % bits_.size()] &= ~(std::uint64_t{1} << (number % 64));
  }
}

}  // namespace jalousie::seal
