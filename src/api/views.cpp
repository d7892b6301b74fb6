#include "api/views.h"

#include <algorithm>
#include <cmath>

#include <boost/json.hpp>

namespace jalousie::api {

namespace {

namespace json = boost::json;

json::string text(std::string_view from) { return json::string(from.data(), from.size()); }

json::value video_value(const std::optional<VideoFacts>& video) {
  if (!video) return nullptr;
  // Two digits are enough for 29.97; 0 says that it is not known.
  return json::object{{"codec", text(video->codec)},
                      {"width", video->width},
                      {"height", video->height},
                      {"fps", std::round(video->fps * 100) / 100}};
}

json::value audio_value(const std::optional<AudioFacts>& audio) {
  if (!audio) return nullptr;
  return json::object{{"codec", text(audio->codec)}, {"rate", audio->rate}, {"channels", audio->channels}};
}

json::object sub_object(const SubState& sub) {
  return {{"state", text(sub.state)}, {"reason", text(sub.reason)}, {"video", video_value(sub.video)}};
}

json::value sub_value(const registry::Camera& camera, const SubState& sub) {
  if (camera.sub_url.empty()) return nullptr;
  return sub_object(sub);
}

json::object camera_value(const CameraView& view, std::optional<UtcTime> now) {
  const auto& [camera, state] = view;
  json::object value{{"id", text(camera.id.to_string())},
                     {"home", text(camera.home.to_string())},
                     {"name", text(camera.name)},
                     {"model", text(camera.model)},
                     {"firmware", text(camera.firmware)},
                     {"time_zone", text(camera.time_zone)},
                     {"host", text(host_of(camera.url))},
                     {"transport", text(to_string(camera.transport))},
                     {"state", text(state.state)},
                     {"reason", text(state.reason)},
                     {"advice", text(state.advice)},
                     {"since", text(to_rfc3339(state.since))},
                     {"video", video_value(state.video)},
                     {"audio", audio_value(state.audio)},
                     {"sound", camera.sound ? "on" : "off"},
                     {"sub", sub_value(camera, state.sub)}};
  if (!now) return value;
  if (state.newest_capture) {
    const auto age = std::chrono::duration_cast<Milliseconds>(*now - *state.newest_capture).count();
    value["age_ms"] = std::max<std::int64_t>(age, 0);
  } else {
    value["age_ms"] = nullptr;
  }
  return value;
}

const registry::Suspension* suspension_of(const registry::Camera& camera,
                                          const std::vector<registry::Suspension>& all) {
  const auto touches = [&camera](const registry::Suspension& suspension) {
    switch (suspension.kind) {
      case registry::SuspensionKind::Home:
        return suspension.subject == camera.home.to_string();
      case registry::SuspensionKind::Camera:
        return suspension.subject == camera.id.to_string();
      case registry::SuspensionKind::Model:
        return suspension.subject == camera.model;
      case registry::SuspensionKind::Firmware:
        return suspension.subject == camera.model + " " + camera.firmware;
      case registry::SuspensionKind::Door:
        return false;
    }
    return false;
  };
  const auto found = std::ranges::find_if(all, touches);
  return found == all.end() ? nullptr : &*found;
}

}  // namespace

CameraView view_of(registry::Camera camera, std::optional<CameraState> state,
                   const std::vector<registry::Suspension>& suspensions) {
  CameraView view{std::move(camera), {}};
  view.state.state = "connecting";
  if (state) view.state = *std::move(state);
  if (const registry::Suspension* suspension = suspension_of(view.camera, suspensions)) {
    view.state = {.state = "suspended",
                  .reason = suspension->reason,
                  .advice = "Whoever runs this server switched it off for now.",
                  .since = suspension->since,
                  .video = std::nullopt,
                  .newest_capture = std::nullopt};
  } else if (view.camera.privacy) {
    const UtcTime since = view.state.state == "privacy" ? view.state.since : UtcTime();
    view.state = {.state = "privacy",
                  .reason = "Privacy is on: nobody sees this camera's pictures.",
                  .advice = "An owner can switch it off.",
                  .since = since,
                  .video = std::nullopt,
                  .newest_capture = std::nullopt};
  }
  return view;
}

std::string_view host_of(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  return url.substr(0, url.find_first_of("/?#"));
}

std::string session_json(const registry::Account& account, const std::vector<keeper::HomeView>& homes) {
  json::array list;
  for (const keeper::HomeView& view : homes) {
    list.push_back(json::object{{"id", text(view.home.id.to_string())},
                                {"name", text(view.home.name)},
                                {"role", text(to_string(view.role))},
                                {"colour", text(view.home.colour)}});
  }
  return json::serialize(json::object{
      {"account", json::object{{"id", text(account.id.to_string())}, {"name", text(account.name)}}},
      {"homes", std::move(list)}});
}

std::string welcome_json(const keeper::Welcome& welcome) {
  return json::serialize(json::object{
      {"account", json::object{{"name", text(welcome.account.name)}}},
      {"home", json::object{{"id", text(welcome.home.id.to_string())}, {"name", text(welcome.home.name)}}}});
}

std::string camera_json(const CameraView& view, std::optional<UtcTime> now) {
  return json::serialize(camera_value(view, now));
}

std::string cameras_json(const std::vector<CameraView>& views, UtcTime now) {
  json::array list;
  for (const CameraView& view : views) list.push_back(camera_value(view, now));
  return json::serialize(json::object{{"cameras", std::move(list)}});
}

std::string probe_json(const ProbeOutcome& outcome) {
  if (outcome.video) {
    json::object found{{"ok", true}, {"video", video_value(outcome.video)}};
    if (outcome.sub) found["sub"] = sub_object(*outcome.sub);
    return json::serialize(found);
  }
  return json::serialize(json::object{{"ok", false},
                                      {"state", text(outcome.state)},
                                      {"reason", text(outcome.reason)},
                                      {"advice", text(outcome.advice)}});
}

std::string gone_json(CameraId camera) {
  return json::serialize(json::object{{"id", text(camera.to_string())}});
}

std::string picture_time_json(const PictureTime& picture, UtcTime now) {
  return json::serialize(json::object{{"id", text(picture.viewing.to_string())},
                                      {"rtp_timestamp", picture.rtp_timestamp},
                                      {"capture_us", to_us(picture.capture)},
                                      {"now_us", to_us(now)}});
}

std::string viewing_ended_json(const ViewingEnded& ended) {
  return json::serialize(
      json::object{{"id", text(ended.viewing.to_string())}, {"reason", text(to_string(ended.reason))}});
}

std::string health_json(bool serving, std::string_view version) {
  return json::serialize(
      json::object{{"status", serving ? "ok" : "unavailable"}, {"version", text(version)}});
}

std::string server_json(std::string_view run, std::string_view version) {
  return json::serialize(json::object{{"run", text(run)}, {"version", text(version)}});
}

}  // namespace jalousie::api
