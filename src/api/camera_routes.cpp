#include <algorithm>

#include <fmt/format.h>

#include "api/camera_form.h"
#include "api/impl.h"
#include "api/natural_order.h"

namespace jalousie::api {

namespace {

http::Response too_many(const ProbeGate::Refusal& refusal, std::string_view what) {
  std::string_view who = "this server";
  if (refusal.crowd == ProbeGate::Crowd::Account) who = "you";
  if (refusal.crowd == ProbeGate::Crowd::Home) who = "this home";
  const auto seconds = refusal.retry_after.count();
  http::Response response = http::Response::problem(
      429, "Too many cameras at a time",
      refusal.at_once
          ? fmt::format("As many {} are under way as {} may have at once: wait for one to end.", what, who)
          : fmt::format("There were as many {} in the last minute as {} may have: try again in {} second{}.",
                        what, who, seconds, seconds == 1 ? "" : "s"));
  response.headers.set("Retry-After", std::to_string(seconds));
  return response;
}

constexpr std::string_view kTests = "test connections";
constexpr std::string_view kAddresses = "new camera addresses";

}  // namespace

void Api::Impl::add_camera_routes(http::Router& router) {
  add(router, "GET", "/homes/{home}/cameras", &Impl::list_cameras);
  add(router, "POST", "/homes/{home}/cameras", &Impl::add_camera);
  add(router, "POST", "/homes/{home}/cameras/test", &Impl::test_camera);
  add(router, "GET", "/cameras/{camera}", &Impl::get_camera);
  add_revoking(router, "PATCH", "/cameras/{camera}", &Impl::change_camera);
  add_revoking(router, "DELETE", "/cameras/{camera}", &Impl::remove_camera);
}

Result<CameraView> Api::Impl::view(registry::Camera camera) {
  TRY(const auto suspensions, parts.store.suspensions().suspensions());
  auto state = parts.cameras.state({camera.home, camera.id, camera.tenure});
  return view_of(std::move(camera), std::move(state), suspensions);
}

Result<std::vector<CameraView>> Api::Impl::views(Principal principal, HomeId home) {
  TRY(auto cameras, parts.keeper.household().cameras(principal, home));
  TRY(const auto suspensions, parts.store.suspensions().suspensions());
  std::vector<CameraView> made;
  for (registry::Camera& camera : cameras) {
    auto state = parts.cameras.state({camera.home, camera.id, camera.tenure});
    made.push_back(view_of(std::move(camera), std::move(state), suspensions));
  }
  std::ranges::sort(made, [](const CameraView& one, const CameraView& other) {
    const auto order = natural_order(one.camera.name, other.camera.name);
    return order != 0 ? order < 0 : one.camera.id < other.camera.id;
  });
  return made;
}

io::Task<http::Response> Api::Impl::list_cameras(Principal principal, Request request) {
  const auto home = id_in<HomeId>(request, "home");
  const auto found = co_await io::offload(parts.workers, [&] { return views(principal, home); });
  if (!found) co_return Response::from(found.error());
  co_return Response::json(200, cameras_json(*found, parts.clock.utc()));
}

io::Task<http::Response> Api::Impl::add_camera(Principal principal, Request request) {
  const auto home = id_in<HomeId>(request, "home");
  const auto owns =
      co_await io::offload(parts.workers, [&] { return parts.keeper.household().must_own(principal, home); });
  if (!owns) co_return Response::from(owns.error());
  const auto body = json_body(request);
  if (!body) co_return body.error();
  const auto camera = new_camera(*body, true);
  if (!camera) co_return Response::from(camera.error());
  const auto place = new_addresses.enter(principal.account, home, parts.clock.steady());
  if (!place) co_return too_many(place.error(), kAddresses);
  const auto added = co_await io::offload(parts.workers, [&]() -> Result<CameraView> {
    TRY(registry::Camera made, parts.keeper.household().add_camera(principal, home, *camera));
    return view(std::move(made));
  });
  if (!added) co_return Response::from(added.error());
  Response response = Response::json(201, camera_json(*added, parts.clock.utc()));
  response.headers.add("Location", "/api/v1/cameras/" + added->camera.id.to_string());
  co_return response;
}

io::Task<http::Response> Api::Impl::test_camera(Principal principal, Request request) {
  const auto home = id_in<HomeId>(request, "home");
  const auto owns =
      co_await io::offload(parts.workers, [&] { return parts.keeper.household().must_own(principal, home); });
  if (!owns) co_return Response::from(owns.error());
  const auto body = json_body(request);
  if (!body) co_return body.error();
  auto camera = new_camera(*body, false);
  if (!camera) co_return Response::from(camera.error());
  const auto place = probes.enter(principal.account, home, parts.clock.steady());
  if (!place) co_return too_many(place.error(), kTests);
  const ProbeOutcome outcome = co_await parts.prober.probe(*std::move(camera));
  co_return Response::json(200, probe_json(outcome));
}

io::Task<http::Response> Api::Impl::get_camera(Principal principal, Request request) {
  const auto id = id_in<CameraId>(request, "camera");
  const auto found = co_await io::offload(parts.workers, [&]() -> Result<CameraView> {
    TRY(registry::Camera camera, parts.keeper.household().camera(principal, id));
    return view(std::move(camera));
  });
  if (!found) co_return Response::from(found.error());
  co_return Response::json(200, camera_json(*found, parts.clock.utc()));
}

io::Task<http::Response> Api::Impl::change_camera(Principal principal, Request request) {
  const auto id = id_in<CameraId>(request, "camera");
  // Before the body is looked at: who may not know of the camera learns nothing from what is wrong with it.
  const auto known =
      co_await io::offload(parts.revoking, [&] { return parts.keeper.household().camera(principal, id); });
  if (!known) co_return Response::from(known.error());
  const auto body = json_body(request);
  if (!body) co_return body.error();
  const auto change = camera_change(*body);
  if (!change) co_return Response::from(change.error());
  ProbeGate::Place place;
  if (change->url || (change->sub_url && !change->sub_url->empty())) {
    // Who may not change it uses up nothing.
    const auto owns = co_await io::offload(
        parts.workers, [&] { return parts.keeper.household().must_own(principal, known->home); });
    if (!owns) co_return Response::from(owns.error());
    auto entered = new_addresses.enter(principal.account, known->home, parts.clock.steady());
    if (!entered) co_return too_many(entered.error(), kAddresses);
    place = *std::move(entered);
  }
  const auto changed = co_await io::offload(parts.revoking, [&]() -> Result<CameraView> {
    TRY(registry::Camera camera, parts.keeper.household().change_camera(principal, id, *change));
    return view(std::move(camera));
  });
  if (!changed) co_return Response::from(changed.error());
  co_return Response::json(200, camera_json(*changed, parts.clock.utc()));
}

io::Task<http::Response> Api::Impl::remove_camera(Principal principal, Request request) {
  const auto id = id_in<CameraId>(request, "camera");
  const auto removed = co_await io::offload(
      parts.revoking, [&] { return parts.keeper.household().remove_camera(principal, id); });
  if (!removed) co_return Response::from(removed.error());
  co_return Response::no_content();
}

}  // namespace jalousie::api
