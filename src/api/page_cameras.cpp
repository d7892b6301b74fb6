#include "api/page_cameras.h"

namespace jalousie::api {

void PageCameras::see(Visible visible) {
  visible_ = std::move(visible);
  places_.clear();
  for (std::size_t place = 0; place < visible_.cameras.size(); ++place)
    places_.emplace(visible_.cameras[place].id, place);
}

std::set<CameraId> PageCameras::ids() const {
  std::set<CameraId> ids;
  for (const auto& [id, place] : places_) ids.insert(id);
  return ids;
}

std::vector<PageCameras::Event> PageCameras::look_at_all(const CameraStates& states, UtcTime now) {
  std::vector<Event> events;
  for (const registry::Camera& camera : visible_.cameras) look_at(camera, states, now, events);
  std::erase_if(told_, [&](const auto& entry) {
    if (places_.contains(entry.first)) return false;
    events.push_back({"camera_gone", gone_json(entry.first)});
    return true;
  });
  return events;
}

std::vector<PageCameras::Event> PageCameras::look_at(const std::set<CameraId>& changed,
                                                     const CameraStates& states, UtcTime now) {
  std::vector<Event> events;
  for (const CameraId id : changed) {
    const auto found = places_.find(id);
    if (found != places_.end()) look_at(visible_.cameras[found->second], states, now, events);
  }
  return events;
}

void PageCameras::look_at(const registry::Camera& camera, const CameraStates& states, UtcTime now,
                          std::vector<Event>& events) {
  const CameraView view =
      view_of(camera, states.state({camera.home, camera.id, camera.tenure}), visible_.suspensions);
  std::string described = camera_json(view, std::nullopt);
  std::string& told = told_[camera.id];
  if (told == described) return;
  told = std::move(described);
  events.push_back({"camera", camera_json(view, now)});
}

}  // namespace jalousie::api
