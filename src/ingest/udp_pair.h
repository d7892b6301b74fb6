// Our two UDP ports of one track: an even one for RTP, the next for RTCP (RFC 3550 section 11).
#pragma once

#include <memory>

#include "base/endpoint.h"
#include "base/random.h"
#include "base/result.h"
#include "io/udp.h"
#include "rtsp/transport.h"

namespace jalousie::ingest {

struct UdpPair {
  std::unique_ptr<io::UdpSocket> rtp;
  std::unique_ptr<io::UdpSocket> rtcp;

  rtsp::Pair ports() const { return {rtp->local().port(), rtcp->local().port()}; }
};

/// On the address of `local`, at free ports that `random` picks. ResourceExhausted when too many tries met
/// taken ones.
Result<UdpPair> bind_pair(io::Loop& loop, const Endpoint& local, RandomSource& random);

}  // namespace jalousie::ingest
