#include "app/camera_board.h"

namespace jalousie::app {

std::shared_ptr<CameraBoard::Line> CameraBoard::line(CameraId camera) {
  const std::lock_guard lock(mutex_);
  return places_[camera].line;
}

void CameraBoard::set(CameraId camera, ingest::Status status) {
  {
    const std::lock_guard lock(mutex_);
    places_[camera].status = std::move(status);
  }
  tell(camera);
}

void CameraBoard::remove(CameraId camera) {
  {
    const std::lock_guard lock(mutex_);
    places_.erase(camera);
  }
  tell(camera);
}

std::optional<CameraBoard::Seen> CameraBoard::seen(CameraId camera) const {
  const std::lock_guard lock(mutex_);
  const auto found = places_.find(camera);
  if (found == places_.end() || !found->second.status) return std::nullopt;
  Seen seen{*found->second.status, std::nullopt};
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
