// HTTP/1.1 (RFC 9112) on streams of io: plain on loopback, TLS elsewhere. Each connection lives on one loop,
// with limits on header and body sizes, on the time a request may take to arrive, and on connections in all
// and per address.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/endpoint.h"
#include "base/limits.h"
#include "base/metrics.h"
#include "base/result.h"
#include "base/time.h"
#include "http/router.h"
#include "io/loop.h"
#include "io/stream.h"

namespace jalousie::http {

class Server {
 public:
  /// What may change while the server runs.
  struct Presence {
    std::shared_ptr<io::TlsServerContext>
        tls;  // null: plain, and `listen` must be loopback (checked: FailedPrecondition)
    /// Names, besides localhost and loopback addresses, under which plain HTTP may be asked for, as a reverse
    /// proxy on this machine does; others get 421, so that no web page reaches us by a name of its own (DNS
    /// rebinding).
    std::vector<std::string> host_names;
  };
  struct Options {
    Endpoint listen;
    Presence presence;
    const Clock* clock = nullptr;  // for the Date field; without one there is none (RFC 9110 section 6.6.1)
    Microseconds header_timeout =
        Seconds(10);  // from a request's first byte to the end of its header; TLS handshakes
    Microseconds body_timeout = Seconds(30);
    Microseconds idle_timeout = Seconds(60);     // between requests
    Microseconds write_timeout = Seconds(60);    // for each 128 KiB of an answer
    Microseconds web_socket_ping = Seconds(15);  // one that is silent for twice that and 10 s is gone
    std::size_t connections = limits::kHttpConnections;
    std::size_t connections_per_address = limits::kHttpConnectionsPerAddress;  // IPv6: per /64
  };

  /// FailedPrecondition for plain HTTP beyond loopback; else as TcpListener::listen. Listens on the first
  /// loop and spreads connections over all of them. `router` and `metrics` outlive the server.
  static Result<std::unique_ptr<Server>> start(std::span<io::Loop* const> loops, const Router& router,
                                               Metrics& metrics, Options options);
  ~Server();
  Endpoint local() const;
  /// Connections that are open keep the certificate that they were shown. FailedPrecondition where it would
  /// turn TLS on or off. From any thread.
  Result<> present(Presence presence);
  /// Stops accepting, ends idle connections, cancels the rest; returns when all are gone. Called from a
  /// thread that is not a loop's, while the loops run.
  void close();

  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace jalousie::http
