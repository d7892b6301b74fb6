// One connection: requests in, answers out, until either side ends it. Private to http.
#pragma once

#include <memory>
#include <mutex>

#include "base/metrics.h"
#include "http/server.h"
#include "io/stream.h"
#include "io/task.h"

namespace jalousie::http {

/// What all connections of a server share; outlives them.
struct Service {
  Service(const Router& routes, Metrics& metrics, Server::Options given);

  const Router& router;
  const Server::Options options;  // of which the presence is the one at the start
  std::shared_ptr<const Server::Presence> presence() const;
  void present(Server::Presence presence);

  Gauge& connections;
  Counter& handshakes_failed;
  Counter& refused_requests;
  Counter& refused_connections;

  /// By class of status: 2xx, ...
  void count_answer(int status);

 private:
  std::array<Counter*, 6> answers_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Server::Presence> presence_;
};

/// Serves an accepted stream to its end. On the stream's loop.
io::Task<> serve(Service& service, std::unique_ptr<io::Stream> accepted);

/// Says 503 without waiting, for connections over the limit.
io::Task<> turn_away(Service& service, std::unique_ptr<io::Stream> accepted);

}  // namespace jalousie::http
