#include "app/page_events.h"

namespace jalousie::app {

class PageEvents::Place final : public api::Subscription {
 public:
  Place(PageEvents& events, decltype(listeners_)::iterator at) : events_(events), at_(at) {}
  ~Place() override {
    const std::lock_guard lock(events_.mutex_);
    events_.listeners_.erase(at_);
  }

 private:
  PageEvents& events_;
  decltype(listeners_)::iterator at_;
};

void PageEvents::picture_time(SessionId owner, ViewingId viewing, std::uint32_t rtp_timestamp,
                              UtcTime capture) {
  const std::lock_guard lock(mutex_);
  const auto [begin, end] = listeners_.equal_range(owner);
  for (auto at = begin; at != end; ++at) at->second->on_picture_time({viewing, rtp_timestamp, capture});
}

void PageEvents::viewing_ended(SessionId owner, ViewingId viewing, keeper::EndReason reason) {
  const std::lock_guard lock(mutex_);
  const auto [begin, end] = listeners_.equal_range(owner);
  for (auto at = begin; at != end; ++at) at->second->on_ended({viewing, reason});
}

std::unique_ptr<api::Subscription> PageEvents::subscribe(SessionId session, api::ViewingListener listener) {
  const std::lock_guard lock(mutex_);
  const auto at =
      listeners_.emplace(session, std::make_shared<const api::ViewingListener>(std::move(listener)));
  return std::make_unique<Place>(*this, at);
}

}  // namespace jalousie::app
