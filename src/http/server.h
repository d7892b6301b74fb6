// HTTP/1.1 (RFC 9112) on streams of io: plain on loopback, TLS elsewhere. Each connection lives on one loop, with limits
// on header and body sizes, on the time a request may take to arrive, and on connections in all and per address.
#pragma once

#include <memory>
#include <span>

#include "base/endpoint.h"
#include "base/metrics.h"
#include "base/result.h"
#include "http/router.h"
#include "io/loop.h"
#include "io/stream.h"

namespace jalousie::http {

class Server {
 public:
  struct Options {
    Endpoint listen;
    std::shared_ptr<io::TlsServerContext> tls;  // null: plain, and `listen` must be loopback (checked: FailedPrecondition)
    Microseconds header_timeout = Seconds(10);
    Microseconds idle_timeout = Seconds(60);
  };

  /// Listens on the first loop and spreads connections over all of them. `router` and `metrics` outlive the server.
  static Result<std::unique_ptr<Server>> start(std::span<io::Loop* const> loops, const Router& router, Metrics& metrics,
                                               Options options);
  ~Server();
  Endpoint local() const;
  /// Stops accepting, ends idle connections, cancels the rest; returns when all are gone. Called from a thread that is
  /// not a loop's, while the loops run.
  void close();

  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace jalousie::http
