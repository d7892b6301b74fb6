// SRTP and SRTCP of one session: what we send, and the RTCP that the peer sends back (RFC 3711, RFC 7714). In
// place, in the caller's bytes; no allocation per packet with AEAD_AES_128_GCM. Keys are wiped with the
// object. Used from one thread.
//
// The one rule of this file: two different packets are never encrypted under one (SSRC, index), which would
// give away both. Streams are declared; indices only go forward; repeating a packet (for a peer without RTX)
// gives the very bytes that were sent before, or is refused.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "webrtc/srtp_cipher.h"

namespace jalousie::webrtc {

/// What protecting adds at most: SRTP the tag, SRTCP tag and index.
inline constexpr std::size_t kSrtpOverheadBytes = 16;
inline constexpr std::size_t kSrtcpOverheadBytes = 20;

class SrtpSender {
 public:
  static constexpr std::size_t kStreams = 8;
  /// How far back a packet can be repeated: the packets of the largest key frames, and more.
  static constexpr std::size_t kRepeatable = 1024;

  enum class Repeats : std::uint8_t { No, Yes };

  SrtpSender(SrtpSuite suite, const SrtpMasterKey& master);

  /// Before anything is sent under `ssrc`. The first sequence number should be below 2^15 (RFC 3711
  /// section 3.3.1), so that losing the first packets cannot make the peer miss a rollover. ResourceExhausted
  /// over kStreams.
  Result<> add_stream(std::uint32_t ssrc, Repeats repeats);

  // Both take a packet of `length` bytes at the start of `buffer`, which has room for the overhead behind it,
  // and give the length to be sent. InvalidArgument: no RTP or RTCP packet, or no room. FailedPrecondition:
  // against the rule above; the buffer is wiped then.

  /// A packet of a declared stream with a sequence number after (RFC 1982) all before it.
  Result<std::size_t> protect_rtp(MutableBytes buffer, std::size_t length);
  /// The same packet as before, byte for byte, of a stream that repeats.
  Result<std::size_t> protect_rtp_again(MutableBytes buffer, std::size_t length);
  /// A compound packet.
  Result<std::size_t> protect_rtcp(MutableBytes buffer, std::size_t length);

 private:
  struct Sent {
    std::uint64_t index = 0;
    std::array<std::uint8_t, 8> tag{};  // of the packet's own: as good as a hash of it
    bool used = false;
  };
  struct Stream {
    std::uint32_t ssrc = 0;
    std::optional<std::uint64_t> last;  // index: rollover counter and sequence number
    std::vector<Sent> sent;             // empty when it does not repeat
  };
  struct Packet {
    std::size_t header_bytes = 0;
    std::uint16_t sequence = 0;
    Stream* stream = nullptr;
  };

  Result<Packet> read(MutableBytes buffer, std::size_t length);
  MutableBytes seal(MutableBytes buffer, std::size_t length, const Packet& packet, std::uint64_t index);

  SrtpCipher rtp_;
  SrtpCipher rtcp_;
  std::vector<Stream> streams_;
  std::uint32_t next_rtcp_ = 0;
};

/// Why an SRTCP packet was not taken.
enum class SrtcpRefusal : std::uint8_t { Malformed, NotAuthentic, Replayed, TooManySenders };
std::string_view to_string(SrtcpRefusal refusal);

class SrtcpReceiver {
 public:
  static constexpr std::size_t kSenders = 8;
  static constexpr std::uint32_t kWindow = 64;  // RFC 3711 section 3.3.2: at least 64

  SrtcpReceiver(SrtpSuite suite, const SrtpMasterKey& master);

  /// Decrypts in place: the clear compound packet, a part of `packet`. What is not authentic changes nothing.
  std::expected<ByteView, SrtcpRefusal> unprotect(MutableBytes packet);

 private:
  struct Sender {
    std::uint32_t ssrc = 0;
    std::uint32_t newest = 0;
    std::uint64_t window = 0;  // bit n: newest - n was received
  };

  static bool is_fresh(const Sender& sender, std::uint32_t index);
  static void note(Sender& sender, std::uint32_t index);

  SrtpCipher cipher_;
  std::vector<Sender> senders_;
};

}  // namespace jalousie::webrtc
