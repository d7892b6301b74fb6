// The camera's RTSP port: accepts clients and serves each as a task of its own. On one loop.
#pragma once

#include <memory>

#include "base/endpoint.h"
#include "base/result.h"
#include "camera/connection.h"
#include "camera/tunnel_door.h"
#include "io/stream.h"
#include "io/task.h"
#include "io/task_group.h"

namespace jalousie::camera {

class Server {
 public:
  /// Errors as TcpListener::listen(): a taken port, one that may not be used. `services` outlives the server.
  static Result<std::unique_ptr<Server>> start(const Services& services, const Endpoint& at);
  Endpoint local() const { return listener_->local(); }
  /// Ends all connections. Before the server goes, if it is to go.
  io::Task<> close();

  Server(const Services& services, std::unique_ptr<io::TcpListener> listener);

 private:
  io::Task<> accept();
  io::Task<> serve(std::unique_ptr<io::Stream> stream);

  const Services& services_;
  std::unique_ptr<io::TcpListener> listener_;
  TunnelDoor tunnels_;
  io::TaskGroup clients_;
  io::TaskGroup acceptor_;
};

}  // namespace jalousie::camera
