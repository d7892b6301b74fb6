// The server's side of DTLS-SRTP (RFC 5763, RFC 5764) by OpenSSL: one handshake over datagrams that come in
// by feed() and go out by take_output(). The peer is who its SDP said: its certificate's SHA-256 fingerprint
// is compared before the handshake goes on, and keys are exported (RFC 5705) from such a handshake only. The
// clock is the caller's: OpenSSL's own timer is put out of the way, and a flight that gets no answer is sent
// again from here. No cookie exchange: feed() only what comes from an address that ICE has checked. One
// thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/certificate.h"
#include "webrtc/srtp_cipher.h"

struct ssl_ctx_st;
struct bio_method_st;

namespace jalousie::webrtc {

/// The certificate of this process and what DTLS is set to: one for all sessions, which share it. Immutable;
/// any thread.
class Identity {
 public:
  /// An ECDSA P-256 key made now.
  static Result<std::shared_ptr<const Identity>> create(RandomSource& random, UtcTime now);
  ~Identity();
  Identity(const Identity&) = delete;
  Identity& operator=(const Identity&) = delete;

  /// As `a=fingerprint:sha-256 ` has it.
  const std::string& fingerprint() const { return certificate_.fingerprint(); }

 private:
  friend class DtlsServer;
  explicit Identity(crypto::Certificate certificate);
  Result<> configure();

  crypto::Certificate certificate_;
  ssl_ctx_st* context_ = nullptr;
  bio_method_st* datagrams_ = nullptr;
};

/// "AB:CD:..." of 32 bytes in either case as Identity::fingerprint() writes it; nothing when it is something
/// else.
std::optional<std::string> normal_fingerprint(std::string_view text);

struct SrtpKeys {
  SrtpSuite suite = SrtpSuite::AeadAes128Gcm;
  SrtpMasterKey ours;    // we protect with it
  SrtpMasterKey theirs;  // the peer does
};

class DtlsServer {
 public:
  enum class State : std::uint8_t {
    Handshaking,
    Connected,  // take_keys() has them
    Closed,     // either side said so
    Failed,     // reason() says why
  };

  static constexpr std::size_t kMtu = 1200;  // bytes of UDP payload: fits any path that WebRTC media fits
  static constexpr std::size_t kQueueLimit = 16;  // datagrams waiting to go out; a flight has two or three

  /// `peer_fingerprints` as normal_fingerprint() gives them: any of them will do (RFC 8122 section 5.1).
  DtlsServer(std::shared_ptr<const Identity> identity, std::vector<std::string> peer_fingerprints);
  ~DtlsServer();
  DtlsServer(const DtlsServer&) = delete;
  DtlsServer& operator=(const DtlsServer&) = delete;

  void feed(ByteView datagram, SteadyTime now);
  /// The next datagram to send.
  std::optional<Buffer> take_output();
  /// When on_deadline() has something to do.
  std::optional<SteadyTime> next_deadline() const;
  void on_deadline(SteadyTime now);
  /// Says close_notify where there is a connection.
  void close();

  State state() const;
  const std::string& reason() const;
  /// Once, when Connected.
  std::optional<SrtpKeys> take_keys();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jalousie::webrtc
