// One stream of the camera: pictures on a steady schedule, encoded on a thread of its own while somebody
// watches, given to all watchers on the loop. Frame n is due at start + n / fps, for all streams of a camera
// alike; each is encoded, in order, even when late, so that numbers advance by exactly one. Only a machine
// that is five seconds behind skips, and says so.
//
// Used on the loop. The thread touches its painter and encoder alone, and posts what it made.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "base/time.h"
#include "camera/encoder.h"
#include "camera/feed.h"
#include "camera/painter.h"
#include "io/loop.h"

namespace jalousie::camera {

class LiveStream final : public Feed {
 public:
  LiveStream(io::Loop& loop, const Clock& clock, Schedule schedule, EncoderSettings settings,
             std::unique_ptr<Painter> painter);
  ~LiveStream() override;
  LiveStream(const LiveStream&) = delete;
  LiveStream& operator=(const LiveStream&) = delete;

  std::uint64_t attach(Watcher& watcher) override;
  void detach(Watcher& watcher) override;

 private:
  struct Shared;
  void run(std::stop_token stop, std::uint64_t first, std::shared_ptr<Shared> shared);
  void deliver(const CodedFrame& frame);

  io::Loop& loop_;
  const Clock& clock_;
  Schedule schedule_;
  EncoderSettings settings_;
  std::unique_ptr<Painter> painter_;  // the thread's, while there is one
  std::vector<Watcher*> watchers_;
  std::shared_ptr<Shared> shared_;  // of the running encoder; what others posted is left out
  std::jthread thread_;             // perhaps one that was told to stop: joined before the next
};

}  // namespace jalousie::camera
