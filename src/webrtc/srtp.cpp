#include "webrtc/srtp.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace jalousie::webrtc {
namespace {

constexpr std::size_t kRtpHeaderBytes = 12;
constexpr std::size_t kRtcpHeaderBytes = 8;  // of the first packet: what stays clear in SRTCP
constexpr std::uint32_t kEncrypted = 0x80000000;
constexpr std::uint32_t kRtcpIndices = 0x80000000;  // RFC 3711 section 3.4: 31 bits, then new keys

/// With CSRCs and extension (RFC 3550 section 5.1); nothing when the packet ends before.
std::optional<std::size_t> rtp_header_bytes(ByteView packet) {
  if (packet.size() < kRtpHeaderBytes || packet[0] >> 6 != 2) return std::nullopt;
  std::size_t size = kRtpHeaderBytes + std::size_t{4} * (packet[0] & 0x0f);
  if ((packet[0] & 0x10) != 0) {
    if (packet.size() < size + 4) return std::nullopt;
    size += 4 + std::size_t{4} * ByteReader(packet.subspan(size + 2)).u16();
  }
  return size <= packet.size() ? std::optional(size) : std::nullopt;
}

}  // namespace

SrtpSender::SrtpSender(SrtpSuite suite, const SrtpMasterKey& master)
    : rtp_(suite, SrtpProtocol::Rtp, derive_session_keys(master, SrtpProtocol::Rtp)),
      rtcp_(suite, SrtpProtocol::Rtcp, derive_session_keys(master, SrtpProtocol::Rtcp)) {
  streams_.reserve(kStreams);
}

Result<> SrtpSender::add_stream(std::uint32_t ssrc, Repeats repeats) {
  const bool known = std::any_of(streams_.begin(), streams_.end(),
                                 [&](const Stream& stream) { return stream.ssrc == ssrc; });
  if (known)
    return fail(ErrorKind::AlreadyExists, fmt::format("srtp: stream {:08x} is declared already", ssrc));
  if (streams_.size() == kStreams) return fail(ErrorKind::ResourceExhausted, "srtp: too many streams");
  streams_.push_back({ssrc, std::nullopt, std::vector<Sent>(repeats == Repeats::Yes ? kRepeatable : 0)});
  return {};
}

Result<SrtpSender::Packet> SrtpSender::read(MutableBytes buffer, std::size_t length) {
  if (length > buffer.size() || buffer.size() - length < rtp_.tag_bytes()) {
    return fail(ErrorKind::InvalidArgument, "srtp: no room for the tag");
  }
  const auto header_bytes = rtp_header_bytes(buffer.first(length));
  if (!header_bytes) return fail(ErrorKind::InvalidArgument, "srtp: not an RTP packet");
  ByteReader reader(buffer.subspan(2));
  const std::uint16_t sequence = reader.u16();
  reader.skip(4);
  const std::uint32_t ssrc = reader.u32();
  for (Stream& stream : streams_) {
    if (stream.ssrc == ssrc) return Packet{*header_bytes, sequence, &stream};
  }
  wipe(buffer);
  return fail(ErrorKind::FailedPrecondition, fmt::format("srtp: stream {:08x} is not declared", ssrc));
}

MutableBytes SrtpSender::seal(MutableBytes buffer, std::size_t length, const Packet& packet,
                              std::uint64_t index) {
  const MutableBytes tag = buffer.subspan(length, rtp_.tag_bytes());
  rtp_.seal(buffer.first(length),
            {packet.header_bytes, packet.stream->ssrc, index, static_cast<std::uint32_t>(index >> 16)}, tag);
  return tag;
}

Result<std::size_t> SrtpSender::protect_rtp(MutableBytes buffer, std::size_t length) {
  TRY(const Packet packet, read(buffer, length));
  Stream& stream = *packet.stream;
  std::uint64_t index = packet.sequence;
  if (stream.last) {
    const auto ahead = static_cast<std::uint16_t>(packet.sequence - static_cast<std::uint16_t>(*stream.last));
    if (ahead == 0 || ahead >= 0x8000 || (*stream.last + ahead) >> 48 != 0) {
      wipe(buffer);
      return fail(ErrorKind::FailedPrecondition,
                  fmt::format("srtp: sequence number {} is not after {} of stream {:08x}", packet.sequence,
                              *stream.last & 0xffff, stream.ssrc));
    }
    index = *stream.last + ahead;
  }
  stream.last = index;
  const MutableBytes tag = seal(buffer, length, packet, index);
  if (!stream.sent.empty()) {
    Sent& sent = stream.sent[index % kRepeatable];
    sent.index = index;
    sent.used = true;
    std::copy_n(tag.begin(), sent.tag.size(), sent.tag.begin());
  }
  return length + tag.size();
}

