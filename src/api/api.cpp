#include "api/api.h"

#include "api/impl.h"
#include "api/request_rules.h"

namespace jalousie::api {

namespace {

constexpr std::string_view kBase = "/api/v1";

// A WebSocket's handshake is a GET that any site's page may make with our cookie, and read the answers to
// (RFC 6455 section 10.2).
bool must_be_from_here(const http::Request& request) {
  if (request.headers.find("Upgrade") || request.headers.find("Sec-WebSocket-Key")) return true;
  return request.method != "GET" && request.method != "HEAD" && request.method != "OPTIONS";
}

http::Response foreign_request() {
  return http::Response::problem(403, "Not from here", "This request came from a page of another site.");
}

}  // namespace

Api::Api(Parts parts) : impl_(std::make_unique<Impl>(std::move(parts))) {}
Api::~Api() = default;

void Api::add_routes(http::Router& router) {
  impl_->add_session_routes(router);
  impl_->add_camera_routes(router);
  impl_->add_watch_routes(router);
  impl_->add_event_routes(router);
}

void Api::set_serving(bool serving) { impl_->serving = serving; }

void Api::Impl::add(http::Router& router, std::string_view method, std::string_view pattern, Open handler) {
  router.add(method, std::string(kBase).append(pattern),
             [this, handler](Request request) { return guard(handler, std::move(request)); });
}

void Api::Impl::add(http::Router& router, std::string_view method, std::string_view pattern,
                    SignedIn handler) {
  router.add(method, std::string(kBase).append(pattern),
             [this, handler](Request request) { return guard(handler, parts.workers, std::move(request)); });
}

void Api::Impl::add_revoking(http::Router& router, std::string_view method, std::string_view pattern,
                             SignedIn handler) {
  router.add(method, std::string(kBase).append(pattern),
             [this, handler](Request request) { return guard(handler, parts.revoking, std::move(request)); });
}

io::Task<http::Response> Api::Impl::guard(Open handler, Request request) {
  if (must_be_from_here(request) && !is_from_here(request)) co_return foreign_request();
  co_return co_await (this->*handler)(std::move(request));
}

io::Task<http::Response> Api::Impl::guard(SignedIn handler, io::Workers& workers, Request request) {
  if (must_be_from_here(request) && !is_from_here(request)) co_return foreign_request();
  const auto principal = co_await authenticate(request, workers);
  if (!principal) co_return Response::from(principal.error());
  co_return co_await (this->*handler)(*principal, std::move(request));
}

// `request` is the caller's, who waits.
io::Task<Result<keeper::Principal>> Api::Impl::authenticate(const Request& request, io::Workers& workers) {
  const std::string cookie = request.cookie(kCookieName).value_or("");
  co_return co_await io::offload(workers,
                                 [this, &cookie] { return parts.keeper.sign_in().authenticate(cookie); });
}

std::expected<Body, http::Response> json_body(const http::Request& request) {
  if (!is_json(request)) {
    return std::unexpected(http::Response::problem(415, "Not JSON", "Send the body as application/json."));
  }
  auto body = Body::parse(request.body);
  if (!body) return std::unexpected(http::Response::from(body.error()));
  return *std::move(body);
}

}  // namespace jalousie::api
