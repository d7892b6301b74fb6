// ICE-lite (RFC 8445): we have host candidates only, make no checks, and answer the peer's. What is learnt is
// learnt from checks whose MESSAGE-INTEGRITY holds under our password; everything else changes nothing, and
// what is answered to it is never longer than it was. One component, one peer. No sockets, no clocks; used
// from one thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/endpoint.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/hmac.h"
#include "webrtc/stun.h"

namespace jalousie::webrtc {

/// RFC 8445 section 5.3; the fragment may be public, the password may not.
struct IceCredentials {
  std::string ufrag;
  std::string pwd;

  /// 16 and 32 characters: 96 and 192 random bits.
  static IceCredentials make(RandomSource& random);
};

class IceLite {
 public:
  static constexpr std::size_t kReplyBytes = 128;
  static constexpr std::size_t kCheckedKept =
      8;  // paths of one peer: a phone has Wi-Fi, mobile and a VPN, v4 and v6
  using Reply = std::array<std::uint8_t, kReplyBytes>;

  /// `remote_ufrag` is what the offer said; checks have to name it.
  IceLite(const IceCredentials& local, std::string remote_ufrag);

  struct Received {
    ByteView answer;        // in the caller's Reply, for where the datagram came from; may be empty
    bool new_path = false;  // an authenticated check has come from there for the first time
    std::optional<Endpoint> forgotten;  // the path that made place for it: over kCheckedKept
  };
  Received receive(ByteView datagram, const Endpoint& from, SteadyTime now, Reply& reply);

  /// Whether an authenticated check has come from there.
  bool is_checked(const Endpoint& endpoint) const;
  /// Where the peer wants to be sent to: of its newest USE-CANDIDATE.
  const std::optional<Endpoint>& nominated() const { return nominated_; }
  /// When the peer last showed that it wants to be sent to at nominated() (RFC 7675); before nomination, at
  /// any path.
  std::optional<SteadyTime> consented() const { return consented_; }

 private:
  struct Checked {
    Endpoint at;
    SteadyTime heard;
  };
  struct Seen {
    StunTransaction transaction{};
    Endpoint from;
  };

  ByteView refuse(const StunMessage& request, std::uint16_t code, std::size_t at_most, Reply& reply);
  ByteView answer(const StunMessage& request, const Endpoint& from, Reply& reply);
  bool is_replayed(const StunTransaction& transaction, const Endpoint& from);
  void note_checked(const Endpoint& from, SteadyTime now, Received& received);
  void consider_nomination(const StunMessage& request, const Endpoint& from, SteadyTime now);

  crypto::Hmac key_;
  std::string username_;  // "ours:theirs"
  std::vector<Checked> checked_;
  std::array<Seen, 64> seen_{};
  std::size_t seen_next_ = 0;
  std::optional<Endpoint> nominated_;
  std::uint32_t nominated_priority_ = 0;
  SteadyTime nominated_at_{};
  std::optional<SteadyTime> consented_;
};

}  // namespace jalousie::webrtc
