// Datagram sockets. Receiving happens on the socket's loop, in batches; sending never blocks, may happen from
// any thread, and uses UDP generic segmentation where the kernel has it.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>

#include "base/bytes.h"
#include "base/endpoint.h"
#include "base/result.h"
#include "io/loop.h"

namespace jalousie::io {

class UdpSocket {
 public:
  /// One datagram and its sender; the bytes are good during the call only, and may be changed in place.
  using Receiver = std::function<void(MutableBytes datagram, const Endpoint& from)>;

  /// Port 0 takes any free one. AlreadyExists when the port is taken.
  static Result<std::unique_ptr<UdpSocket>> bind(Loop& loop, const Endpoint& at);
  ~UdpSocket();

  /// On the loop's thread. Starts receiving. Datagrams longer than limits::kDatagramBytes are dropped.
  void receive(Receiver receiver);
  /// Sends `packets` to one peer in order, runs of equal length (the last may be shorter) as one segmented
  /// send of at most 16. Returns how many the kernel took; the rest is dropped, as a full socket buffer asks.
  std::size_t send(const Endpoint& to, std::span<const ByteView> packets);
  Endpoint local() const;
  /// Stops receiving; on the loop's thread.
  void close();

  struct Impl;
  explicit UdpSocket(std::shared_ptr<Impl> impl);

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace jalousie::io
