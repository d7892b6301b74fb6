// RTSP over HTTP at the camera's own port (rtsp/tunnel.h): joins the GET and the POST of one cookie to a
// stream that a Connection can serve. On one loop.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "io/loop.h"
#include "io/stream.h"
#include "io/task.h"

namespace jalousie::camera {

class TunnelDoor {
 public:
  explicit TunnelDoor(io::Loop& loop) : loop_(loop) {}

  /// What to serve in place of a stream that was accepted: itself (with what was read of it) when it is not
  /// HTTP, a tunnel for a GET once its POST has come, null for a POST and for what is neither.
  io::Task<std::unique_ptr<io::Stream>> enter(std::unique_ptr<io::Stream> stream);

 private:
  struct Waiting;
  io::Task<std::unique_ptr<io::Stream>> wait_for_post(std::unique_ptr<io::Stream> get, std::string cookie);

  io::Loop& loop_;
  std::map<std::string, Waiting*> waiting_;  // by cookie; each lives in the frame that waits
};

}  // namespace jalousie::camera
