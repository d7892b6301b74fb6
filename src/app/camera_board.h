// What every camera is doing, for who asks and for who wants to be told: written by the loops that ingest,
// read by the API's. What is kept is of one label, and is told for that label alone: another home, or the
// same in another tenure, learns nothing of it. Safe from any thread.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "ingest/status.h"
#include "seal/block.h"
#include "seal/label.h"

namespace jalousie::app {

class CameraBoard {
 public:
  /// One camera's line. The producer of its pictures moves `newest_capture_us`, per picture and without a
  /// lock.
  struct Line {
    std::atomic<std::int64_t> newest_capture_us{0};  // 0: none yet

    /// What came from the camera. Sound may go on where pictures do not: it is no picture.
    void note(const seal::BlockHeader& header) {
      if (header.kind == seal::BlockKind::Video)
        newest_capture_us.store(to_us(header.capture), std::memory_order_relaxed);
    }
  };
  using Listener = std::function<void(CameraId)>;

  /// What is of an earlier tenure gives way to what is of a later one, and never the other way round.
  std::shared_ptr<Line> line(const seal::Label& label);
  void set(const seal::Label& label, ingest::Status status);
  void remove(const seal::Label& label);
  /// The same of the small stream. What it was when it was connected last stays; it says nothing of the
  /// camera.
  void set_sub(const seal::Label& label, ingest::Status status);
  void sub_let_go(const seal::Label& label);
  void forget_sub(const seal::Label& label);

  struct Seen {
    ingest::Status status;
    std::optional<UtcTime> newest_capture;
    std::optional<ingest::Status> sub{};
    bool sub_is_idle = true;  // nobody watches it, and it did not just fail
  };
  std::optional<Seen> seen(const seal::Label& label) const;

  /// Called after every change of a camera that it watches, on the thread that made it; must not block. Until
  /// the returned number is given to unlisten(), which waits for a call under way.
  std::uint64_t listen(Listener listener);
  /// These and no others, from now on; none at first. A change costs a call per listener that watches the
  /// camera, however many others there are.
  void watch(std::uint64_t number, const std::set<CameraId>& cameras);
  void unlisten(std::uint64_t number);

 private:
  struct Place {
    seal::Label label;
    std::optional<ingest::Status> status;
    std::optional<ingest::Status> sub{};
    bool sub_is_idle = true;  // nobody watches it, and it did not just fail
    std::shared_ptr<Line> line = std::make_shared<Line>();
  };
  struct Listening {
    Listener call;
    std::set<CameraId> watched;
  };
  Place* place_of(const seal::Label& label);
  void tell(CameraId camera);
  void watch(Listening& listening, const std::set<CameraId>& cameras);

  mutable std::mutex mutex_;
  std::map<CameraId, Place> places_;
  std::mutex listeners_mutex_;
  std::map<std::uint64_t, Listening> listeners_;
  std::unordered_map<CameraId, std::vector<const Listening*>> watchers_;
  std::uint64_t next_listener_ = 1;
};

}  // namespace jalousie::app