Result<std::size_t> SrtpSender::protect_rtp_again(MutableBytes buffer, std::size_t length) {
  TRY(const Packet packet, read(buffer, length));
  const Stream& stream = *packet.stream;
  const auto refuse = [&](std::string_view why) {
    wipe(buffer);
    return fail(ErrorKind::FailedPrecondition,
                fmt::format("srtp: packet {} of stream {:08x} {}", packet.sequence, stream.ssrc, why));
  };
  if (stream.sent.empty() || !stream.last) return refuse("is not of a stream that repeats");
  const auto behind = static_cast<std::uint16_t>(static_cast<std::uint16_t>(*stream.last) - packet.sequence);
  if (behind >= kRepeatable || behind > *stream.last) return refuse("was not sent of late");
  const std::uint64_t index = *stream.last - behind;
  const Sent& sent = stream.sent[index % kRepeatable];
  if (!sent.used || sent.index != index) return refuse("was not sent");
  const MutableBytes tag = seal(buffer, length, packet, index);
  if (!std::equal(sent.tag.begin(), sent.tag.end(), tag.begin())) return refuse("differs from what was sent");
  return length + tag.size();
}

Result<std::size_t> SrtpSender::protect_rtcp(MutableBytes buffer, std::size_t length) {
  const std::size_t total = length + rtcp_.tag_bytes() + 4;
  if (length < kRtcpHeaderBytes || buffer[0] >> 6 != 2)
    return fail(ErrorKind::InvalidArgument, "srtcp: not an RTCP packet");
  if (buffer.size() < total) return fail(ErrorKind::InvalidArgument, "srtcp: no room for tag and index");
  if (next_rtcp_ == kRtcpIndices) {
    wipe(buffer);
    return fail(ErrorKind::FailedPrecondition, "srtcp: the key is used up");
  }
  const std::uint32_t index = next_rtcp_++;
  const std::uint32_t word = kEncrypted | index;
  // GCM: packet, tag, index (RFC 7714 section 9.2). CM: packet, index, tag (RFC 3711 section 3.4).
  const bool gcm = rtcp_.suite() == SrtpSuite::AeadAes128Gcm;
  const MutableBytes tag = buffer.subspan(gcm ? length : length + 4, rtcp_.tag_bytes());
  rtcp_.seal(buffer.first(length), {kRtcpHeaderBytes, ByteReader(buffer.subspan(4, 4)).u32(), index, word},
             tag);
  ByteWriter(buffer.subspan(gcm ? length + tag.size() : length, 4)).u32(word);
  return total;
}

std::string_view to_string(SrtcpRefusal refusal) {
  switch (refusal) {
    case SrtcpRefusal::Malformed:
      return "malformed";
    case SrtcpRefusal::NotAuthentic:
      return "not authentic";
    case SrtcpRefusal::Replayed:
      return "replayed";
    case SrtcpRefusal::TooManySenders:
      return "too many senders";
  }
  return "unknown";
}

SrtcpReceiver::SrtcpReceiver(SrtpSuite suite, const SrtpMasterKey& master)
    : cipher_(suite, SrtpProtocol::Rtcp, derive_session_keys(master, SrtpProtocol::Rtcp)) {
  senders_.reserve(kSenders);
}

std::expected<ByteView, SrtcpRefusal> SrtcpReceiver::unprotect(MutableBytes packet) {
  const std::size_t tag_bytes = cipher_.tag_bytes();
  if (packet.size() < kRtcpHeaderBytes + tag_bytes + 4 || packet[0] >> 6 != 2)
    return std::unexpected(SrtcpRefusal::Malformed);
  const std::size_t length = packet.size() - tag_bytes - 4;
  const bool gcm = cipher_.suite() == SrtpSuite::AeadAes128Gcm;
  const ByteView tag = packet.subspan(gcm ? length : length + 4, tag_bytes);
  const std::uint32_t word = ByteReader(packet.subspan(gcm ? length + tag_bytes : length, 4)).u32();
  // DTLS-SRTP profiles encrypt SRTCP always (RFC 5764 section 4.1.2): one in clear is not what was agreed.
  if ((word & kEncrypted) == 0) return std::unexpected(SrtcpRefusal::Malformed);
  const std::uint32_t index = word & ~kEncrypted;
  const std::uint32_t ssrc = ByteReader(packet.subspan(4, 4)).u32();

  const auto known = std::find_if(senders_.begin(), senders_.end(),
                                  [&](const Sender& sender) { return sender.ssrc == ssrc; });
  if (known != senders_.end() && !is_fresh(*known, index)) return std::unexpected(SrtcpRefusal::Replayed);
  if (!cipher_.open(packet.first(length), {kRtcpHeaderBytes, ssrc, index, word}, tag)) {
    return std::unexpected(SrtcpRefusal::NotAuthentic);
  }
  if (known != senders_.end()) {
    note(*known, index);
  } else if (senders_.size() < kSenders) {
    senders_.push_back({ssrc, index, 1});
  } else {
    wipe(packet);
    return std::unexpected(SrtcpRefusal::TooManySenders);
  }
  return packet.first(length);
}

bool SrtcpReceiver::is_fresh(const Sender& sender, std::uint32_t index) {
  if (index > sender.newest) return true;
  const std::uint32_t behind = sender.newest - index;
  return behind < kWindow && (sender.window >> behind & 1) == 0;
}

void SrtcpReceiver::note(Sender& sender, std::uint32_t index) {
  if (index > sender.newest) {
    const std::uint32_t ahead = index - sender.newest;
    sender.window = ahead < kWindow ? sender.window << ahead : 0;
    sender.newest = index;
  }
  sender.window |= std::uint64_t{1} << (sender.newest - index);
}

}  // namespace jalousie::webrtc
