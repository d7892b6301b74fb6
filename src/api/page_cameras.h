// What one page may see of cameras, and what it was told of them: gives the events that bring it from the one
// to the other. No threads, no clock; its owner asks the registry.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "api/views.h"

namespace jalousie::api {

/// What somebody may see, as the keeper said at one moment; holds until `until` or the registry's next
/// change.
struct Visible {
  std::vector<registry::Camera> cameras;
  std::vector<registry::Suspension> suspensions;
  std::optional<UtcTime> until;
};

class PageCameras {
 public:
  struct Event {
    std::string_view name;
    std::string data;
  };

  /// From now on of these; then look_at_all() says what differs.
  void see(Visible visible);
  std::set<CameraId> ids() const;
  bool is_over(UtcTime now) const { return visible_.until && *visible_.until <= now; }

  std::vector<Event> look_at_all(const CameraStates& states, UtcTime now);
  /// Of those that may be seen; the others are passed over.
  std::vector<Event> look_at(const std::set<CameraId>& changed, const CameraStates& states, UtcTime now);

 private:
  void look_at(const registry::Camera& camera, const CameraStates& states, UtcTime now,
               std::vector<Event>& events);

  Visible visible_;
  std::map<CameraId, std::size_t> places_;  // in visible_.cameras
  std::map<CameraId, std::string> told_;    // as described, without the age
};

}  // namespace jalousie::api
