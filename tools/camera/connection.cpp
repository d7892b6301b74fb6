#include "camera/connection.h"

#include <utility>

#include "base/log.h"

namespace jalousie::camera {
namespace {

// watch_silence() ends connections; this only bounds the await.
constexpr auto kReadLimit = std::chrono::hours(24);
constexpr Seconds kWriteLimit{20};
constexpr Seconds kLastWords{2};
constexpr Seconds kWatchEvery{1};
// A client this far behind loses whole frames, as over UDP: it sees the hole in the sequence numbers.
constexpr std::size_t kMostWaitingBytes = std::size_t{4} << 20;

}  // namespace

Connection::Connection(const Services& services, std::unique_ptr<io::Stream> stream)
    : services_(services),
      stream_(std::move(stream)),
      dialogue_(services.facts, services.verifier, *this, services.random, stream_->local().address_text(),
                services.clock.steady()),
      outbox_filled_(services.loop),
      outbox_empty_(services.loop) {}

Connection::~Connection() { Connection::pause(); }

io::Task<> Connection::serve() {
  io::TaskGroup group(services_.loop);
  co_await group.around(converse(group));
}

io::Task<> Connection::converse(io::TaskGroup& group) {
  group.spawn(write());
  group.spawn(watch_silence());
  co_await read();
}

io::Task<> Connection::read() {
  while (true) {
    const auto got = co_await stream_->read_some(parser_.prepare(), kReadLimit);
    if (!got || *got == 0) co_return;
    parser_.commit(*got);
    if (handle_all()) continue;
    while (!outbox_.empty() && co_await outbox_empty_.wait(kLastWords)) {
    }
    co_return;
  }
}

/// False when the client cannot be understood any longer.
bool Connection::handle_all() {
  while (true) {
    const auto item = parser_.next();
    if (!item) {
      log::warn("camera", "malformed RTSP",
                {{"peer", stream_->peer().to_string()}, {"reason", item.error().message()}});
      say(rtsp::write(rtsp::Response{.status = 400, .reason = {}, .headers = {}, .body = {}}));
      return false;
    }
    if (!*item) return true;
    if (const auto* request = std::get_if<rtsp::Request>(&**item)) {
      const auto response = dialogue_.answer(*request, services_.clock.steady());
      log::debug("camera", "request",
                 {{"peer", stream_->peer().to_string()},
                  {"method", request->method},
                  {"status", std::to_string(response.status)}});
      if (request->method != "TEARDOWN" || !services_.facts.quirks.has(Quirk::SilentTeardown))
        say(services_.facts.quirks.write(response));
    } else if (std::holds_alternative<rtsp::InterleavedFrame>(**item)) {
      dialogue_.heard(services_.clock.steady());
    }
  }
}

void Connection::say(std::string_view text) {
  const auto bytes = as_bytes(text);
  outbox_.emplace_back(bytes.begin(), bytes.end());
  outbox_bytes_ += bytes.size();
  outbox_filled_.notify();
}

io::Task<> Connection::write() {
  while (true) {
    if (outbox_.empty()) {
      outbox_empty_.notify();
      co_await outbox_filled_.wait(kReadLimit);
      continue;
    }
    const auto batch = std::exchange(outbox_, {});
    const std::vector<ByteView> parts(batch.begin(), batch.end());
    const auto written = co_await stream_->write(parts, kWriteLimit);
    outbox_bytes_ = 0;
    for (const auto& waiting : outbox_) outbox_bytes_ += waiting.size();
    if (!written) {
      stream_->close();
      co_return;
    }
  }
}

io::Task<> Connection::watch_silence() {
  while (!dialogue_.is_expired(services_.clock.steady())) co_await io::sleep_for(kWatchEvery);
  log::info("camera", "client was silent for too long", {{"peer", stream_->peer().to_string()}});
  stream_->close();
}

Result<rtsp::Transport> Connection::set_up(std::size_t stream, std::size_t track,
                                           const rtsp::Transport& offered) {
  rtsp::Transport chosen;
  chosen.tcp = offered.tcp;
  chosen.mode = "PLAY";
  std::unique_ptr<UdpChannel> udp;
  if (offered.tcp) {
    const auto first = static_cast<std::uint16_t>(2 * track);
    chosen.interleaved =
        offered.interleaved.value_or(rtsp::Pair{first, static_cast<std::uint16_t>(first + 1)});
  } else {
    // Always to the address that asks, whatever `destination` says: else this could be aimed at others (RFC
    // 2326 section 16).
    TRY(udp, UdpChannel::open(services_.loop, services_.random, stream_->local(), stream_->peer(),
                              *offered.client_port, [this] { dialogue_.heard(services_.clock.steady()); }));
    chosen.client_port = offered.client_port;
    chosen.server_port = udp->ports();
    chosen.source = stream_->local().address_text();
  }
  playing_stream_ = stream;
  ways_.at(track) = {chosen.interleaved, std::move(udp)};
  if (track == kSoundTrack) {
    listening_.emplace(services_.sound->tone(), services_.random);
    chosen.ssrc = listening_->ssrc();
  } else {
    sender_.emplace(services_.facts.streams[stream].fps, services_.random);
    chosen.ssrc = sender_->ssrc();
  }
  return chosen;
}

std::vector<MediaPort::Start> Connection::play() {
  if (!is_playing_) {
    if (sender_) first_frame_ = services_.streams[playing_stream_]->attach(*this);
    if (listening_) first_sound_ = services_.sound->attach(*this);
    is_playing_ = true;
    log::info("camera", "playing",
              {{"peer", stream_->peer().to_string()},
               {"stream", services_.facts.streams[playing_stream_].path},
               {"transport", ways_[sender_ ? kPictureTrack : kSoundTrack].udp ? "udp" : "tcp"},
               {"sound", listening_ ? "yes" : "no"}});
  }
  std::vector<Start> starts;
  if (sender_) starts.push_back({kPictureTrack, sender_->next_sequence(), sender_->rtp_time(first_frame_)});
  if (listening_)
    starts.push_back({kSoundTrack, listening_->next_sequence(), listening_->rtp_time(first_sound_)});
  return starts;
}

void Connection::pause() {
  if (!is_playing_) return;
  if (sender_) services_.streams[playing_stream_]->detach(*this);
  if (listening_) services_.sound->detach(*this);
  is_playing_ = false;
  log::info(
      "camera", "stopped",
      {{"peer", stream_->peer().to_string()}, {"stream", services_.facts.streams[playing_stream_].path}});
}

void Connection::tear_down() {
  pause();
  if (sender_) send_rtcp(kPictureTrack, sender_->bye());
  if (listening_) send_rtcp(kSoundTrack, listening_->bye());
  ways_ = {};
  sender_.reset();
  listening_.reset();
}

void Connection::on_frame(const CodedFrame& frame) {
  if (frame.number < first_frame_) return;
  first_frame_ = frame.number + 1;
  if (const auto report = sender_->report(frame, services_.clock.steady())) send_rtcp(kPictureTrack, *report);
  const auto packets = sender_->packetize(frame);
  if (!packets)
    return log::error("camera", "a frame cannot be sent", {{"reason", packets.error().message()}});
  send(kPictureTrack, **packets);
}

void Connection::on_sound(const CodedSound& sound) {
  if (const auto report = listening_->report(sound, services_.clock.steady()))
    send_rtcp(kSoundTrack, *report);
  const auto packets = listening_->packetize(sound);
  if (!packets) return log::error("camera", "sound cannot be sent", {{"reason", packets.error().message()}});
  send(kSoundTrack, **packets);
}

void Connection::send(std::size_t track, rtp::PacketBatch& packets) {
  const Way& way = ways_.at(track);
  if (way.udp)
    way.udp->send(packets);
  else
    send_interleaved(*way.channels, packets);
}

void Connection::send_interleaved(const rtsp::Pair& channels, rtp::PacketBatch& packets) {
  const auto is_full = outbox_bytes_ > kMostWaitingBytes;
  if (is_full && !is_dropping_)
    log::warn("camera", "client is too slow: frames left out", {{"peer", stream_->peer().to_string()}});
  is_dropping_ = is_full;
  if (is_full) return;
  Buffer frames;
  for (const auto& packet : packets.packets()) {
    const auto header = rtsp::interleaved_header(static_cast<std::uint8_t>(channels.rtp),
                                                 static_cast<std::uint16_t>(packet.size()));
    frames.insert(frames.end(), header.begin(), header.end());
    frames.insert(frames.end(), packet.begin(), packet.end());
  }
  say(as_text(frames));
}

void Connection::send_rtcp(std::size_t track, ByteView compound) {
  const Way& way = ways_.at(track);
  if (way.udp) return way.udp->send_rtcp(compound);
  if (!way.channels) return;
  const auto header = rtsp::interleaved_header(static_cast<std::uint8_t>(way.channels->rtcp),
                                               static_cast<std::uint16_t>(compound.size()));
  Buffer frame(header.begin(), header.end());
  frame.insert(frame.end(), compound.begin(), compound.end());
  say(as_text(frame));
}

}  // namespace jalousie::camera
