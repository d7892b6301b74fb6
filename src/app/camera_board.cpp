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
  listeners_.emplace(number, std::move(listener));
  return number;
}

void CameraBoard::unlisten(std::uint64_t number) {
  const std::lock_guard lock(listeners_mutex_);
  listeners_.erase(number);
}

void CameraBoard::tell(CameraId camera) {
  const std::lock_guard lock(listeners_mutex_);
  for (const auto& [number, listener] : listeners_) listener(camera);
}

}  // namespace jalousie::app
