#include "deliver/sent_history.h"

namespace jalousie::deliver {

void SentHistory::add(Sent sent) {
  const SteadyTime now = sent.at;
  bytes_ += sent.block->bytes().size();
  sent_.push_back(std::move(sent));
  while (sent_.size() > kPictures || (bytes_ > kBytes && sent_.size() > 1) || now - sent_.front().at > kAge) {
    bytes_ -= sent_.front().block->bytes().size();
    sent_.pop_front();
  }
}

const SentHistory::Sent* SentHistory::find(std::uint16_t sequence, SteadyTime now) const {
  // From the newest: what is asked for again was sent a moment ago.
  for (auto sent = sent_.rbegin(); sent != sent_.rend(); ++sent) {
    const auto offset = static_cast<std::uint16_t>(sequence - sent->first_sequence);
    if (now - sent->at > kAge) return nullptr;
    if (offset < sent->packets) return &*sent;
  }
  return nullptr;
}

void SentHistory::clear() {
  sent_.clear();
  bytes_ = 0;
}

}  // namespace jalousie::deliver
