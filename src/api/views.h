// What the API shows, and its JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/doors.h"
#include "keeper/household.h"
#include "keeper/sign_in.h"
#include "registry/records.h"

namespace jalousie::api {

struct CameraView {
  registry::Camera camera;
  CameraState state;
};

/// Privacy and suspension come before whatever the connection says.
CameraView view_of(registry::Camera camera, std::optional<CameraState> state,
                   const std::vector<registry::Suspension>& suspensions);

/// "host:port" of a URL without credentials.
std::string_view host_of(std::string_view url);

std::string session_json(const registry::Account& account, const std::vector<keeper::HomeView>& homes);
std::string welcome_json(const keeper::Welcome& welcome);
/// `now`: for the age of the newest picture; without it the age is left out, which is what two views are
/// compared by.
std::string camera_json(const CameraView& view, std::optional<UtcTime> now);
std::string cameras_json(const std::vector<CameraView>& views, UtcTime now);
std::string probe_json(const ProbeOutcome& outcome);
std::string gone_json(CameraId camera);
std::string picture_time_json(const PictureTime& picture, UtcTime now);
std::string viewing_ended_json(const ViewingEnded& ended);
std::string health_json(bool serving, std::string_view version);
std::string server_json(std::string_view run, std::string_view version);

}  // namespace jalousie::api
