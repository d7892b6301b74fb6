// One viewer's transport: ICE-lite, DTLS and SRTP over datagrams, told apart by their first byte (RFC 7983).
// Sans-IO: the owner feeds what came from the network and the time, sends what poll_output() gives, and calls
// on_deadline() when next_deadline() has come. Media goes out by protect() in the caller's own bytes, to
// peer().
//
//   Connecting --DTLS done--> Connected --close(), close_notify, no consent for 30 s--> Closed
//        \--no check or no handshake in time, wrong certificate, DTLS error--> Failed <--DTLS error--/
//
// Nothing is believed, and no DTLS is fed, before a STUN check has shown that the sender knows our password;
// SRTP keys exist only after the peer's certificate was that of its SDP. Bounded: at most 16 datagrams wait
// to go out, of at most 1200 bytes. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/endpoint.h"
#include "base/result.h"
#include "base/time.h"
#include "rtp/packet_batch.h"
#include "webrtc/dtls.h"
#include "webrtc/ice.h"
#include "webrtc/srtp.h"

namespace jalousie::webrtc {

struct OutgoingStream {
  std::uint32_t ssrc = 0;
  /// Whether lost packets are sent again as they were: only where the peer takes no RTX (RFC 4588).
  SrtpSender::Repeats repeats = SrtpSender::Repeats::No;
};

struct PeerConfig {
  std::shared_ptr<const Identity> identity;
  IceCredentials local;
  std::string remote_ufrag;
  std::vector<std::string> remote_fingerprints;  // SHA-256, as normal_fingerprint() gives them
  std::vector<OutgoingStream> streams;           // at most SrtpSender::kStreams, of different SSRCs
};

struct PeerEvent {
  enum class Kind : std::uint8_t {
    Path,       // `path` has shown that it is the peer: what comes from there is the peer's; `forgotten` no
                // longer
    Connected,  // protect() works, and peer() is known. Send poll_output() before the first packet: it is the
                // flight that gives the peer its keys, and what it gets before is lost
    Rtcp,       // `rtcp` is a clear compound packet, not yet looked into, in the datagram that was fed
    Closed,     // `reason` says by whom
    Failed,     // `reason` says why
  };
  Kind kind = Kind::Connected;
  ByteView rtcp = {};
  std::string reason = {};
  Endpoint path = {};
  std::optional<Endpoint> forgotten = {};  // there are at most IceLite::kCheckedKept paths
};

/// What was thrown away, for metrics.
struct PeerCounters {
  std::uint64_t unchecked = 0;      // DTLS or SRTCP from an address without an authenticated check
  std::uint64_t srtcp_refused = 0;  // malformed, not authentic, replayed
  std::uint64_t unknown = 0;        // neither STUN, DTLS nor RTCP; RTP too: we asked for none
  std::uint64_t overflow = 0;       // datagrams that had no place in the queue
};

class PeerSession {
 public:
  static constexpr Seconds kConsent{30};     // RFC 7675 section 5.1
  static constexpr Seconds kConnecting{30};  // from the answer to the end of the handshake
  static constexpr std::size_t kQueueLimit = 16;

  enum class State : std::uint8_t { Connecting, Connected, Closed, Failed };
  struct Output {
    Endpoint to;
    Buffer bytes;
  };

  PeerSession(PeerConfig config, SteadyTime now);
  ~PeerSession();
  PeerSession(const PeerSession&) = delete;
  PeerSession& operator=(const PeerSession&) = delete;

  /// One datagram, which may be changed in place; at most one event comes of it.
  std::optional<PeerEvent> feed(MutableBytes datagram, const Endpoint& from, SteadyTime now);
  std::optional<Output> poll_output();
  /// Nothing when Closed or Failed.
  std::optional<SteadyTime> next_deadline() const;
  std::optional<PeerEvent> on_deadline(SteadyTime now);
  /// Queues a close_notify where there is a connection; no event follows.
  void close();

  State state() const { return state_; }
  /// Where media goes: the pair that the peer nominated last. Nothing before Connected, nor after the end.
  std::optional<Endpoint> peer() const;
  const PeerCounters& counters() const { return counters_; }

  // In place, with errors as SrtpSender has them; Unavailable when not Connected.

  /// All packets, new ones of declared streams. On an error none is left in the batch.
  Result<> protect(rtp::PacketBatch& batch);
  /// The length to send of the packet of `length` bytes at the start of `buffer`.
  Result<std::size_t> protect_rtp(MutableBytes buffer, std::size_t length);
  Result<std::size_t> protect_rtp_again(MutableBytes buffer, std::size_t length);
  Result<std::size_t> protect_rtcp(MutableBytes buffer, std::size_t length);

 private:
  std::optional<PeerEvent> on_stun(ByteView datagram, const Endpoint& from, SteadyTime now);
  std::optional<PeerEvent> on_dtls(ByteView datagram, const Endpoint& from, SteadyTime now);
  std::optional<PeerEvent> on_rtcp(MutableBytes datagram, const Endpoint& from);
  std::optional<PeerEvent> follow_dtls();
  PeerEvent connect(SrtpKeys keys);
  PeerEvent end(PeerEvent::Kind kind, std::string reason);
  void flush_dtls();
  void queue(const Endpoint& to, Buffer bytes);

  State state_ = State::Connecting;
  IceLite ice_;
  DtlsServer dtls_;
  std::vector<OutgoingStream> streams_;
  std::optional<SrtpSender> sender_;
  std::optional<SrtcpReceiver> receiver_;
  std::optional<Endpoint> dtls_peer_;
  std::deque<Output> output_;
  SteadyTime connect_by_;
  PeerCounters counters_;
};

}  // namespace jalousie::webrtc
