// The way to a camera: TCP, TLS where its address says rtsps, and the tunnel through HTTP where the owner
// chose that. What comes out is one stream that RTSP is spoken over. Private to ingest.
//
// TLS: cameras sign their own certificates, so one is trusted when it is the one that was met first
// (`pinned`), or when an authority of this system vouches for it under this host's name. Nothing, no password
// least of all, is sent to any other.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "base/random.h"
#include "base/time.h"
#include "ingest/source.h"
#include "ingest/status.h"
#include "io/stream.h"
#include "io/task.h"
#include "rtsp/url.h"

namespace jalousie::ingest {

/// Every copy is wiped when it goes.
struct Way {
  ~Way() { wipe_text(password); }
  rtsp::Url url{};
  std::string username{};
  std::string password{};
  Transport transport = Transport::Tcp;
  std::string pinned{};       // SHA-256 of the certificate, hex; empty: none was met yet
  bool trusts_first = false;  // the first certificate is trusted when none is pinned: at the owner's address
  Reach reach = Reach::Anywhere;  // every connection of it is made to such an address, or not at all

  bool is_udp() const { return transport == Transport::Udp && !url.secure; }
  /// Where TCP connects to: HTTP has ports of its own where the address names none but RTSP's.
  std::uint16_t port() const;
};

class TunnelStream;

struct Reached {
  std::unique_ptr<io::Stream> stream;
  std::string certificate;  // the fingerprint that was met; empty without TLS
  TunnelStream* tunnel;     // the stream, where it is one
};

/// Within `timeout` in all. References outlive the call.
io::Task<std::expected<Reached, Problem>> open_way(const Way& way, Microseconds timeout, const Clock& clock,
                                                   RandomSource& random);

}  // namespace jalousie::ingest
