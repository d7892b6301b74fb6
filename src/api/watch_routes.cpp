#include "api/impl.h"
#include "api/request_rules.h"

namespace jalousie::api {

void Api::Impl::add_watch_routes(http::Router& router) {
  add(router, "OPTIONS", "/cameras/{camera}/whep", &Impl::whep_options);
  add(router, "POST", "/cameras/{camera}/whep", &Impl::whep_offer);
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
  co_return co_await parts.whep.offer(principal, camera, std::move(request));
}

io::Task<http::Response> Api::Impl::whep_patch(Principal principal, Request request) {
  const auto viewing = id_in<ViewingId>(request, "viewing");
  co_return co_await parts.whep.patch(principal, viewing, std::move(request));
}

io::Task<http::Response> Api::Impl::whep_remove(Principal principal, Request request) {
  co_return co_await parts.whep.remove(principal, id_in<ViewingId>(request, "viewing"));
}

io::Task<http::Response> Api::Impl::health(Request) {
  const bool is_serving = serving;
  co_return Response::json(is_serving ? 200 : 503, health_json(is_serving, parts.version));
}

io::Task<http::Response> Api::Impl::metrics(Request request) {
  if (!is_local(request)) co_return Response::problem(404, "Not found", "There is nothing at this address.");
  co_return Response::text(200, parts.metrics.prometheus_text(), "text/plain; version=0.0.4; charset=utf-8");
}

}  // namespace jalousie::api
