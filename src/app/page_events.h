// From viewings to pages: what sessions' viewings report goes to the event streams of the same signed-in
// session, and to no other. Safe from any thread; nothing here blocks for longer than a listener's post.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "api/doors.h"
#include "deliver/viewing_events.h"

namespace jalousie::app {

class PageEvents final : public deliver::ViewingEventSink, public api::ViewingEvents {
 public:
  void picture_time(SessionId owner, ViewingId viewing, std::uint32_t rtp_timestamp,
                    UtcTime capture) override;
  void viewing_ended(SessionId owner, ViewingId viewing, keeper::EndReason reason) override;
  std::unique_ptr<api::Subscription> subscribe(SessionId session, api::ViewingListener listener) override;

 private:
  class Place;
  std::mutex mutex_;
  std::multimap<SessionId, std::shared_ptr<const api::ViewingListener>> listeners_;
};

}  // namespace jalousie::app
