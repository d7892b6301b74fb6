#include "http/connection.h"

#include <algorithm>
#include <array>
#include <exception>

#include <fmt/format.h>

#include "base/log.h"
#include "http/defaults.h"
#include "http/request_parser.h"
#include "http/response_writer.h"
#include "http/web_socket_session.h"
#include "io/task_group.h"

namespace jalousie::http {

namespace {

constexpr std::size_t kReadBytes = std::size_t{8} << 10;
constexpr std::size_t kWriteBytes = std::size_t{128} << 10;  // what one write limit is for
// What a client may still send after an answer that closes: closing at once would reset the connection, and
// the answer would be lost on its way (RFC 9112 section 9.6).
constexpr std::size_t kLingerBytes = 1 << 20;
constexpr Microseconds kLinger = Seconds(2);

using SteadyPoint = std::chrono::steady_clock::time_point;

Microseconds left_until(SteadyPoint due) {
  return std::max(std::chrono::duration_cast<Microseconds>(due - std::chrono::steady_clock::now()),
                  Microseconds::zero());
}

std::string what_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "not a std::exception";
  }
}

class Events final : public EventStream {
 public:
  Events(io::Stream& stream, Microseconds timeout) : stream_(stream), timeout_(timeout) {}
  io::Task<Result<>> send(std::string_view event, std::string_view data) override {
    const std::string text = write_event(event, data);
    co_return co_await stream_.write(as_bytes(text), timeout_);
  }
  io::Task<Result<>> comment(std::string_view text) override {
    const std::string written = write_comment(text);
    co_return co_await stream_.write(as_bytes(written), timeout_);
  }

 private:
  io::Stream& stream_;
  Microseconds timeout_;
};

// How receiving a request ended other than with one.
enum class Quiet : std::uint8_t { Closed };  // by the peer, or idle for too long: nothing to say
using Ended = std::variant<Quiet, Refusal>;

class Connection {
 public:
  Connection(Service& service, std::unique_ptr<io::Stream> stream)
      : service_(service), stream_(std::move(stream)), input_(kReadBytes) {}

  io::Task<> run() {
    for (bool keep = true; keep;) {
      RequestParser parser;
      const auto ended = co_await receive(parser);
      if (!ended) {
        keep = co_await answer(parser);
      } else if (const auto* refusal = std::get_if<Refusal>(&*ended)) {
        co_await refuse(*refusal);
        keep = false;
      } else {
        co_return;
      }
    }
    co_await linger();
  }

 private:
  io::Task<std::optional<Ended>> receive(RequestParser& parser);
  io::Task<std::optional<Ended>> read(Microseconds timeout, bool begun);
  io::Task<bool> answer(RequestParser& parser);
  io::Task<Response> ask(Request request);
  io::Task<bool> send(const Response& response, bool head, bool close);
  io::Task<> refuse(const Refusal& refusal);
  io::Task<> stream_events(const Response& response, bool head);
  io::Task<> become_web_socket(const Response& response);
  io::Task<> linger();
  bool may_ask_for(const std::string& host) const;
  Framing framing(bool close, bool events) const {
    const Clock* const clock = service_.options.clock;
    return {close, events, clock != nullptr ? std::optional(clock->utc()) : std::nullopt};
  }

  Service& service_;
  std::unique_ptr<io::Stream> stream_;
  Buffer input_;
  std::size_t begin_ = 0;  // of what was read and not yet parsed
  std::size_t end_ = 0;
  bool first_ = true;
};

// Nothing when a whole request is in `parser`.
io::Task<std::optional<Ended>> Connection::receive(RequestParser& parser) {
  SteadyPoint due{};
  bool in_header = false;
  bool in_body = false;
  while (!parser.done()) {
    if (begin_ < end_) {
      const auto used = parser.feed(ByteView(input_).subspan(begin_, end_ - begin_));
      if (!used) co_return used.error();
      begin_ += *used;
    }
    if (parser.done()) break;
    if (begin_ < end_) continue;
    const auto now = std::chrono::steady_clock::now();
    if (parser.begun() && !in_header) {
      in_header = true;
      due = now + service_.options.header_timeout;
    }
    if (parser.header_done() && !in_body) {
      in_body = true;
      due = now + service_.options.body_timeout;
      if (parser.wants_continue()) {
        const bool told = (co_await stream_->write(as_bytes("HTTP/1.1 100 Continue\r\n\r\n"),
                                                   service_.options.write_timeout))
                              .has_value();
        if (!told) co_return Quiet::Closed;
      }
    }
    const Microseconds quiet = first_ ? service_.options.header_timeout : service_.options.idle_timeout;
    const auto ended = co_await read(in_header ? left_until(due) : quiet, in_header);
    if (ended) co_return ended;
  }
  first_ = false;
  co_return std::nullopt;
}

