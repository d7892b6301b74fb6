// What has happened since an event stream was last written, from any thread. Bounded whatever happens: of
// picture times the latest per viewing counts, of cameras that there was a change (the latest state is looked
// up when it is told), and a page that misses an end learns of it by its picture. However many cameras change
// before the page takes them, it is woken once.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include "api/doors.h"
#include "io/loop.h"

namespace jalousie::api {

class PageInbox : public std::enable_shared_from_this<PageInbox> {
 public:
  static constexpr std::size_t kViewings = 128;

  struct News {
    std::vector<PictureTime> pictures;
    std::vector<ViewingEnded> ended;
  };

  explicit PageInbox(io::Loop& loop) : loop_(loop), event_(loop) {}

  // From any thread.
  void camera_changed(CameraId camera);
  void picture_time(const PictureTime& picture);
  void viewing_ended(const ViewingEnded& ended);

  // On the loop.
  io::Task<> wait(Microseconds timeout);
  News take();
  /// Those that changed since the last call.
  std::set<CameraId> take_cameras();
  bool has_cameras() const;

 private:
  void wake();  // with the lock held

  io::Loop& loop_;
  io::Event event_;
  mutable std::mutex mutex_;
  bool posted_ = false;
  std::set<CameraId> cameras_;
  std::map<ViewingId, PictureTime> pictures_;
  std::vector<ViewingEnded> ended_;
};

}  // namespace jalousie::api
