#include "http/web_socket_frame.h"

#include <algorithm>

#include "base/assert.h"
#include "http/target.h"

namespace jalousie::http {

namespace {

constexpr std::size_t kControlBytes = 125;  // section 5.5
constexpr std::uint8_t kFinal = 0x80;
constexpr std::uint8_t kMasked = 0x80;

bool is_control(Opcode opcode) { return (static_cast<unsigned>(opcode) & 8U) != 0; }

bool is_known(Opcode opcode) {
  return opcode <= Opcode::Binary || (opcode >= Opcode::Close && opcode <= Opcode::Pong);
}

// Section 7.4: those that may be sent; 1012 to 1014 were registered later.
bool may_be_sent(std::uint16_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

std::unexpected<FrameReader::Fault> fault(CloseCode code, std::string_view reason) {
  return std::unexpected(FrameReader::Fault{code, reason});
}

}  // namespace

FrameHeader::FrameHeader(Opcode opcode, std::size_t payload_bytes) {
  ByteWriter writer(bytes_);
  writer.u8(kFinal | static_cast<std::uint8_t>(opcode));
  if (payload_bytes < 126) {
    writer.u8(static_cast<std::uint8_t>(payload_bytes));
  } else if (payload_bytes <= 0xFFFF) {
    writer.u8(126);
    writer.u16(static_cast<std::uint16_t>(payload_bytes));
  } else {
    writer.u8(127);
    writer.u64(payload_bytes);
  }
  size_ = writer.position();
}

Buffer close_payload(CloseCode code, std::string_view reason) {
  Buffer payload(2);
  ByteWriter(payload).u16(static_cast<std::uint16_t>(code));
  const ByteView text = as_bytes(reason.substr(0, kControlBytes - 2));
  payload.insert(payload.end(), text.begin(), text.end());
  return payload;
}

std::size_t FrameReader::header_bytes() const {
  if (header_size_ < 2) return 2;
  const unsigned length = header_[1] & 0x7FU;
  const std::size_t mask = (header_[1] & kMasked) != 0 ? 4 : 0;
  return 2 + (length == 126 ? 2U : length == 127 ? 8U : 0U) + mask;
}

std::expected<std::size_t, FrameReader::Fault> FrameReader::feed(ByteView bytes) {
  JAL_ASSERT(!received_);
  std::size_t used = 0;
  while (!received_) {
    if (!frame_) {
      const std::size_t take = std::min(header_bytes() - header_size_, bytes.size() - used);
      std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(used), take,
                  header_.begin() + static_cast<std::ptrdiff_t>(header_size_));
      header_size_ += take;
      used += take;
      if (header_size_ < header_bytes()) {
        if (used == bytes.size()) break;
        continue;  // the second byte says that it is longer
      }
      if (auto begun = begin(); !begun) return std::unexpected(begun.error());
    }
    Buffer& target = is_control(frame_->opcode) ? control_ : message_;
    const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(frame_->left, bytes.size() - used));
    for (std::size_t i = 0; i < take; ++i) target.push_back(bytes[used + i] ^ frame_->mask[frame_->at++ % 4]);
    used += take;
    frame_->left -= take;
    if (frame_->left > 0) break;
    if (auto ended = end(); !ended) return std::unexpected(ended.error());
  }
  return used;
}

FrameReader::Checked FrameReader::check_start(const Frame& frame) const {
  if ((header_[0] & 0x70U) != 0) return fault(CloseCode::ProtocolError, "reserved bits");
  if (!is_known(frame.opcode)) return fault(CloseCode::ProtocolError, "unknown opcode");
  if ((header_[1] & kMasked) == 0) return fault(CloseCode::ProtocolError, "not masked");  // section 5.1
  if (is_control(frame.opcode)) {
    if (!frame.is_final || frame.left > kControlBytes)
      return fault(CloseCode::ProtocolError, "a control frame that is long or in pieces");
    return {};
  }
  if ((frame.opcode == Opcode::Continuation) != message_opcode_.has_value())
    return fault(CloseCode::ProtocolError, "fragments out of order");
  if (frame.left > most_message_bytes_ - message_.size()) return fault(CloseCode::TooBig, "message too long");
  return {};
}

FrameReader::Checked FrameReader::begin() {
  ByteReader reader(ByteView(header_).first(header_size_));
  Frame frame;
  const std::uint8_t first = reader.u8();
  frame.is_final = (first & kFinal) != 0;
  frame.opcode = static_cast<Opcode>(first & 0x0FU);
  frame.left = reader.u8() & 0x7FU;
  // Section 5.2: the shortest form, and no highest bit in the longest.
  if (frame.left == 126) {
    frame.left = reader.u16();
    if (frame.left < 126) return fault(CloseCode::ProtocolError, "length in a longer form than needed");
  } else if (frame.left == 127) {
    frame.left = reader.u64();
    if (frame.left <= 0xFFFF || frame.left >> 63 != 0)
      return fault(CloseCode::ProtocolError, "malformed length");
  }
  const ByteView mask = reader.bytes(4);
  std::copy(mask.begin(), mask.end(), frame.mask.begin());
  if (auto checked = check_start(frame); !checked) return checked;
  if (!is_control(frame.opcode) && frame.opcode != Opcode::Continuation) message_opcode_ = frame.opcode;
  header_size_ = 0;
  frame_ = frame;
  return {};
}

FrameReader::Checked FrameReader::end() {
  const Frame frame = *std::exchange(frame_, std::nullopt);
  if (is_control(frame.opcode)) return finish(frame.opcode, std::exchange(control_, {}));
  if (!frame.is_final) return {};
  return finish(*std::exchange(message_opcode_, std::nullopt), std::exchange(message_, {}));
}

FrameReader::Checked FrameReader::finish(Opcode opcode, Buffer payload) {
  Received received{opcode, std::move(payload), CloseCode::None};
  if (opcode == Opcode::Close && !received.payload.empty()) {
    if (received.payload.size() < 2) return fault(CloseCode::ProtocolError, "half a close code");
    const std::uint16_t code = ByteReader(received.payload).u16();
    if (!may_be_sent(code)) return fault(CloseCode::ProtocolError, "a close code that is not to be sent");
    received.code = static_cast<CloseCode>(code);
    received.payload.erase(received.payload.begin(), received.payload.begin() + 2);
  }
  if ((opcode == Opcode::Text || opcode == Opcode::Close) && !is_utf8(as_text(received.payload)))
    return fault(CloseCode::InvalidPayload, "text that is not UTF-8");
  received_ = std::move(received);
  return {};
}

std::optional<Received> FrameReader::take() { return std::exchange(received_, std::nullopt); }

}  // namespace jalousie::http
