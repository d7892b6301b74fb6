#include "api/page_inbox.h"

namespace jalousie::api {

void PageInbox::camera_changed(CameraId camera) {
  const std::lock_guard lock(mutex_);
  const bool sleeps = cameras_.empty();
  cameras_.insert(camera);
  if (sleeps) wake();
}

void PageInbox::picture_time(const PictureTime& picture) {
  const std::lock_guard lock(mutex_);
  if (pictures_.size() >= kViewings && !pictures_.contains(picture.viewing)) return;
  pictures_[picture.viewing] = picture;
  wake();
}

void PageInbox::viewing_ended(const ViewingEnded& ended) {
  const std::lock_guard lock(mutex_);
  pictures_.erase(ended.viewing);
  if (ended_.size() < kViewings) ended_.push_back(ended);
  wake();
}

void PageInbox::wake() {
  if (std::exchange(posted_, true)) return;
  loop_.post([self = shared_from_this()] {
    {
      const std::lock_guard lock(self->mutex_);
      self->posted_ = false;
    }
    self->event_.notify();
  });
}

io::Task<> PageInbox::wait(Microseconds timeout) { co_await event_.wait(timeout); }

PageInbox::News PageInbox::take() {
  const std::lock_guard lock(mutex_);
  News news;
  for (const auto& [id, picture] : pictures_) news.pictures.push_back(picture);
  pictures_.clear();
  news.ended = std::exchange(ended_, {});
  return news;
}

std::set<CameraId> PageInbox::take_cameras() {
  const std::lock_guard lock(mutex_);
  return std::exchange(cameras_, {});
}

bool PageInbox::has_cameras() const {
  const std::lock_guard lock(mutex_);
  return !cameras_.empty();
}

}  // namespace jalousie::api
