// A viewer's side of WHEP for this room's tests: Chromium's offer, an ICE check, OpenSSL as DTLS client, and
// libsrtp2 for SRTP: none of it is our own sending side. Speaks to the server over a real UDP socket.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <srtp2/srtp.h>

#include "base/bytes.h"
#include "base/endpoint.h"
#include "rtp/packet.h"
#include "rtp/rtcp.h"
#include "webrtc/dtls_client_test.h"

namespace jalousie::deliver {

class Viewer {
 public:
  Viewer();
  ~Viewer();
  Viewer(const Viewer&) = delete;
  Viewer& operator=(const Viewer&) = delete;

  const Endpoint& endpoint() const { return endpoint_; }
  static constexpr std::string_view kUfrag = "Sev8";  // of the offer
  /// `with_rtx`: as Chromium makes it; else without RFC 4588.
  std::string offer(bool with_rtx = true) const;
  void read_answer(std::string_view sdp);

  // What goes to the server.
  Buffer check();
  std::vector<Buffer> handshake() { return dtls_.step(); }
  Buffer nack(const std::vector<std::uint16_t>& sequences);
  Buffer picture_loss();
  Buffer bye();
  std::vector<Buffer> goodbye();
  void send(ByteView datagram, const Endpoint& to) const;

  // What comes from it.
  struct Rtp {
    rtp::PacketHeader header;
    Buffer payload;
    Buffer sealed;
  };
  struct Received {
    std::size_t stun = 0;
    std::size_t dtls = 0;
    std::vector<Rtp> rtp;
    std::vector<rtp::RtcpPacket> rtcp;
    std::vector<Buffer> refused;  // by libsrtp: replayed, or not authentic
    bool empty() const { return stun + dtls + rtp.size() + rtcp.size() + refused.size() == 0; }
  };
  /// What is there, without waiting; then all that comes before a datagram of exactly these bytes, which
  /// `send` makes the server send. (A socket that is full would drop it.)
  Received receive_until(ByteView marker, const std::function<void()>& send);
  /// The next datagram; empty when none comes for 10 s, or `patience_ms`.
  Buffer receive(int patience_ms = 10'000);
  void take(ByteView datagram, Received& into);
  bool is_connected() const { return dtls_.connected(); }
  bool was_told_goodbye() const { return dtls_.closed(); }

  // From the answer.
  std::string ufrag, password, fingerprint;
  Endpoint candidate;
  std::uint32_t ssrc = 0, rtx_ssrc = 0;
  int payload_type = 0, rtx_payload_type = 0;

 private:
  Buffer protect(ByteView rtcp);
  void begin_srtp();

  int socket_ = -1;
  Endpoint endpoint_;
  webrtc::testing_dtls::Client dtls_;
  srtp_t inbound_ = nullptr;
  srtp_t outbound_ = nullptr;
  std::uint8_t transactions_ = 0;
};

}  // namespace jalousie::deliver
