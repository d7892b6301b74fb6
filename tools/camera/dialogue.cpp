#include "camera/dialogue.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/encoding.h"
#include "rtsp/url.h"

namespace jalousie::camera {
namespace {

constexpr std::string_view kMethods =
    "OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, GET_PARAMETER, SET_PARAMETER, TEARDOWN";

std::string_view without_slash(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path;
}

/// Unicast, and with all that the transport needs.
bool is_usable(const rtsp::Transport& transport) {
  if (!transport.unicast) return false;
  if (!transport.tcp) return transport.client_port.has_value();
  return !transport.interleaved || transport.interleaved->rtp != transport.interleaved->rtcp;
}

}  // namespace

Dialogue::Dialogue(const CameraFacts& camera, rtsp::DigestVerifier* verifier, MediaPort& media,
                   RandomSource& random, std::string local_address, SteadyTime now)
    : camera_(camera),
      verifier_(verifier),
      media_(media),
      random_(random),
      local_address_(std::move(local_address)),
      last_heard_(now) {}

rtsp::Response Dialogue::answer(const rtsp::Request& request, SteadyTime now) {
  last_heard_ = now;
  auto response = [&] {
    if (!request.cseq()) return rtsp::answer(request, 400);
    if (request.headers.find("Require") || request.headers.find("Proxy-Require")) {
      auto refused = rtsp::answer(request, 551);
      for (const auto feature : request.headers.find_all("Require"))
        refused.headers.add("Unsupported", feature);
      return refused;
    }
    if (auto refused = challenge(request, now)) return *std::move(refused);
    return dispatch(request);
  }();
  response.headers.add("Server", camera_.product());
  return response;
}

rtsp::Response Dialogue::dispatch(const rtsp::Request& request) {
  const bool keeps_alive = request.method == "OPTIONS" || request.method == "GET_PARAMETER";
  if (state_ == State::Playing && keeps_alive && camera_.quirks.has(Quirk::ForgetfulSession))
    return rtsp::answer(request, 454);
  if (request.method == "OPTIONS") return options(request);
  if (request.method == "DESCRIBE") return describe(request);
  if (request.method == "SETUP") return set_up(request);
  if (request.method == "PLAY") return play(request);
  if (request.method == "PAUSE") return pause(request);
  if (request.method == "TEARDOWN") return tear_down(request);
  const bool known = !camera_.quirks.has(Quirk::NoGetParameter);
  if (known && (request.method == "GET_PARAMETER" || request.method == "SET_PARAMETER"))
    return get_parameter(request);
  auto refused = rtsp::answer(request, 501);
  refused.headers.add("Public", kMethods);
  return refused;
}

/// OPTIONS is free, as on most cameras: players use it to find out that there is a server.
std::optional<rtsp::Response> Dialogue::challenge(const rtsp::Request& request, SteadyTime now) {
  if (verifier_ == nullptr || request.method == "OPTIONS") return std::nullopt;
  using Outcome = rtsp::DigestVerifier::Outcome;
  const auto outcome =
      verifier_->verify(request.headers.find("Authorization").value_or(""), request.method, request.uri, now);
  if (outcome == Outcome::Accepted) return std::nullopt;
  auto refused = rtsp::answer(request, 401);
  const bool stale = outcome == Outcome::Stale && !camera_.quirks.has(Quirk::StaleUnsaid);
  for (const auto& value : verifier_->challenges(stale, now)) refused.headers.add("WWW-Authenticate", value);
  return refused;
}

rtsp::Response Dialogue::options(const rtsp::Request& request) const {
  auto response = state_ == State::Init ? rtsp::answer(request, 200) : in_session(request);
  response.headers.add("Public", kMethods);
  return response;
}

std::optional<Dialogue::Target> Dialogue::find(const std::string& uri) const {
  const auto url = rtsp::parse_url(uri);
  if (!url) return std::nullopt;
  auto path = std::string_view(url->url.path);
  path = without_slash(path.substr(0, path.find('?')));
  std::optional<std::size_t> track;
  for (std::size_t i = 0; i < (camera_.sound ? kTracks : kSoundTrack); ++i) {
    const std::string control = "/" + control_of(i);
    if (!path.ends_with(control)) continue;
    path.remove_suffix(control.size());
    track = i;
    break;
  }
  if (path.empty()) path = "/";
  if (path == camera_.root) return Target{0, track};
  for (std::size_t i = 0; i < camera_.streams.size(); ++i) {
    if (path == camera_.streams[i].path) return Target{i, track};
  }
  return std::nullopt;
}

rtsp::Response Dialogue::describe(const rtsp::Request& request) const {
  if (!camera_.redirect_to.empty()) {
    auto moved = rtsp::answer(request, 302);
    moved.headers.add("Location", camera_.redirect_to);
    return moved;
  }
  const auto target = find(request.uri);
  if (!target) return rtsp::answer(request, 404);
  if (const auto accept = request.headers.find("Accept");
      accept && accept->find("application/sdp") == std::string_view::npos &&
      accept->find("*/*") == std::string_view::npos) {
    return rtsp::answer(request, 406);
  }
  auto response = rtsp::answer(request, 200);
  response.headers.add("Content-Base", std::string(without_slash(request.uri)) + "/");
  response.headers.add("Content-Type", "application/sdp");
  response.body = camera::describe(camera_, camera_.streams[target->stream], local_address_);
  return response;
}

rtsp::Response Dialogue::set_up(const rtsp::Request& request) {
  const auto target = find(request.uri);
  if (!target) return rtsp::answer(request, 404);
  if (state_ == State::Playing) return rtsp::answer(request, 455);
  if (state_ == State::Ready) {
    if (auto refused = check_session(request)) return *std::move(refused);
    if (target->stream != stream_) return rtsp::answer(request, 459);  // one session, one stream
  }
  const auto offers = rtsp::parse_transport(request.headers.find("Transport").value_or(""));
  const auto offer = std::ranges::find_if(offers, [this](const auto& one) {
    return is_usable(one) && !camera_.quirks.has(one.tcp ? Quirk::NoTcp : Quirk::NoUdp);
  });
  if (offer == offers.end()) return rtsp::answer(request, 461);
  const auto chosen = media_.set_up(target->stream, target->track.value_or(kPictureTrack), *offer);
  if (!chosen) return rtsp::answer(request, 453);
  stream_ = target->stream;
  if (state_ == State::Init) {
    std::array<std::uint8_t, 8> id{};
    random_.fill(id);
    session_ = encode_hex(id);
    state_ = State::Ready;
  }
  auto response = in_session(request);
  response.headers.add("Transport", rtsp::write(*chosen));
  return response;
}

rtsp::Response Dialogue::play(const rtsp::Request& request) {
  if (state_ == State::Init) return rtsp::answer(request, 455);
  if (auto refused = check_session(request)) return *std::move(refused);
  const auto target = find(request.uri);
  if (!target || target->stream != stream_) return rtsp::answer(request, 404);
  const auto starts = media_.play();
  state_ = State::Playing;
  auto response = in_session(request);
  response.headers.add("Range", "npt=now-");
  auto base = std::string(without_slash(request.uri.substr(0, request.uri.find('?'))));
  if (target->track) base.resize(base.size() - control_of(*target->track).size() - 1);
  std::vector<rtsp::RtpInfo> infos;
  infos.reserve(starts.size());
  for (const auto& start : starts)
    infos.push_back({base + "/" + control_of(start.track), start.sequence, start.rtp_time});
  response.headers.add("RTP-Info", rtsp::write(infos));
  return response;
}

rtsp::Response Dialogue::pause(const rtsp::Request& request) {
  if (state_ == State::Init) return rtsp::answer(request, 455);
  if (auto refused = check_session(request)) return *std::move(refused);
  media_.pause();
  state_ = State::Ready;
  return in_session(request);
}

rtsp::Response Dialogue::tear_down(const rtsp::Request& request) {
  if (auto refused = check_session(request)) return *std::move(refused);
  media_.tear_down();
  auto response = rtsp::answer(request, 200);
  response.headers.add("Session", session_);
  state_ = State::Init;
  session_.clear();
  return response;
}

/// Keep-alive: what a body asks for or sets is not known here.
rtsp::Response Dialogue::get_parameter(const rtsp::Request& request) const {
  if (!request.body.empty()) return rtsp::answer(request, 451);
  if (request.headers.find("Session")) {
    if (auto refused = check_session(request)) return *std::move(refused);
    return in_session(request);
  }
  return rtsp::answer(request, 200);
}

std::optional<rtsp::Response> Dialogue::check_session(const rtsp::Request& request) const {
  const auto given = rtsp::parse_session(request.headers.find("Session").value_or(""));
  if (state_ != State::Init && given && given->id == session_) return std::nullopt;
  return rtsp::answer(request, 454);
}

rtsp::Response Dialogue::in_session(const rtsp::Request& request) const {
  auto response = rtsp::answer(request, 200);
  response.headers.add("Session", rtsp::write(rtsp::SessionHeader{session_, camera_.session_timeout}));
  return response;
}

}  // namespace jalousie::camera
