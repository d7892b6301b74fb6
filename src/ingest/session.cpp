#include "ingest/session.h"

#include <algorithm>
#include <array>

#include "ingest/problems.h"
#include "ingest/tunnel_stream.h"
#include "rtp/packet.h"
#include "rtsp/url.h"

namespace jalousie::ingest {

namespace {

constexpr Microseconds kWriteTimeout = Seconds(5);
constexpr Microseconds kGoodbyeTimeout = Milliseconds(500);
// How long a read may wait: the watch ends a session long before.
constexpr Microseconds kReadTimeout = std::chrono::hours(24);
constexpr Microseconds kLongWait = std::chrono::hours(1);
// RFC 3550 section 6.2: at least 5 s apart for a session of two.
constexpr Microseconds kReportInterval = Seconds(5);
constexpr int kRedirects = 3;

}  // namespace

Session::Session(io::Loop& loop, const Source& source, const Timing& timing, const Clock& clock,
                 RandomSource& random, SessionListener& listener)
    : loop_(loop),
      source_(source),
      timing_(timing),
      clock_(clock),
      random_(random),
      listener_(listener),
      ssrc_(random_u32(random)),
      wake_(loop),
      done_(loop) {}

Session::~Session() = default;

void Session::stop(Problem why) {
  is_stopped_ = true;
  end(std::move(why));
}

void Session::end(Problem problem) {
  if (end_) return;
  end_ = std::move(problem);
  done_.notify();
  wake_.notify();
}

void Session::end_cut() {
  // Of the choices that were made, the sound is the second.
  was_cut_over_sound_ = !end_ && sound_ && client_->is_setting_up(1);
  end(problems::connection_cut());
}

// Who may not lead us anywhere learns of what is there only whether it is a camera. One with a certificate to
// compare with has been there before.
Problem Session::shown(Problem problem) {
  is_password_refused_ = problem.state == State::WrongPassword;
  const bool is_ours = problem == Problem{} || problem == problems::not_allowed();
  const bool is_known = connected_to_camera_ || problem.state == State::CertificateChanged;
  if (source_.reach == Reach::Anywhere || is_known || is_ours) return problem;
  return problems::nothing_there(source_.transport);
}

io::Task<Problem> Session::run() {
  auto parsed = rtsp::parse_url(source_.url);
  if (!parsed) co_return problems::bad_url(parsed.error());
  const bool own = !source_.username.empty() || !source_.password.empty();
  home_ = parsed->url;
  way_ = {.url = std::move(parsed->url),
          .username = own ? source_.username : parsed->username,
          .password = own ? source_.password : parsed->password,
          .transport = source_.transport,
          .pinned = source_.certificate,
          .trusts_first = true,
          .reach = source_.reach};
  wipe_text(parsed->password);
  for (int attempts = 1;; ++attempts, begin_again()) {
    auto problem = co_await attempt();
    if (is_stopped_ || !next_way_) co_return problem;
    if (attempts > kRedirects + (has_other_transport_ ? 1 : 0)) co_return problems::redirected_too_often();
  }
}

void Session::begin_again() {
  wipe_text(way_.password);
  way_ = *std::exchange(next_way_, std::nullopt);
  tunnel_ = nullptr;
  stream_.reset();
  client_.reset();
  receiver_.reset();
  watch_.reset();
  sound_.reset();
  camera_rtcp_ = {};
  sound_is_played_ = false;
  gaps_seen_ = 0;
  connected_to_camera_ = false;
  end_.reset();
  pause_.reset();
  report_at_.reset();
  writing_ = false;
}

io::Task<Problem> Session::attempt() {
  auto reached = co_await open_way(way_, timing_.connect, clock_, random_);
  if (end_) co_return *end_;
  if (!reached) {
    const bool is_strange = !is_home(way_.url);
    if (is_strange && reached.error() == problems::not_allowed())
      co_return problems::redirected_out_of_reach(way_.url.host);
    co_return shown(std::move(reached).error());
  }
  stream_ = std::move(reached->stream);
  tunnel_ = reached->tunnel;
  certificate_ = std::move(reached->certificate);
  client_.emplace(rtsp::ClientOptions{.url = way_.url, .username = way_.username, .password = way_.password},
                  random_, clock_.steady());

  io::TaskGroup tasks(loop_);
  co_await tasks.around(serve(tasks));
  for (auto& udp : udp_) udp.reset();
  stream_->close();
  client_->wipe_buffer();
  co_return shown(*end_);
}

void Session::on_failure(const rtsp::Failure& failure) {
  using Kind = rtsp::FailureKind;
  is_session_lost_ = failure.kind == Kind::SessionLost;
  if (failure.kind == Kind::Redirected && !failure.location.empty() && !has_packets()) {
    if (auto problem = redirect(failure)) return end(*std::move(problem));
  }
  if (failure.kind == Kind::TransportRefused && !has_other_transport_ && !way_.url.secure &&
      way_.transport != Transport::Http) {
    has_other_transport_ = true;
    note_ = problems::other_transport(way_.transport);
    next_way_ = way_;
    next_way_->transport = way_.is_udp() ? Transport::Tcp : Transport::Udp;
  }
  const bool is_strange = !is_home(way_.url);
  if (has_other_transport_ && !next_way_ && failure.kind == Kind::TransportRefused)
    return end(problems::neither_transport());
  if (is_strange && failure.kind == Kind::CredentialsNeeded)
    return end(problems::stranger_asks_password(way_.url.host));
  end(problems::of(failure, way_.transport));
}

/// The way that it names, or why it is not gone.
std::optional<Problem> Session::redirect(const rtsp::Failure& failure) {
  auto target = rtsp::parse_url(failure.location);
  if (!target) return problems::bad_url(target.error());
  if (way_.url.secure && !target->url.secure) return problems::redirected_to_clear(target->url.host);
  const bool stays = is_home(target->url);
  next_way_ = way_;
  next_way_->url = std::move(target->url);
  if (!stays) {
    // The operator's word is about the address that they entered, not about wherever that one points.
    if (way_.reach == Reach::Anywhere) next_way_->reach = source_.reach_elsewhere;
    // The way back home would bring them back; no camera needs that.
    next_way_->username.clear();
    wipe_text(next_way_->password);
    next_way_->password.clear();
  }
  next_way_->trusts_first = way_.trusts_first && stays;
  return std::nullopt;
}

io::Task<> Session::serve(io::TaskGroup& tasks) {
  tasks.spawn(read());
  tasks.spawn(write());
  if (tunnel_ != nullptr) tasks.spawn(hear_refusal());
  while (!end_) co_await done_.wait(kLongWait);
  co_await say_goodbye();
}

io::Task<> Session::say_goodbye() {
  client_->teardown(clock_.steady());
  const auto output = client_->poll_output();
  if (output.empty() || writing_) co_return;
  writing_ = true;
  static_cast<void>(co_await stream_->write(as_bytes(output), kGoodbyeTimeout));
}

io::Task<> Session::read() {
  while (!end_) {
    const auto count = co_await stream_->read_some(client_->prepare(), kReadTimeout);
    if (end_) co_return;
    if (!count || *count == 0) co_return end_cut();
    client_->commit(*count, clock_.steady());
    while (auto event = client_->poll_event()) {
      if (const auto* packet = std::get_if<rtsp::Packet>(&*event)) {
        on_packet(*packet);
      } else if (const auto* described = std::get_if<rtsp::Described>(&*event)) {
        connected_to_camera_ = true;
        co_await on_described(described->description);
      } else if (const auto* playing = std::get_if<rtsp::Playing>(&*event)) {
        on_playing(*playing);
      } else {
        const auto& failure = std::get<rtsp::Failed>(*event).failure;
        connected_to_camera_ = connected_to_camera_ || failure.status != 0;
        on_failure(failure);
      }
      if (end_) co_return;
    }
    // What came may have made the client speak; without new output or a nearer deadline the writer goes on
    // waiting.
    if (client_->has_output()) wake_.notify();
  }
}

/// Of the tunnel's other half: without it, a camera that says no there is one that says nothing.
io::Task<> Session::hear_refusal() {
  const int status = co_await tunnel_->refusal(kReadTimeout);
  if (status != 0 && !report_at_) end(problems::no_tunnel(status));
}

io::Task<> Session::write() {
  while (!end_) {
    const auto output = client_->poll_output();
    if (!output.empty()) {
      writing_ = true;
      const auto written = co_await stream_->write(as_bytes(output), kWriteTimeout);
      if (!written) co_return end_cut();
      writing_ = false;
      continue;
    }
    static_cast<void>(co_await wake_.wait(until_next_deadline()));
    if (!end_) on_deadlines();
  }
}

Microseconds Session::until_next_deadline() const {
  const auto now = clock_.steady();
  auto next = now + kLongWait;
  const auto consider = [&next](const std::optional<SteadyTime>& at) {
    if (at) next = std::min(next, *at);
  };
  consider(client_->next_deadline());
  if (receiver_) consider(receiver_->next_deadline());
  if (sound_) consider(sound_->next_deadline());
  if (watch_) consider(watch_->next_change(now));
  consider(report_at_);
  return std::max(next - now, Microseconds(0));
}

void Session::on_deadlines() {
  const auto now = clock_.steady();
  if (auto event = client_->on_deadline(now)) {
    return on_failure(std::get<rtsp::Failed>(*event).failure);
  }
  if (receiver_) receiver_->on_deadline(now);
  if (receiver_ && watch_) note_gaps();
  if (sound_) sound_->on_deadline(now);
  if (report_at_ && now >= *report_at_) send_reports();
  if (watch_) look_at_watch();
}

void Session::look_at_watch() {
  std::optional<Problem> pause;
  switch (watch_->verdict(clock_.steady())) {
    case Watch::Verdict::Fine:
      return;
    case Watch::Verdict::NothingCame:
      return end(problems::no_packets(rtp_transport()));
    case Watch::Verdict::Silent:
      return end(problems::stalled());
    case Watch::Verdict::Stalled:
      pause = problems::stalled();
      break;
    case Watch::Verdict::Damaged:
      pause = problems::damaged(rtp_transport());
      break;
    case Watch::Verdict::NoKeyFrame:
      pause = receiver_->stats().key_frames_without_sets > 0 ? problems::no_parameter_sets()
                                                             : problems::no_key_frame(timing_.no_key_frame);
      break;
  }
  if (pause == pause_) return;
  pause_ = pause;
  listener_.on_pause(*pause_);
}

io::Task<> Session::on_described(const sdp::Session& description) {
  const auto track = pick_video(description);
  if (!track) co_return end(track.error());
  if (auto problem = co_await listener_.on_described(*track)) co_return end(*std::move(problem));
  if (end_) co_return;
  if (!certificate_.empty() && certificate_ != source_.certificate && way_.trusts_first)
    listener_.on_certificate(certificate_);
  const bool udp = way_.is_udp();
  receiver_.emplace(*track, udp, ssrc_, [this](const rtp::VideoUnit& unit) { on_unit(unit); });
  std::vector<rtsp::TrackChoice> choices{{.media = track->media}};
  if (udp) {
    udp_[0] = open_udp(0, &Session::on_rtp, &Session::on_rtcp);
    if (!udp_[0]) co_return end(problems::no_udp_ports());
    choices[0].udp_ports = udp_[0]->ports();
  }
  if (source_.sound && !is_sound_left_out_) prepare_sound(description, choices);
  client_->play(std::move(choices), clock_.steady());
}

/// Whatever hinders the sound, the pictures come.
void Session::prepare_sound(const sdp::Session& description, std::vector<rtsp::TrackChoice>& choices) {
  auto track = pick_audio(description);
  if (!track) return;
  rtsp::TrackChoice choice{.media = track->media, .is_optional = true};
  const bool udp = way_.is_udp();
  if (udp) {
    udp_[1] = open_udp(1, &Session::on_sound_rtp, &Session::on_sound_rtcp);
    if (!udp_[1]) return;
    choice.udp_ports = udp_[1]->ports();
  }
  sound_.emplace(*std::move(track), udp, ssrc_, [this](const rtp::AudioUnit& unit) { on_sound(unit); });
  choices.push_back(choice);
}

std::optional<UdpPair> Session::open_udp(std::size_t track, OnDatagram on_rtp, OnDatagram on_rtcp) {
  auto pair = bind_pair(loop_, stream_->local(), random_);
  if (!pair) return std::nullopt;
  // Anybody can send to our ports; only what comes from the camera's address is looked at. What was read is
  // wiped here, since the socket's memory is not ours to wipe when the camera goes.
  const auto receive = [this](io::UdpSocket& socket, auto call) {
    socket.receive([this, call](MutableBytes datagram, const Endpoint& from) {
      if (std::ranges::equal(from.address(), stream_->peer().address())) call(datagram, from);
      wipe(datagram);
    });
  };
  receive(*pair->rtp, [this, on_rtp](ByteView datagram, const Endpoint&) { (this->*on_rtp)(datagram); });
  receive(*pair->rtcp, [this, on_rtcp, track](ByteView datagram, const Endpoint& from) {
    if (!camera_rtcp_[track]) camera_rtcp_[track] = from;  // a camera that does not say where it comes from
    (this->*on_rtcp)(datagram);
  });
  return *std::move(pair);
}

void Session::on_playing(const rtsp::Playing& playing) {
  const auto now = clock_.steady();
  if (!watch_) watch_.emplace(timing_, now);
  report_at_ = now + kReportInterval;
  sound_is_played_ = playing.transports.size() > 1 && playing.transports[1];
  if (!sound_is_played_) {
    sound_.reset();
    udp_[1].reset();
  }
  for (std::size_t i = 0; i < playing.transports.size(); ++i) {
    if (!udp_[i] || !playing.transports[i]) continue;
    if (auto rtcp = punch(*udp_[i], *playing.transports[i])) camera_rtcp_[i] = rtcp;
  }
  wake_.notify();
}

/// Opens the way through NAT and stateful firewalls between us and the camera: a packet out to where its
/// packets come from. Returns where its RTCP comes from.
std::optional<Endpoint> Session::punch(const UdpPair& udp, const rtsp::Transport& transport) {
  if (!transport.server_port) return std::nullopt;
  const auto address = stream_->peer().address_text();
  const auto rtp = Endpoint::parse(address, transport.server_port->rtp);
  const auto rtcp = Endpoint::parse(address, transport.server_port->rtcp);
  if (!rtp || !rtcp) return std::nullopt;
  std::array<std::uint8_t, rtp::kHeaderBytes> packet{};
  ByteWriter writer(packet);
  rtp::write_header(writer, {.ssrc = ssrc_});
  const ByteView one[] = {packet};
  static_cast<void>(udp.rtp->send(*rtp, one));
  return *rtcp;
}

void Session::send_reports() {
  const auto now = clock_.steady();
  report_at_ = now + kReportInterval;
  if (const auto report = receiver_->report(now)) send_report(0, *report);
  if (!sound_) return;
  if (const auto report = sound_->report(now)) send_report(1, *report);
}

void Session::send_report(std::size_t track, const Buffer& report) {
  if (!udp_[track]) return client_->send_rtcp(track, report);
  const ByteView one[] = {report};
  if (camera_rtcp_[track]) static_cast<void>(udp_[track]->rtcp->send(*camera_rtcp_[track], one));
}

void Session::on_packet(const rtsp::Packet& packet) {
  if (packet.track == 0) return packet.rtcp ? on_rtcp(packet.payload) : on_rtp(packet.payload);
  return packet.rtcp ? on_sound_rtcp(packet.payload) : on_sound_rtp(packet.payload);
}

void Session::on_rtp(ByteView packet) {
  if (end_) return;
  const auto now = clock_.steady();
  if (!watch_) watch_.emplace(timing_, now);
  const bool waited = receiver_->next_deadline().has_value();
  if (receiver_->on_rtp(packet, now)) watch_->on_packet(now);
  if (receiver_->problem()) return end(*receiver_->problem());
  note_gaps();
  if (!waited && receiver_->next_deadline()) wake_.notify();
}

/// What was lost since the last unit that was whole; what was lost before it does not count any more.
void Session::note_gaps() {
  const auto gaps = receiver_->stats().gaps;
  if (gaps == gaps_seen_) return;
  for (; gaps_seen_ < gaps; ++gaps_seen_) watch_->on_gap();
  wake_.notify();
}

/// Says nothing to the watch: sound is no proof of pictures.
void Session::on_sound_rtp(ByteView packet) {
  if (end_ || !sound_) return;
  const bool waited = sound_->next_deadline().has_value();
  sound_->on_rtp(packet, clock_.steady());
  if (!waited && sound_->next_deadline()) wake_.notify();
}

void Session::on_rtcp(ByteView packet) {
  if (end_) return;
  if (const auto report = receiver_->on_rtcp(packet, clock_.steady()))
    listener_.on_report(TrackKind::Video, *report);
}

void Session::on_sound_rtcp(ByteView packet) {
  if (end_ || !sound_) return;
  if (const auto report = sound_->on_rtcp(packet, clock_.steady()))
    listener_.on_report(TrackKind::Sound, *report);
}

void Session::on_sound(const rtp::AudioUnit& unit) {
  if (!end_) listener_.on_sound(unit, sound_->track());
}

void Session::on_unit(const rtp::VideoUnit& unit) {
  if (end_) return;
  gaps_seen_ = receiver_->stats().gaps;
  watch_->on_unit(unit.is_key_frame, unit.gap_before, clock_.steady());
  pause_.reset();
  if (auto problem = listener_.on_unit(unit, receiver_->format())) end(*std::move(problem));
}

}  // namespace jalousie::ingest
