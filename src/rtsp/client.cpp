#include "rtsp/client.h"

#include <fmt/format.h>

#include "base/assert.h"
#include "rtsp/text.h"

namespace jalousie::rtsp {

namespace {

constexpr std::size_t kTracks = 16;
// What may wait to be sent: a peer that asks faster than it reads answers is no camera.
constexpr std::size_t kOutputBytes = 64 * 1024;
// Section 12.37 leaves the interval to us. More often than asked also keeps NAT's memory of the connection.
constexpr Microseconds kKeepAliveAtMost = Seconds(60);
constexpr std::string_view kUserAgent = "Jalousie";

}  // namespace

Client::Client(ClientOptions options, RandomSource& random, SteadyTime now)
    : options_(std::move(options)), authenticator_(options_.username, options_.password, random), now_(now) {
  wipe({reinterpret_cast<std::uint8_t*>(options_.password.data()), options_.password.size()});
  options_.password.clear();
  channels_.fill(-1);
  send("OPTIONS", options_.url.to_string());
}

void Client::commit(std::size_t count, SteadyTime now) {
  now_ = now;
  parser_.commit(count);
}

void Client::feed(ByteView bytes, SteadyTime now) {
  now_ = now;
  parser_.feed(bytes);
}

std::optional<Event> Client::poll_event() {
  while (state_ != State::Ended) {
    auto item = parser_.next();
    if (!item) return failed(FailureKind::Protocol, item.error().message());
    if (!*item) return std::nullopt;
    if (auto event = on_item(**item)) return event;
  }
  return std::nullopt;
}

std::optional<Event> Client::on_item(Item& item) {
  if (const auto* frame = std::get_if<InterleavedFrame>(&item)) return on_frame(*frame);
  if (const auto* response = std::get_if<Response>(&item)) return on_response(*response);
  return on_request(std::get<Request>(item));
}

std::optional<Event> Client::on_frame(const InterleavedFrame& frame) const {
  const auto at = channels_[frame.channel];
  if (at < 0) return std::nullopt;
  return Packet{static_cast<std::size_t>(at / 2), at % 2 == 1, frame.payload};
}

std::optional<Event> Client::on_response(const Response& response) {
  // 1xx only says that the answer is to come. Some firmware forgets the CSeq; another one than the pending
  // request's belongs to a keep-alive that we no longer wait for.
  if (!pending_ || response.status < 200 || response.cseq().value_or(cseq_) != cseq_) return std::nullopt;
  if (response.status == 401) return on_unauthorized(response);
  authenticator_.accepted();
  const auto request = *std::exchange(pending_, std::nullopt);
  if (state_ == State::Options) return on_options(response);
  if (state_ == State::Playing) return on_keep_alive(response);
  if (response.status >= 300) {
    if (leave_out_track()) return std::nullopt;
    auto failure = failure_of(request.method, response.status);
    if (failure.kind == FailureKind::Redirected) return redirected(std::move(failure), response.headers);
    return failed(std::move(failure));
  }
  switch (state_) {
    case State::Describing:
      return on_describe(response);
    case State::SettingUp:
      return on_setup(response);
    case State::Starting:
      return on_play(response);
    default:
      return std::nullopt;
  }
}

std::optional<Event> Client::on_unauthorized(const Response& response) {
  const auto verdict = authenticator_.challenged(response.headers.find_all("WWW-Authenticate"));
  // The name and password were good enough for the tracks before.
  if (verdict != Authenticator::Verdict::TryAgain && leave_out_track()) return std::nullopt;
  switch (verdict) {
    case Authenticator::Verdict::TryAgain:
      send_pending();
      return std::nullopt;
    case Authenticator::Verdict::WrongPassword:
      return failed({FailureKind::WrongPassword, 401, "the name or password was refused"});
    case Authenticator::Verdict::NoCredentials:
      return failed({FailureKind::CredentialsNeeded, 401, "a name and password are needed"});
    case Authenticator::Verdict::Unsupported:
      break;
  }
  // DESCRIBE may ask in a way we know; only what it says counts.
  if (state_ == State::Options) return on_options(response);
  return failed({FailureKind::AuthUnsupported, 401, "the sign-in it asks for is neither Digest nor Basic"});
}

std::optional<Event> Client::on_options(const Response& response) {
  for (auto methods : response.headers.find_all("Public")) {
    while (!methods.empty()) {
      if (equal_ignoring_case(trim(take_until(methods, ',')), "GET_PARAMETER")) has_get_parameter_ = true;
    }
  }
  state_ = State::Describing;
  send("DESCRIBE", options_.url.to_string(), {{"Accept", "application/sdp"}});
  return std::nullopt;
}

std::optional<Event> Client::on_describe(const Response& response) {
  auto description = sdp::parse(response.body);
  if (!description) return failed(FailureKind::BadDescription, description.error().message());
  if (description->media.empty())
    return failed(FailureKind::BadDescription, "the description names no stream");
  base_ = control_base(options_.url, response.headers.find("Content-Base").value_or(""),
                       response.headers.find("Content-Location").value_or(""));
  description_ = *std::move(description);
  state_ = State::Described;
  return Described{description_};
}

void Client::play(std::vector<TrackChoice> choices, SteadyTime now) {
  JAL_ASSERT(!choices.empty() && choices.size() <= kTracks);
  if (state_ != State::Described) return;
  now_ = now;
  for (auto& choice : choices) {
    JAL_ASSERT(choice.media < description_.media.size());
    JAL_ASSERT(!choice.is_optional || !tracks_.empty());
    tracks_.push_back({choice, {}});
  }
  state_ = State::SettingUp;
  send_setup();
}

void Client::send_setup() {
  const auto& choice = tracks_[next_track_].choice;
  Transport transport;
  if (choice.udp_ports) {
    transport.client_port = choice.udp_ports;
  } else {
    transport.tcp = true;
    const auto channel = static_cast<std::uint16_t>(next_track_ * 2);
    transport.interleaved = Pair{channel, static_cast<std::uint16_t>(channel + 1)};
  }
  tracks_[next_track_].transport = transport;
  const auto control = description_.media[choice.media].control().value_or("");
  send("SETUP", resolve_control(base_, control), {{"Transport", write(transport)}});
  if (choice.is_optional) answer_deadline_ = now_ + options_.optional_timeout;
}

std::optional<Event> Client::on_setup(const Response& response) {
  if (const auto header = response.headers.find("Session"); header && !session_)
    session_ = parse_session(*header);
  if (auto failure = accept_transport(response, tracks_[next_track_], next_track_)) {
    if (leave_out_track()) return std::nullopt;
    return failed(*std::move(failure));
  }
  next_setup();
  return std::nullopt;
}

void Client::next_setup() {
  if (++next_track_ < tracks_.size()) return send_setup();
  state_ = State::Starting;
  send("PLAY", resolve_control(base_, description_.control().value_or("")), {{"Range", "npt=0.000-"}});
}

/// Goes on without the track whose SETUP is under way. False where there is none, or it has to be there.
bool Client::leave_out_track() {
  if (state_ != State::SettingUp || !tracks_[next_track_].choice.is_optional) return false;
  tracks_[next_track_].is_left_out = true;
  next_setup();
  return true;
}

std::optional<Failure> Client::accept_transport(const Response& response, Track& track, std::size_t index) {
  const auto alternatives = parse_transport(response.headers.find("Transport").value_or(""));
  // Without the header it took what was asked for.
  Transport answer = alternatives.empty() ? track.transport : alternatives.front();
  if (answer.tcp != track.transport.tcp || !answer.unicast) {
    return Failure{FailureKind::TransportRefused, response.status,
                   "SETUP: the answer is for another transport than asked for"};
  }
  if (answer.tcp) {
    const auto pair = answer.interleaved.value_or(*track.transport.interleaved);
    if (channels_[pair.rtp] >= 0 || channels_[pair.rtcp] >= 0 || pair.rtp == pair.rtcp) {
      return Failure{FailureKind::Protocol, 0, "SETUP: two streams on one channel"};
    }
    channels_[pair.rtp] = static_cast<std::int16_t>(index * 2);
    channels_[pair.rtcp] = static_cast<std::int16_t>(index * 2 + 1);
    answer.interleaved = pair;
  }
  track.transport = std::move(answer);
  return std::nullopt;
}

std::optional<Event> Client::on_play(const Response& response) {
  if (const auto header = response.headers.find("Session"); header && !session_)
    session_ = parse_session(*header);
  state_ = State::Playing;
  keep_alive_at_ = now_ + std::min(Microseconds(session_timeout()) / 2, kKeepAliveAtMost);
  Playing playing;
  for (const auto& track : tracks_)
    playing.transports.push_back(track.is_left_out ? std::nullopt : std::optional(track.transport));
  playing.rtp_info = parse_rtp_info(response.headers.find("RTP-Info").value_or(""));
  return playing;
}

void Client::send_keep_alive() {
  keep_alive_at_ = now_ + std::min(Microseconds(session_timeout()) / 2, kKeepAliveAtMost);
  send(has_get_parameter_ ? "GET_PARAMETER" : "OPTIONS",
       resolve_control(base_, description_.control().value_or("")));
}

std::optional<Event> Client::on_keep_alive(const Response& response) {
  if (response.status == 454) return failed(failure_of("keep-alive", 454));
  // Listed in Public and refused all the same: the session was kept alive by OPTIONS in those cameras' own
  // players. At once, since half of the session's time has passed already.
  if (response.status >= 400 && std::exchange(has_get_parameter_, false)) send_keep_alive();
  return std::nullopt;
}

std::optional<Event> Client::on_request(const Request& request) {
  if (request.method == "TEARDOWN") return failed(FailureKind::SessionLost, "the camera ended the session");
  if (request.method == "REDIRECT")
    return redirected({FailureKind::Redirected, 0, "the camera sends its viewers elsewhere"},
                      request.headers);
  auto response =
      answer(request, request.method == "OPTIONS" || request.method == "GET_PARAMETER" ? 200 : 501);
  if (request.method == "OPTIONS") response.headers.add("Public", "OPTIONS, GET_PARAMETER, TEARDOWN");
  output_ += write(response);
  if (output_.size() > kOutputBytes)
    return failed(FailureKind::Protocol, "the camera asks more than it reads");
  return std::nullopt;
}

void Client::send(std::string_view method, std::string uri, Headers headers) {
  pending_ = Request{std::string(method), std::move(uri), std::move(headers), ""};
  send_pending();
}

void Client::send_pending() {
  auto request = *pending_;
  auto& list = request.headers.list();
  list.insert(list.begin(), {"CSeq", std::to_string(++cseq_)});
  if (session_) request.headers.add("Session", session_->id);
  if (const auto value = authenticator_.authorization(request.method, request.uri))
    request.headers.add("Authorization", *value);
  request.headers.add("User-Agent", kUserAgent);
  output_ += write(request);
  answer_deadline_ = now_ + options_.answer_timeout;
}

std::string Client::poll_output() { return std::exchange(output_, {}); }

std::optional<SteadyTime> Client::next_deadline() const {
  if (state_ == State::Ended) return std::nullopt;
  if (pending_) return answer_deadline_;
  return keep_alive_at_;
}

std::optional<Event> Client::on_deadline(SteadyTime now) {
  now_ = now;
  if (state_ == State::Ended) return std::nullopt;
  if (pending_ && now >= answer_deadline_) {
    // Some cameras do not answer a keep-alive while they stream; whether pictures still come is the caller's
    // to watch.
    if (leave_out_track()) return std::nullopt;
    if (state_ != State::Playing)
      return failed(FailureKind::NoAnswer, fmt::format("{}: no answer", pending_->method));
    pending_.reset();
  }
  if (state_ == State::Playing && !pending_ && keep_alive_at_ && now >= *keep_alive_at_) send_keep_alive();
  return std::nullopt;
}

void Client::send_rtcp(std::size_t track, ByteView packet) {
  if (state_ != State::Playing || track >= tracks_.size() || tracks_[track].is_left_out ||
      !tracks_[track].transport.interleaved)
    return;
  if (packet.size() > 0xffff || output_.size() + packet.size() > kOutputBytes) return;
  const auto channel = static_cast<std::uint8_t>(tracks_[track].transport.interleaved->rtcp);
  output_ += as_text(interleaved_header(channel, static_cast<std::uint16_t>(packet.size())));
  output_ += as_text(packet);
}

void Client::teardown(SteadyTime now) {
  now_ = now;
  if (state_ != State::Ended && session_)
    send("TEARDOWN", resolve_control(base_, description_.control().value_or("")));
  state_ = State::Ended;
}

Event Client::failed(FailureKind kind, std::string message) { return failed({kind, 0, std::move(message)}); }

/// A path alone is one of this camera's (RFC 2326 section 12.25 wants a whole URL).
Event Client::redirected(Failure failure, const Headers& headers) {
  const auto location = trim(headers.find("Location").value_or(""));
  auto target = parse_url(location);
  if (!target && location.starts_with('/')) target = parse_url(options_.url.origin() + std::string(location));
  if (target) {
    failure.message += fmt::format(", to {}", target->url.host);
    failure.location = target->url.to_string();
  }
  return failed(std::move(failure));
}

Event Client::failed(Failure failure) {
  state_ = State::Ended;
  return Failed{std::move(failure)};
}

}  // namespace jalousie::rtsp
