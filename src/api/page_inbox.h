// What has happened since an event stream was last written, from any thread. Bounded whatever happens: of
// picture times the latest per viewing counts, cameras are looked at anew, and a page that misses an end
// learns of it by its picture.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "api/doors.h"
#include "io/loop.h"

namespace jalousie::api {

class PageInbox : public std::enable_shared_from_this<PageInbox> {
 public:
  static constexpr std::size_t kViewings = 128;

  struct News {
    bool cameras_changed = false;
    std::vector<PictureTime> pictures;
    std::vector<ViewingEnded> ended;
  };

  explicit PageInbox(io::Loop& loop) : loop_(loop), event_(loop) {}

  // From any thread.
  void camera_changed();
  void picture_time(const PictureTime& picture);
  void viewing_ended(const ViewingEnded& ended);

  // On the loop.
  io::Task<> wait(Microseconds timeout);
  News take();

 private:
  void wake();  // with the lock held

  io::Loop& loop_;
  io::Event event_;
  std::mutex mutex_;
  bool posted_ = false;
  bool cameras_changed_ = false;
  std::map<ViewingId, PictureTime> pictures_;
  std::vector<ViewingEnded> ended_;
};

}  // namespace jalousie::api
