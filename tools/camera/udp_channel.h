// RTP and RTCP of one session over UDP: a pair of neighbouring ports, the lower one even (RFC 3550 section
// 11), and packets let out a few at a time, as a camera's own network does it, so that a key frame does not
// overflow the receiver's buffer. On one loop.
#pragma once

#include <deque>
#include <functional>
#include <memory>

#include "base/endpoint.h"
#include "base/random.h"
#include "base/result.h"
#include "io/loop.h"
#include "io/udp.h"
#include "rtp/packet_batch.h"
#include "rtsp/transport.h"

namespace jalousie::camera {

class UdpChannel {
 public:
  /// Ports on `local`'s address. `heard` is called for whatever the client sends to the RTCP port.
  static Result<std::unique_ptr<UdpChannel>> open(io::Loop& loop, RandomSource& random, const Endpoint& local,
                                                  const Endpoint& client, const rtsp::Pair& client_ports,
                                                  std::function<void()> heard);

  rtsp::Pair ports() const { return {rtp_->local().port(), rtcp_->local().port()}; }
  void send(rtp::PacketBatch& packets);
  void send_rtcp(ByteView compound);

  UdpChannel(io::Loop& loop, std::unique_ptr<io::UdpSocket> rtp, std::unique_ptr<io::UdpSocket> rtcp,
             Endpoint to_rtp, Endpoint to_rtcp);

 private:
  void let_out();

  std::unique_ptr<io::UdpSocket> rtp_;
  std::unique_ptr<io::UdpSocket> rtcp_;
  Endpoint to_rtp_;
  Endpoint to_rtcp_;
  std::deque<Buffer> waiting_;
  bool pacing_ = false;
  io::Timer timer_;
};

}  // namespace jalousie::camera
