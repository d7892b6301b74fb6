// WebSocket frames (RFC 6455 section 5), from a server's point of view: what clients send is read from any
// pieces that it comes in; what goes to them is a header in front of bytes that stay where they are. No
// extensions. The handshake is web_socket.h.
//
//   FIN RSV(3) opcode(4) | MASK length(7) | length(16 or 64) | mask(32) | payload
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace jalousie::http {

/// Section 7.4.1.
enum class CloseCode : std::uint16_t {
  Normal = 1000,
  GoingAway = 1001,
  ProtocolError = 1002,
  UnsupportedData = 1003,
  None = 1005,  // never sent: a close frame without a code
  InvalidPayload = 1007,
  PolicyViolation = 1008,
  TooBig = 1009,
  InternalError = 1011,
};

enum class Opcode : std::uint8_t { Continuation = 0, Text = 1, Binary = 2, Close = 8, Ping = 9, Pong = 10 };

/// The header of an unmasked, final frame.
class FrameHeader {
 public:
  FrameHeader(Opcode opcode, std::size_t payload_bytes);
  ByteView view() const { return ByteView(bytes_).first(size_); }

 private:
  std::array<std::uint8_t, 10> bytes_{};
  std::size_t size_;
};

/// What a close frame carries; `reason` is cut to the 123 bytes that fit.
Buffer close_payload(CloseCode code, std::string_view reason);

/// A whole message, its fragments put together, or a control frame that came between them.
struct Received {
  Opcode opcode = Opcode::Text;  // never Continuation
  Buffer payload;                // of Close: the reason alone
  CloseCode code = CloseCode::None;
};

class FrameReader {
 public:
  /// Why the connection has to be failed (section 7.1.7), with the code to close it with.
  struct Fault {
    CloseCode code;
    std::string_view reason;
  };
  explicit FrameReader(std::size_t most_message_bytes) : most_message_bytes_(most_message_bytes) {}

  /// Takes what belongs to the next message or control frame: all of `bytes`, or up to its end. Returns how
  /// much that was; after a fault nothing more may be fed.
  std::expected<std::size_t, Fault> feed(ByteView bytes);
  /// The one that has come to its end, once.
  std::optional<Received> take();

 private:
  struct Frame {
    bool is_final = false;
    Opcode opcode = Opcode::Text;
    std::array<std::uint8_t, 4> mask{};
    std::uint64_t left = 0;
    std::size_t at = 0;  // into the mask
  };
  using Checked = std::expected<void, Fault>;
  std::size_t header_bytes() const;
  Checked begin();
  Checked check_start(const Frame& frame) const;
  Checked end();
  Checked finish(Opcode opcode, Buffer payload);

  const std::size_t most_message_bytes_;
  std::array<std::uint8_t, 14> header_{};
  std::size_t header_size_ = 0;  // of what there is of it
  std::optional<Frame> frame_;
  Buffer control_;
  Buffer message_;
  std::optional<Opcode> message_opcode_;  // of a message whose fragments come
  std::optional<Received> received_;
};

}  // namespace jalousie::http
