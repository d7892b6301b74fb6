// One UDP port for all viewers. A datagram finds its session by the address that the session has
// authenticated, or, for a STUN request from an address not yet known, by the username fragment that we gave
// that session (RFC 8445, RFC 7983). What matches neither is counted and dropped, without an answer.
//
// Receives on one loop; sessions live on any. add(), bind(), unbind() and remove() may be called from any
// thread and take effect in order; send() never blocks.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/metrics.h"
#include "io/udp.h"

namespace jalousie::deliver {

/// Where a session's datagrams go: called on the mux's loop; must post to the session's loop when that is
/// another. The bytes are good during the call only.
using Route = std::function<void(MutableBytes datagram, const Endpoint& from)>;

class UdpMux {
 public:
  /// AlreadyExists when the port is taken.
  static Result<std::unique_ptr<UdpMux>> start(io::Loop& loop, const Endpoint& at, Metrics& metrics);
  ~UdpMux();

  io::Loop& loop() { return loop_; }
  Endpoint local() const { return socket_->local(); }

  void add(std::string fragment, Route route);
  /// `from` has proved that it is the session's peer.
  void bind(const Endpoint& from, const std::string& fragment);
  /// No longer, if it still is that session's.
  void unbind(const Endpoint& from, const std::string& fragment);
  void remove(const std::string& fragment);
  std::size_t send(const Endpoint& to, std::span<const ByteView> packets) {
    return socket_->send(to, packets);
  }
  /// Stops receiving; on the loop's thread.
  void close() { socket_->close(); }

  UdpMux(io::Loop& loop, std::unique_ptr<io::UdpSocket> socket, Metrics& metrics);

 private:
  using SharedRoute = std::shared_ptr<const Route>;
  void on_datagram(MutableBytes datagram, const Endpoint& from);

  io::Loop& loop_;
  std::unique_ptr<io::UdpSocket> socket_;
  std::unordered_map<std::string, SharedRoute> by_fragment_;
  std::unordered_map<Endpoint, std::pair<std::string, SharedRoute>> by_endpoint_;
  Counter& unknown_;
};

}  // namespace jalousie::deliver