io::Task<std::optional<Ended>> Connection::read(Microseconds timeout, bool begun) {
  const auto got = co_await stream_->read_some(input_, timeout);
  if (!got && got.error().kind() == ErrorKind::DeadlineExceeded && begun) {
    co_return Refusal{408, "the request did not arrive in time"};
  }
  if (!got || *got == 0) co_return Quiet::Closed;
  begin_ = 0;
  end_ = *got;
  co_return std::nullopt;
}

bool Connection::may_ask_for(const std::string& host) const {
  if (stream_->is_secure() || host == "localhost" || host.ends_with(".localhost")) return true;
  if (const auto address = Endpoint::parse(host, 0)) return address->is_loopback();
  const auto presence = service_.presence();
  return std::ranges::find(presence->host_names, host) != presence->host_names.end();
}

// False when the connection is to end.
io::Task<bool> Connection::answer(RequestParser& parser) {
  if (!may_ask_for(parser.host())) {
    co_await refuse(
        {421,
         "plain HTTP is answered for localhost and loopback addresses only, unless a host name is allowed"});
    co_return false;
  }
  const bool close = !parser.keep_alive();
  Request request = parser.take();
  const bool head = request.method == "HEAD";
  Response response;
  if (parser.is_server_wide()) {
    response = Response::no_content();
    add_defaults(response, stream_->is_secure());
  } else {
    request.peer = stream_->peer();
    request.local = stream_->local();
    request.secure = stream_->is_secure();
    response = co_await ask(std::move(request));
  }
  service_.count_answer(response.status);
  if (response.web_socket) {
    co_await become_web_socket(response);
    co_return false;
  }
  if (response.events) {
    co_await stream_events(response, head);
    co_return false;
  }
  co_return co_await send(response, head, close) && !close;
}

io::Task<Response> Connection::ask(Request request) {
  std::exception_ptr thrown;
  const std::string method = request.method;
  try {
    co_return co_await service_.router.handle(std::move(request));
  } catch (...) {
    thrown = std::current_exception();
  }
  if (io::is_unwinding(thrown)) std::rethrow_exception(thrown);
  log::error("http", "a handler ended by an exception",
             {{"method", method}, {"peer", stream_->peer().to_string()}, {"what", what_of(thrown)}});
  Response response = Response::problem(500, "An error of the server", "the server's log says more");
  add_defaults(response, stream_->is_secure());
  co_return response;
}

io::Task<bool> Connection::send(const Response& response, bool head, bool close) {
  const std::string header = write_header(response, framing(close, false));
  ByteView body = head || !may_have_body(response.status) ? ByteView() : as_bytes(body_of(response));
  const std::array<ByteView, 2> first{as_bytes(header), body.first(std::min(body.size(), kWriteBytes))};
  bool sent = (co_await stream_->write(first, service_.options.write_timeout)).has_value();
  body = body.subspan(first[1].size());
  while (sent && !body.empty()) {
    const ByteView next = body.first(std::min(body.size(), kWriteBytes));
    sent = (co_await stream_->write(next, service_.options.write_timeout)).has_value();
    body = body.subspan(next.size());
  }
  co_return sent;
}

io::Task<> Connection::refuse(const Refusal& refusal) {
  service_.refused_requests.add();
  service_.count_answer(refusal.status);
  log::warn("http", "request refused",
            {{"peer", stream_->peer().to_string()},
             {"reason", refusal.reason},
             {"status", std::to_string(refusal.status)}});
  Response response = Response::problem(refusal.status, reason_phrase(refusal.status), refusal.reason);
  add_defaults(response, stream_->is_secure());
  static_cast<void>(co_await send(response, false, true));
}

// Notifies when a task ends, however it does.
struct AtEnd {
  explicit AtEnd(io::Event& of) : ended(of) {}
  ~AtEnd() { ended.notify(); }
  AtEnd(const AtEnd&) = delete;
  AtEnd& operator=(const AtEnd&) = delete;
  io::Event& ended;
};

io::Task<> write_events(io::Event& ended, io::Stream& stream, const Response& response,
                        Microseconds timeout) {
  const AtEnd end(ended);
  Events events(stream, timeout);
  co_await response.events(events);
}

// What the client sends while events go out has no meaning; that it went away does.
io::Task<> watch_client(io::Event& ended, io::Stream& stream) {
  const AtEnd end(ended);
  Buffer ignored(256);
  for (std::size_t total = 0; total < kLingerBytes;) {
    const auto got = co_await stream.read_some(ignored, Microseconds::max());
    if (!got || *got == 0) co_return;
    total += *got;
  }
}

