#include "webrtc/peer_session.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "rtp/packet.h"

namespace jalousie::webrtc {

PeerSession::PeerSession(PeerConfig config, SteadyTime now)
    : ice_(config.local, std::move(config.remote_ufrag)),
      dtls_(std::move(config.identity), std::move(config.remote_fingerprints)),
      streams_(std::move(config.streams)),
      connect_by_(now + kConnecting) {
  JAL_ASSERT(streams_.size() <= SrtpSender::kStreams);
}

PeerSession::~PeerSession() = default;

std::optional<PeerEvent> PeerSession::feed(MutableBytes datagram, const Endpoint& from, SteadyTime now) {
  if (datagram.empty() || state_ == State::Closed || state_ == State::Failed) return std::nullopt;
  const std::uint8_t first = datagram[0];
  if (first <= 3) return on_stun(datagram, from, now);
  if (first >= 20 && first <= 63) return on_dtls(datagram, from, now);
  if (first >= 128 && first <= 191 && rtp::is_rtcp(datagram)) return on_rtcp(datagram, from);
  ++counters_.unknown;
  return std::nullopt;
}

std::optional<PeerEvent> PeerSession::on_stun(ByteView datagram, const Endpoint& from, SteadyTime now) {
  IceLite::Reply reply;
  const auto received = ice_.receive(datagram, from, now, reply);
  if (!received.answer.empty()) queue(from, Buffer(received.answer.begin(), received.answer.end()));
  if (!received.new_path) return std::nullopt;
  return PeerEvent{.kind = PeerEvent::Kind::Path, .path = from, .forgotten = received.forgotten};
}

std::optional<PeerEvent> PeerSession::on_dtls(ByteView datagram, const Endpoint& from, SteadyTime now) {
  if (!ice_.is_checked(from)) {
    ++counters_.unchecked;
    return std::nullopt;
  }
  dtls_peer_ = from;
  dtls_.feed(datagram, now);
  flush_dtls();
  return follow_dtls();
}

std::optional<PeerEvent> PeerSession::on_rtcp(MutableBytes datagram, const Endpoint& from) {
  if (!receiver_ || !ice_.is_checked(from)) {
    ++counters_.unchecked;
    return std::nullopt;
  }
  const auto clear = receiver_->unprotect(datagram);
  if (!clear) {
    ++counters_.srtcp_refused;
    return std::nullopt;
  }
  return PeerEvent{.kind = PeerEvent::Kind::Rtcp, .rtcp = *clear};
}

std::optional<PeerEvent> PeerSession::follow_dtls() {
  switch (dtls_.state()) {
    case DtlsServer::State::Handshaking:
      return std::nullopt;
    case DtlsServer::State::Connected:
      if (auto keys = dtls_.take_keys()) return connect(*std::move(keys));
      return std::nullopt;
    case DtlsServer::State::Closed:
      return end(PeerEvent::Kind::Closed, "closed by the peer");
    case DtlsServer::State::Failed:
      return end(PeerEvent::Kind::Failed, dtls_.reason());
  }
  return std::nullopt;
}

PeerEvent PeerSession::connect(SrtpKeys keys) {
  sender_.emplace(keys.suite, keys.ours);
  receiver_.emplace(keys.suite, keys.theirs);
  for (const OutgoingStream& stream : streams_) JAL_ASSERT(sender_->add_stream(stream.ssrc, stream.repeats));
  state_ = State::Connected;
  return {.kind = PeerEvent::Kind::Connected};
}

PeerEvent PeerSession::end(PeerEvent::Kind kind, std::string reason) {
  state_ = kind == PeerEvent::Kind::Closed ? State::Closed : State::Failed;
  sender_.reset();
  receiver_.reset();
  return {.kind = kind, .reason = std::move(reason)};
}

void PeerSession::flush_dtls() {
  while (auto datagram = dtls_.take_output()) {
    if (dtls_peer_) queue(*dtls_peer_, *std::move(datagram));
  }
}

void PeerSession::queue(const Endpoint& to, Buffer bytes) {
  if (output_.size() < kQueueLimit) {
    output_.push_back({to, std::move(bytes)});
  } else {
    ++counters_.overflow;
  }
}

std::optional<PeerSession::Output> PeerSession::poll_output() {
  if (output_.empty()) return std::nullopt;
  Output next = std::move(output_.front());
  output_.pop_front();
  return next;
}

std::optional<SteadyTime> PeerSession::next_deadline() const {
  switch (state_) {
    case State::Connecting:
      return std::min(connect_by_, dtls_.next_deadline().value_or(connect_by_));
    case State::Connected:
      return ice_.consented().value() + kConsent;
    case State::Closed:
    case State::Failed:
      break;
  }
  return std::nullopt;
}

std::optional<PeerEvent> PeerSession::on_deadline(SteadyTime now) {
  const auto deadline = next_deadline();
  if (!deadline || now < *deadline) return std::nullopt;
  if (state_ == State::Connected) {
    close();
    return end(PeerEvent::Kind::Closed, "the peer has not been heard for 30 s");
  }
  if (now >= connect_by_) {
    return end(PeerEvent::Kind::Failed,
               ice_.consented() ? "no DTLS handshake within 30 s" : "no connectivity check within 30 s");
  }
  dtls_.on_deadline(now);
  flush_dtls();
  return std::nullopt;
}

void PeerSession::close() {
  if (state_ == State::Closed || state_ == State::Failed) return;
  dtls_.close();
  flush_dtls();
  end(PeerEvent::Kind::Closed, {});
}

std::optional<Endpoint> PeerSession::peer() const {
  if (state_ != State::Connected) return std::nullopt;
  return ice_.nominated() ? ice_.nominated() : dtls_peer_;
}

namespace {
std::unexpected<Error> not_connected() {
  return fail(ErrorKind::Unavailable, "webrtc: the peer is not connected");
}
}  // namespace

Result<> PeerSession::protect(rtp::PacketBatch& batch) {
  for (std::size_t i = 0; i < batch.size(); ++i) {
    auto length = protect_rtp(batch.with_trailer(i), batch.packet(i).size());
    if (!length) {
      batch.clear();
      return std::unexpected(std::move(length).error());
    }
    batch.resize(i, *length);
  }
  return {};
}

Result<std::size_t> PeerSession::protect_rtp(MutableBytes buffer, std::size_t length) {
  return sender_ ? sender_->protect_rtp(buffer, length) : not_connected();
}
Result<std::size_t> PeerSession::protect_rtp_again(MutableBytes buffer, std::size_t length) {
  return sender_ ? sender_->protect_rtp_again(buffer, length) : not_connected();
}
Result<std::size_t> PeerSession::protect_rtcp(MutableBytes buffer, std::size_t length) {
  return sender_ ? sender_->protect_rtcp(buffer, length) : not_connected();
}

}  // namespace jalousie::webrtc
