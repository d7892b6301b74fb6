#include "ingest/admission.h"

#include <algorithm>
#include <vector>

#include "base/assert.h"
#include "io/loop.h"

namespace jalousie::ingest {

Admission::Admission(const Clock& clock, Rate rate)
    : clock_(clock), rate_(rate), tokens_(static_cast<double>(rate.burst)), refilled_(clock.steady()) {}

Admission::~Admission() { JAL_ASSERT(waiting_ == 0); }

io::Task<> Admission::enter(HomeId home) {
  co_await io::suspend([this, home](Resume resume) {
    {
      const std::lock_guard lock(mutex_);
      if (!closed_ && (waiting_ > 0 || !take_token())) {
        auto [found, is_new] = queues_.try_emplace(home);
        if (is_new) found->second = turns_.insert(turns_.end(), Queue{home, {}});
        found->second->waiting.push_back(std::move(resume));
        ++waiting_;
        return;
      }
    }
    resume();
  });
}

bool Admission::take_token() {
  const SteadyTime now = clock_.steady();
  const double seconds = static_cast<double>((now - refilled_).count()) / 1e6;
  tokens_ =
      std::min(static_cast<double>(rate_.burst), tokens_ + seconds * static_cast<double>(rate_.per_second));
  refilled_ = now;
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

Admission::Resume Admission::next_in_turn() {
  const auto queue = turns_.begin();
  Resume next = std::move(queue->waiting.front());
  queue->waiting.pop_front();
  --waiting_;
  if (queue->waiting.empty()) {
    queues_.erase(queue->home);
    turns_.erase(queue);
  } else {
    turns_.splice(turns_.end(), turns_, queue);
  }
  return next;
}

void Admission::tick() {
  std::vector<Resume> due;
  {
    const std::lock_guard lock(mutex_);
    while (waiting_ > 0 && take_token()) due.push_back(next_in_turn());
  }
  for (Resume& resume : due) resume();
}

void Admission::close() {
  std::vector<Resume> all;
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    while (waiting_ > 0) all.push_back(next_in_turn());
  }
  for (Resume& resume : all) resume();
}

std::size_t Admission::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_;
}

}  // namespace jalousie::ingest
