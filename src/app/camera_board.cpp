#include "app/camera_board.h"

namespace jalousie::app {

// Nothing where a later tenure has the place already.
CameraBoard::Place* CameraBoard::place_of(const seal::Label& label) {
  const auto [found, is_new] = places_.try_emplace(label.camera);
  Place& place = found->second;
  if (!is_new && to_number(place.label.tenure) > to_number(label.tenure)) return nullptr;
  if (is_new || place.label != label) place = Place{.label = label, .status = {}};
  return &place;
}

std::shared_ptr<CameraBoard::Line> CameraBoard::line(const seal::Label& label) {
  const std::lock_guard lock(mutex_);
  Place* const place = place_of(label);
  return place == nullptr ? std::make_shared<Line>() : place->line;
}

void CameraBoard::set(const seal::Label& label, ingest::Status status) {
  {
    const std::lock_guard lock(mutex_);
    Place* const place = place_of(label);
    if (place == nullptr) return;
    place->status = std::move(status);
  }
  tell(label.camera);
}

void CameraBoard::set_sub(const seal::Label& label, ingest::Status status) {
  {
    const std::lock_guard lock(mutex_);
    Place* const place = place_of(label);
    if (place == nullptr) return;
    place->sub = std::move(status);
    place->sub_is_idle = false;
  }
  tell(label.camera);
}

void CameraBoard::sub_let_go(const seal::Label& label) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = places_.find(label.camera);
    if (found == places_.end() || found->second.label != label) return;
    found->second.sub_is_idle = true;
  }
  tell(label.camera);
}

void CameraBoard::forget_sub(const seal::Label& label) {
  const std::lock_guard lock(mutex_);
  const auto found = places_.find(label.camera);
  if (found == places_.end() || found->second.label != label) return;
  found->second.sub.reset();
  found->second.sub_is_idle = true;
}

void CameraBoard::remove(const seal::Label& label) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = places_.find(label.camera);
    if (found != places_.end() && found->second.label == label) places_.erase(found);
  }
  tell(label.camera);
}

std::optional<CameraBoard::Seen> CameraBoard::seen(const seal::Label& label) const {
  const std::lock_guard lock(mutex_);
  const auto found = places_.find(label.camera);
  if (found == places_.end() || found->second.label != label || !found->second.status) return std::nullopt;
  Seen seen{.status = *found->second.status,
            .newest_capture = std::nullopt,
            .sub = found->second.sub,
            .sub_is_idle = found->second.sub_is_idle};
  if (const std::int64_t newest = found->second.line->newest_capture_us.load(std::memory_order_relaxed);
      newest != 0) {
    seen.newest_capture = utc_from_us(newest);
  }
  return seen;
}

std::uint64_t CameraBoard::listen(Listener listener) {
  const std::lock_guard lock(listeners_mutex_);
  const std::uint64_t number = next_listener_++;
  listeners_.emplace(number, Listening{std::move(listener), {}});
  return number;
}

void CameraBoard::watch(std::uint64_t number, const std::set<CameraId>& cameras) {
  const std::lock_guard lock(listeners_mutex_);
  watch(listeners_.at(number), cameras);
}

void CameraBoard::unlisten(std::uint64_t number) {
  const std::lock_guard lock(listeners_mutex_);
  const auto found = listeners_.find(number);
  if (found == listeners_.end()) return;
  watch(found->second, {});
  listeners_.erase(found);
}

void CameraBoard::watch(Listening& listening, const std::set<CameraId>& cameras) {
  for (const CameraId camera : listening.watched) {
    if (cameras.contains(camera)) continue;
    const auto found = watchers_.find(camera);
    std::erase(found->second, &listening);
    if (found->second.empty()) watchers_.erase(found);
  }
  for (const CameraId camera : cameras) {
    if (!listening.watched.contains(camera)) watchers_[camera].push_back(&listening);
  }
  listening.watched = cameras;
}

void CameraBoard::tell(CameraId camera) {
  const std::lock_guard lock(listeners_mutex_);
  const auto found = watchers_.find(camera);
  if (found == watchers_.end()) return;
  for (const Listening* listening : found->second) listening->call(camera);
}

}  // namespace jalousie::app
