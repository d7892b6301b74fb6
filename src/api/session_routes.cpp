#include "api/impl.h"
#include "api/request_rules.h"

namespace jalousie::api {

namespace {

http::Response later(int status, std::string_view title, std::string_view detail, Seconds after) {
  http::Response response = http::Response::problem(status, title, detail);
  response.headers.set("Retry-After", std::to_string(after.count()));
  return response;
}

http::Response too_busy() {
  return later(503, "Too busy", "Too many people are signing in at this moment. Try again in a few seconds.",
               Seconds(3));
}

// Counts what is queued for the hashers, so that a flood is turned away before it costs anything.
class Queued {
 public:
  explicit Queued(std::atomic<std::size_t>& count)
      : count_(count), fits_(++count <= keeper::kHashesAtOnce + keeper::kHashesWaiting) {}
  ~Queued() { --count_; }
  Queued(const Queued&) = delete;
  Queued& operator=(const Queued&) = delete;
  bool fits() const { return fits_; }

 private:
  std::atomic<std::size_t>& count_;
  bool fits_;
};

}  // namespace

void Api::Impl::add_session_routes(http::Router& router) {
  add(router, "POST", "/session", &Impl::sign_in);
  add(router, "GET", "/session", &Impl::get_session);
  add_revoking(router, "DELETE", "/session", &Impl::sign_out);
  add_revoking(router, "DELETE", "/session/all", &Impl::sign_out_everywhere);
  add(router, "POST", "/welcome/lookup", &Impl::look_up_welcome);
  add(router, "POST", "/welcome", &Impl::welcome);
}

// On a worker.
Result<std::string> Api::Impl::describe_session(Principal principal) {
  TRY(const auto homes, parts.keeper.household().homes(principal));
  TRY(const registry::Account account, parts.keeper.sign_in().account(principal));
  return session_json(account, homes);
}

io::Task<http::Response> Api::Impl::begin_session(keeper::SignedIn signed_in) {
  auto described = co_await io::offload(parts.workers, [&] { return describe_session(signed_in.principal); });
  if (!described) co_return Response::from(described.error());
  Response response = Response::json(200, *std::move(described));
  response.headers.add("Set-Cookie", session_cookie(signed_in.cookie));
  co_return response;
}

io::Task<http::Response> Api::Impl::sign_in(Request request) {
  const auto body = json_body(request);
  if (!body) co_return body.error();
  const auto name = body->required("name");
  const auto password = body->required("password");
  const auto allowed = body->allow_only({"name", "password"});
  if (!name) co_return Response::from(name.error());
  if (!password) co_return Response::from(password.error());
  if (!allowed) co_return Response::from(allowed.error());
  const Queued queued(hashing);
  if (!queued.fits() || parts.keeper.sign_in().is_busy()) co_return too_busy();
  auto outcome = co_await io::offload(
      hashers, [&] { return parts.keeper.sign_in().sign_in(*name, *password, request.peer); });
  if (!outcome && outcome.error().kind() == ErrorKind::Unavailable) co_return too_busy();
  if (!outcome) co_return Response::from(outcome.error());
  if (const auto* wait = std::get_if<keeper::TooManyAttempts>(&*outcome)) {
    co_return later(429, "Too many attempts", "Too many attempts failed. Wait a little, then try again.",
                    wait->retry_after);
  }
  co_return co_await begin_session(std::get<keeper::SignedIn>(*std::move(outcome)));
}

io::Task<http::Response> Api::Impl::get_session(Principal principal, Request) {
  auto described = co_await io::offload(parts.workers, [&] { return describe_session(principal); });
  if (!described) co_return Response::from(described.error());
  co_return Response::json(200, *std::move(described));
}

io::Task<http::Response> Api::Impl::sign_out(Principal principal, Request) {
  const auto ended =
      co_await io::offload(parts.revoking, [&] { return parts.keeper.sign_in().sign_out(principal); });
  if (!ended) co_return Response::from(ended.error());
  Response response = Response::no_content();
  response.headers.add("Set-Cookie", no_session_cookie());
  co_return response;
}

io::Task<http::Response> Api::Impl::sign_out_everywhere(Principal principal, Request) {
  const auto ended = co_await io::offload(
      parts.revoking, [&] { return parts.keeper.sign_in().sign_out_everywhere(principal); });
  if (!ended) co_return Response::from(ended.error());
  Response response = Response::no_content();
  response.headers.add("Set-Cookie", no_session_cookie());
  co_return response;
}

io::Task<http::Response> Api::Impl::look_up_welcome(Request request) {
  const auto body = json_body(request);
  if (!body) co_return body.error();
  const auto token = body->required("token");
  if (!token) co_return Response::from(token.error());
  if (const auto allowed = body->allow_only({"token"}); !allowed) co_return Response::from(allowed.error());
  const auto found = co_await io::offload(
      parts.workers, [&] { return parts.keeper.sign_in().look_up_link(*token, request.peer); });
  if (!found) co_return Response::from(found.error());
  co_return Response::json(200, welcome_json(*found));
}

io::Task<http::Response> Api::Impl::welcome(Request request) {
  const auto body = json_body(request);
  if (!body) co_return body.error();
  const auto token = body->required("token");
  const auto password = body->required("password");
  const auto allowed = body->allow_only({"token", "password"});
  if (!token) co_return Response::from(token.error());
  if (!password) co_return Response::from(password.error());
  if (!allowed) co_return Response::from(allowed.error());
  const Queued queued(hashing);
  if (!queued.fits() || parts.keeper.sign_in().is_busy()) co_return too_busy();
  auto signed_in = co_await io::offload(
      hashers, [&] { return parts.keeper.sign_in().use_link(*token, *password, request.peer); });
  if (!signed_in && signed_in.error().kind() == ErrorKind::Unavailable) co_return too_busy();
  if (!signed_in) co_return Response::from(signed_in.error());
  co_return co_await begin_session(*std::move(signed_in));
}

}  // namespace jalousie::api
