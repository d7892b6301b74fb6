#include <algorithm>
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include "api/impl.h"
#include "api/request_rules.h"
#include "base/limits.h"

namespace jalousie::api {

namespace {

// How soon it is worth asking again: a budget refills by the second, a camera reconnects within seconds, a
// privacy switch is a person's.
constexpr std::string_view kSoon = "1";
constexpr std::string_view kInAWhile = "5";
constexpr std::string_view kLater = "30";

/// 0 where it is not said; nothing where it is no number. Snapped to what is useful; no picture has more than
/// 16 bits of width.
std::optional<std::uint16_t> still_width(const http::Request& request) {
  const auto found = request.query.find("width");
  if (found == request.query.end()) return 0;
  std::uint64_t width = 0;
  const char* const end = found->second.data() + found->second.size();
  const auto [rest, error] = std::from_chars(found->second.data(), end, width);
  if (rest != end || error == std::errc::invalid_argument) return std::nullopt;
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint16_t>::max();
  if (error == std::errc::result_out_of_range) return kMost;
  return static_cast<std::uint16_t>(std::clamp<std::uint64_t>(width, limits::kStillWidthLeast, kMost));
}

std::optional<StreamId> stream_in(const http::Request& request) {
  const auto found = request.query.find("stream");
  if (found == request.query.end() || found->second == "main") return StreamId::Main;
  if (found->second == "sub") return StreamId::Sub;
  return std::nullopt;
}

http::Response no_such_stream() {
  return http::Response::problem(400, "Bad request", "stream: must be main or sub.");
}

http::Response unavailable(std::string_view detail, std::string_view retry_after) {
  http::Response response = http::Response::problem(503, "No picture", detail);
  response.headers.set("Retry-After", std::string(retry_after));
  return response;
}

}  // namespace

void Api::Impl::add_watch_routes(http::Router& router) {
  add(router, "OPTIONS", "/cameras/{camera}/whep", &Impl::whep_options);
  add(router, "POST", "/cameras/{camera}/whep", &Impl::whep_offer);
  add(router, "GET", "/cameras/{camera}/still.jpg", &Impl::still);
  add(router, "GET", "/cameras/{camera}/mse", &Impl::mse_open);
  add(router, "PATCH", "/viewings/{viewing}", &Impl::whep_patch);
  add(router, "DELETE", "/viewings/{viewing}", &Impl::whep_remove);
  router.add("GET", "/healthz", [this](Request request) { return health(std::move(request)); });
  router.add("GET", "/metrics", [this](Request request) { return metrics(std::move(request)); });
}

// The same for every camera, there or not.
io::Task<http::Response> Api::Impl::whep_options(Request) {
  Response response = Response::no_content();
  response.headers.add("Accept-Post", "application/sdp");
  response.headers.add("Allow", "OPTIONS, POST");
  co_return response;
}

io::Task<http::Response> Api::Impl::whep_offer(Principal principal, Request request) {
  const auto camera = id_in<CameraId>(request, "camera");
  const auto stream = stream_in(request);
  if (!stream) co_return no_such_stream();
  co_return co_await parts.whep.offer(principal, camera, *stream, std::move(request));
}

io::Task<http::Response> Api::Impl::still(Principal principal, Request request) {
  const auto camera = id_in<CameraId>(request, "camera");
  const auto width = still_width(request);
  if (!width) co_return Response::problem(400, "Bad request", "width: expected a number of pixels.");
  const auto still = co_await parts.stills.still(principal, camera, *width);
  if (!still) co_return no_still(still.error());
  Response response;
  response.borrowed_body = still->jpeg;
  response.body_owner = still->owner;
  response.headers.set("Content-Type", "image/jpeg");
  const Microseconds age = std::max<Microseconds>(parts.clock.utc() - still->capture, Microseconds(0));
  response.headers.set("Age", std::to_string(std::chrono::floor<Seconds>(age).count()));
  response.headers.set("X-Capture-Time", to_rfc3339(still->capture));
  co_return response;
}

// What the camera is doing is said under a grant alone: without one the registry, in trouble, may not have
// said whose camera it is.
http::Response Api::Impl::no_still(const NoStill& none) const {
  const Error& error = none.error;
  switch (error.kind()) {
    case ErrorKind::FailedPrecondition:
      return unavailable(error.message(), kLater);
    case ErrorKind::ResourceExhausted: {
      Response response = Response::from(error);
      response.headers.set("Retry-After", std::string(kSoon));
      return response;
    }
    case ErrorKind::Unavailable:
    case ErrorKind::DataLoss:
    case ErrorKind::DeadlineExceeded: {
      if (!none.granted) return unavailable("Whether there is one cannot be said at the moment.", kInAWhile);
      const auto state = parts.cameras.state(*none.granted);
      if (!state || state->state == "live") return unavailable(error.message(), kInAWhile);
      return unavailable(fmt::format("No picture since {}: {}", to_rfc3339(state->since),
                                     state->reason.empty() ? state->state : state->reason),
                         kInAWhile);
    }
    default:
      return Response::from(error);
  }
}

io::Task<http::Response> Api::Impl::whep_patch(Principal principal, Request request) {
  const auto viewing = id_in<ViewingId>(request, "viewing");
  co_return co_await parts.whep.patch(principal, viewing, std::move(request));
}

io::Task<http::Response> Api::Impl::whep_remove(Principal principal, Request request) {
  co_return co_await parts.whep.remove(principal, id_in<ViewingId>(request, "viewing"));
}

io::Task<http::Response> Api::Impl::mse_open(Principal principal, Request request) {
  const auto camera = id_in<CameraId>(request, "camera");
  const auto stream = stream_in(request);
  if (!stream) co_return no_such_stream();
  co_return co_await parts.mse.open(principal, camera, *stream, std::move(request));
}

io::Task<http::Response> Api::Impl::health(Request) const {
  const bool is_serving = serving;
  co_return Response::json(is_serving ? 200 : 503, health_json(is_serving, parts.version));
}

io::Task<http::Response> Api::Impl::metrics(Request request) const {
  if (!is_local(request)) co_return Response::problem(404, "Not found", "There is nothing at this address.");
  co_return Response::text(200, parts.metrics.prometheus_text(), "text/plain; version=0.0.4; charset=utf-8");
}

}  // namespace jalousie::api
