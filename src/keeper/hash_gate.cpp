#include "keeper/hash_gate.h"

namespace jalousie::keeper {

HashGate::Turn::~Turn() {
  if (gate_ == nullptr) return;
  const std::lock_guard lock(gate_->mutex_);
  --gate_->running_;
  gate_->freed_.notify_one();
}

bool HashGate::is_full() const {
  const std::lock_guard lock(mutex_);
  return running_ + waiting_ >= kHashesAtOnce + kHashesWaiting;
}

Result<HashGate::Turn> HashGate::enter() {
  std::unique_lock lock(mutex_);
  if (running_ + waiting_ >= kHashesAtOnce + kHashesWaiting) {
    return fail(ErrorKind::Unavailable,
                "Too many people are signing in at this moment: try again in a few seconds.");
  }
  ++waiting_;
  freed_.wait(lock, [this] { return running_ < kHashesAtOnce; });
  --waiting_;
  ++running_;
  return Turn(*this);
}

}  // namespace jalousie::keeper
