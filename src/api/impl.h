// The API's handlers, by part: sessions, cameras, watching, events. Private to this room.
#pragma once

#include <atomic>
#include <map>
#include <mutex>

#include "api/api.h"
#include "api/body.h"
#include "api/page_cameras.h"
#include "api/probe_gate.h"
#include "api/views.h"

namespace jalousie::api {

/// One event stream per page is usual; a session with this many has lost count.
inline constexpr std::size_t kEventStreamsPerSession = 16;
/// Test connections: enough for somebody who sets up a house full of cameras and mistypes now and then, too
/// few to search a network for what listens there.
inline constexpr ProbeGate::Bounds kProbes{.account = {.at_once = 2, .per_minute = 12},
                                           .home = {.at_once = 3, .per_minute = 20},
                                           .all = {.at_once = 8, .per_minute = 60}};
/// New addresses of cameras, which are connected to as well: no way round the bounds above.
inline constexpr ProbeGate::Bounds kNewAddresses{.account = {.at_once = 4, .per_minute = 30},
                                                 .home = {.at_once = 4, .per_minute = 30},
                                                 .all = {.at_once = 32, .per_minute = 300}};
/// How often a stream looks whether the registry was changed, and how often it looks anew whatever the
/// counter says (guest dates and sessions run out without a change).
inline constexpr Microseconds kLookEvery = Milliseconds(500);
inline constexpr Microseconds kLookAnewEvery = Seconds(20);
/// Changes of cameras are told at once, and then at most this often to one page: what changed in between goes
/// out together, each camera as it is by then.
inline constexpr Microseconds kTellEvery = Milliseconds(250);
inline constexpr Microseconds kCommentEvery = Seconds(15);

struct Api::Impl {
  using Request = http::Request;
  using Response = http::Response;
  using Principal = keeper::Principal;
  using Open = io::Task<Response> (Impl::*)(Request);
  using SignedIn = io::Task<Response> (Impl::*)(Principal, Request);

  explicit Impl(Parts all) : parts(std::move(all)) {}

  // Registration: a handler for anybody, and one for who is signed in.
  void add(http::Router& router, std::string_view method, std::string_view pattern, Open handler);
  void add(http::Router& router, std::string_view method, std::string_view pattern, SignedIn handler);
  /// One that may end viewings: nothing of it, from the cookie on, waits for the common workers.
  void add_revoking(http::Router& router, std::string_view method, std::string_view pattern,
                    SignedIn handler);
  io::Task<Response> guard(Open handler, Request request);
  io::Task<Response> guard(SignedIn handler, io::Workers& workers, Request request);
  io::Task<Result<Principal>> authenticate(const Request& request, io::Workers& workers);

  // session_routes.cpp
  void add_session_routes(http::Router& router);
  io::Task<Response> sign_in(Request request);
  io::Task<Response> get_session(Principal principal, Request request);
  io::Task<Response> sign_out(Principal principal, Request request);
  io::Task<Response> sign_out_everywhere(Principal principal, Request request);
  io::Task<Response> look_up_welcome(Request request);
  io::Task<Response> welcome(Request request);
  io::Task<Response> begin_session(keeper::SignedIn signed_in);
  Result<std::string> describe_session(Principal principal);

  // camera_routes.cpp
  void add_camera_routes(http::Router& router);
  io::Task<Response> list_cameras(Principal principal, Request request);
  io::Task<Response> add_camera(Principal principal, Request request);
  io::Task<Response> test_camera(Principal principal, Request request);
  io::Task<Response> get_camera(Principal principal, Request request);
  io::Task<Response> change_camera(Principal principal, Request request);
  io::Task<Response> remove_camera(Principal principal, Request request);
  /// On a worker.
  Result<CameraView> view(registry::Camera camera);
  Result<std::vector<CameraView>> views(Principal principal, HomeId home);
  Result<Visible> visible(Principal principal);

  // watch_routes.cpp
  void add_watch_routes(http::Router& router);
  io::Task<Response> whep_options(Request request);
  io::Task<Response> whep_offer(Principal principal, Request request);
  io::Task<Response> whep_patch(Principal principal, Request request);
  io::Task<Response> whep_remove(Principal principal, Request request);
  io::Task<Response> still(Principal principal, Request request);
  Response no_still(const NoStill& none) const;
  io::Task<Response> mse_open(Principal principal, Request request);
  io::Task<Response> health(Request request) const;
  io::Task<Response> metrics(Request request) const;

  // event_routes.cpp
  void add_event_routes(http::Router& router);
  io::Task<Response> events(Principal principal, Request request);
  struct Page;
  io::Task<> stream_events(Principal principal, std::shared_ptr<void> place, http::EventStream& stream);
  io::Task<bool> tell_of_viewings(Page& page);
  io::Task<bool> tell_of_cameras(Page& page);
  io::Task<bool> look_anew(Page& page, std::optional<std::uint64_t> counter);
  std::shared_ptr<void> take_stream_place(SessionId session);
  /// The registry's change counter, read at most once per kLookEvery for all streams.
  io::Task<std::optional<std::uint64_t>> changes();

  Parts parts;
  std::atomic<bool> serving{true};
  ProbeGate probes{kProbes};
  ProbeGate new_addresses{kNewAddresses};
  std::mutex streams_mutex;
  std::map<SessionId, std::size_t> streams;
  std::atomic<std::int64_t> changes_read_us{0};
  std::atomic<std::uint64_t> changes_seen{0};
  std::atomic<std::size_t> hashing{0};
  io::Workers hashers{keeper::kHashesAtOnce};  // their own: a flood of sign-ins does not keep viewers waiting
};

/// A JSON body of the request, or what to answer.
std::expected<Body, http::Response> json_body(const http::Request& request);

/// An id of the path. One that is none names nothing: nil, which nobody has, goes the way of any unknown id.
template <class T>
T id_in(const http::Request& request, std::string_view parameter) {
  const auto found = request.parameters.find(parameter);
  return found == request.parameters.end() ? T() : T::parse(found->second).value_or(T());
}

}  // namespace jalousie::api