io::Task<> run_events(io::TaskGroup& group, io::Event& ended, io::Stream& stream, const Response& response,
                      Microseconds timeout) {
  group.spawn(write_events(ended, stream, response, timeout));
  group.spawn(watch_client(ended, stream));
  co_await ended.wait(Microseconds::max());
}

io::Task<> Connection::stream_events(const Response& response, bool head) {
  const std::string header = write_header(response, framing(true, true));
  if (!co_await stream_->write(as_bytes(header), service_.options.write_timeout) || head) co_return;
  io::Loop* const loop = co_await io::current_loop();
  io::TaskGroup group(*loop);
  io::Event ended(*loop);
  co_await group.around(run_events(group, ended, *stream_, response, service_.options.write_timeout));
}

io::Task<> Connection::become_web_socket(const Response& response) {
  const std::string header = write_header(response, framing(false, false));
  if (!co_await stream_->write(as_bytes(header), service_.options.write_timeout)) co_return;
  Buffer early(input_.begin() + static_cast<std::ptrdiff_t>(begin_),
               input_.begin() + static_cast<std::ptrdiff_t>(end_));
  co_await serve_web_socket(*stream_, std::move(early), response,
                            {service_.options.write_timeout, service_.options.web_socket_ping});
}

io::Task<> Connection::linger() {
  if (!co_await stream_->end_writing(kLinger)) co_return;
  const auto due = std::chrono::steady_clock::now() + kLinger;
  for (std::size_t total = 0; total < kLingerBytes;) {
    const auto got = co_await stream_->read_some(input_, left_until(due));
    if (!got || *got == 0) co_return;
    total += *got;
  }
}

// Counts the connection while it lives.
struct Counted {
  explicit Counted(Gauge& of) : gauge(of) { gauge.add(1); }
  ~Counted() { gauge.add(-1); }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  Gauge& gauge;
};

}  // namespace

Service::Service(const Router& routes, Metrics& metrics, Server::Options given)
    : router(routes),
      options(std::move(given)),
      connections(metrics.gauge("jalousie_http_connections", "Open HTTP connections")),
      handshakes_failed(
          metrics.counter("jalousie_http_handshakes_failed_total", "TLS handshakes that failed")),
      refused_requests(metrics.counter("jalousie_http_requests_refused_total",
                                       "Requests that were malformed, too long or too slow")),
      refused_connections(
          metrics.counter("jalousie_http_connections_refused_total", "Connections over a limit")),
      presence_(std::make_shared<Server::Presence>(options.presence)) {
  constexpr std::array<const char*, 6> kClasses{"other", "1xx", "2xx", "3xx", "4xx", "5xx"};
  for (std::size_t i = 0; i < kClasses.size(); ++i) {
    answers_[i] = &metrics.counter("jalousie_http_requests_total", "Requests answered, by class of status",
                                   {{"status", kClasses[i]}});
  }
}

std::shared_ptr<const Server::Presence> Service::presence() const {
  const std::lock_guard lock(mutex_);
  return presence_;
}

void Service::present(Server::Presence presence) {
  auto next = std::make_shared<const Server::Presence>(std::move(presence));
  const std::lock_guard lock(mutex_);
  presence_ = std::move(next);
}

void Service::count_answer(int status) {
  const int hundreds = status / 100;
  answers_[hundreds >= 1 && hundreds <= 5 ? static_cast<std::size_t>(hundreds) : 0]->add();
}

io::Task<> serve(Service& service, std::unique_ptr<io::Stream> accepted) {
  const Counted counted(service.connections);
  std::unique_ptr<io::Stream> stream = std::move(accepted);
  if (const auto tls = service.presence()->tls) {
    auto secured = co_await io::accept_tls(std::move(stream), tls, service.options.header_timeout);
    if (!secured) {
      service.handshakes_failed.add();
      log::info("http", "TLS handshake failed", {{"reason", secured.error().message()}});
      co_return;
    }
    stream = *std::move(secured);
  }
  Connection connection(service, std::move(stream));
  co_await connection.run();
}

io::Task<> turn_away(Service& service, std::unique_ptr<io::Stream> accepted) {
  service.refused_connections.add();
  log::warn("http", "too many connections", {{"peer", accepted->peer().to_string()}});
  if (service.options.presence.tls) co_return;
  service.count_answer(503);
  Response response = Response::problem(503, reason_phrase(503), "too many connections");
  response.headers.add("Retry-After", "5");
  const std::string text = write_header(response, {true, false, std::nullopt}) + response.body;
  static_cast<void>(co_await accepted->write(as_bytes(text), Microseconds::zero()));
}

}  // namespace jalousie::http
