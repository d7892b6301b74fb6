#include "http/server.h"

#include <atomic>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

#include "io/loop_thread.h"
#include "io/task_group.h"

namespace jalousie::http {
namespace {

using io::run_and_wait;

// A client that sends raw bytes and reads until the server closes, or `until` is in what came.
io::Task<std::string> exchange(std::uint16_t port, std::string text, std::size_t step, std::string until) {
  auto stream = (co_await io::connect_tcp("127.0.0.1", port, Seconds(5))).value();
  for (std::size_t at = 0; at < text.size(); at += step) {
    const auto sent = co_await stream->write(as_bytes(std::string_view(text).substr(at, step)), Seconds(5));
    if (!sent) break;
    if (step < text.size()) co_await io::sleep_for(Microseconds(100));
  }
  std::string answer;
  Buffer target(65536);
  while (until.empty() || answer.find(until) == std::string::npos) {
    const auto got = co_await stream->read_some(target, Seconds(10));
    if (!got || *got == 0) break;
    answer.append(as_text(ByteView(target).first(*got)));
  }
  co_return answer;
}

std::size_t count(std::string_view text, std::string_view what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + what.size()))
    ++found;
  return found;
}

struct Held {
  explicit Held(std::atomic<int>& of) : count(of) { ++count; }
  ~Held() { --count; }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  std::atomic<int>& count;
};

io::Task<> tick(EventStream& stream, std::atomic<int>& alive) {
  const Held held(alive);
  for (int i = 0;; ++i) {
    if (!co_await stream.send("tick", std::to_string(i))) co_return;
    if (!co_await stream.comment("awake")) co_return;
    co_await io::sleep_for(Milliseconds(5));
  }
}

io::Task<Response> text_of(std::string text) { co_return Response::text(200, std::move(text)); }

io::Task<Response> hang(std::atomic<int>& alive) {
  const Held held(alive);
  co_await io::sleep_for(Microseconds::max());
  co_return Response::text(200, "never");
}

io::Task<Response> fail_late() {
  co_await io::sleep_for(Milliseconds(1));
  throw std::runtime_error("planted");
}

class ServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    router.add("GET", "/hello",
               [](const Request& request) { return text_of("hello " + request.peer.address_text()); });
    router.add("POST", "/echo", [](const Request& request) { return text_of(request.body); });
    router.add("GET", "/big", [this](const Request&) { return borrowed(ByteView(big)); });
    router.add("GET", "/fails", [](const Request&) { return fail_late(); });
    router.add("GET", "/hangs", [this](const Request&) { return hang(alive); });
    router.add("GET", "/events", [this](const Request&) { return events(alive); });
    router.add("GET", "/three", [](const Request&) { return three(); });
    start({});
  }
  void TearDown() override {
    server.reset();
    EXPECT_EQ(alive, 0);
    EXPECT_EQ(connections(), 0);
  }
  static io::Task<Response> borrowed(ByteView bytes) {
    Response response;
    response.borrowed_body = bytes;
    co_return response;
  }
  static io::Task<Response> events(std::atomic<int>& alive) {
    Response response;
    response.events = [&alive](EventStream& stream) { return tick(stream, alive); };
    co_return response;
  }
  static io::Task<> send_three(EventStream& stream) {
    for (int i = 0; i < 3; ++i) static_cast<void>(co_await stream.send("n", std::to_string(i)));
  }
  static io::Task<Response> three() {
    Response response;
    response.events = [](EventStream& stream) { return send_three(stream); };
    co_return response;
  }
  void start(Server::Options options) {
    server.reset();
    options.listen = Endpoint::v4({127, 0, 0, 1}, 0);
    io::Loop* const loops[] = {&one.loop(), &two.loop()};
    server = Server::start(loops, router, metrics, std::move(options)).value();
  }
  std::string ask(std::string text, std::size_t step = 1 << 20, std::string until = "") {
    return run_and_wait(client.loop(),
                        exchange(server->local().port(), std::move(text), step, std::move(until)));
  }
  double connections() { return metrics.gauge("jalousie_http_connections", "").value(); }
  double answers(const char* status) {
    return metrics.counter("jalousie_http_requests_total", "", {{"status", status}}).value();
  }
  bool eventually(const std::function<bool()>& holds) {
    for (int i = 0; i < 5000; ++i) {
      if (holds()) return true;
      std::this_thread::sleep_for(Milliseconds(1));
    }
    return false;
  }

  io::LoopThread one;
  io::LoopThread two;
  io::LoopThread client;
  Metrics metrics;
  Router router;
  Buffer big = Buffer(3'000'000, 'b');
  std::atomic<int> alive = 0;
  std::unique_ptr<Server> server;
};

const std::string kHello = "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n";
const std::string kLast = "GET /hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

TEST_F(ServerTest, AnswersHoweverTheRequestIsSplit) {
  for (const std::size_t step : {std::size_t{1}, std::size_t{3}, std::size_t{1000}}) {
    const std::string answer = ask(kLast, step);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n")) << answer;
    EXPECT_TRUE(answer.ends_with("\r\n\r\nhello 127.0.0.1")) << answer;
    EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos);
    EXPECT_NE(answer.find("Cache-Control: no-store\r\n"), std::string::npos);
  }
  EXPECT_EQ(answers("2xx"), 3);
}

TEST_F(ServerTest, PipelinedRequestsAreAnsweredInOrder) {
  std::string text;
  for (int i = 0; i < 500; ++i)
    text += "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\n" + std::to_string(1000 + i);
  const std::string answer = ask(text + kLast);
  EXPECT_EQ(count(answer, "HTTP/1.1 200 OK"), 501U);
  std::size_t at = 0;
  for (int i = 0; i < 500; ++i) {
    at = answer.find("\r\n\r\n" + std::to_string(1000 + i), at);
    ASSERT_NE(at, std::string::npos) << i;
  }
}

TEST_F(ServerTest, ChunkedBodiesAndContinue) {
  const std::string chunked =
      ask("POST /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: "
          "chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
          2);
  EXPECT_TRUE(chunked.ends_with("\r\n\r\nabcde")) << chunked;
  const std::string waits =
      ask("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n",
          1 << 20, "Continue\r\n\r\n");
  EXPECT_EQ(waits, "HTTP/1.1 100 Continue\r\n\r\n");
}

TEST_F(ServerTest, HeadHasTheHeaderAlone) {
  const std::string answer = ask("HEAD /hello HTTP/1.1\r\nHost: localhost\r\n\r\n" + kLast);
  EXPECT_EQ(count(answer, "Content-Length: 15\r\n"), 2U);
  EXPECT_EQ(count(answer, "hello 127.0.0.1"), 1U);
}

TEST_F(ServerTest, LargeBodiesArriveWhole) {
  const std::string answer = ask("GET /big HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(answer.size() - answer.find("\r\n\r\n") - 4, big.size());
}

TEST_F(ServerTest, WrongRequestsAreAnsweredAndTheConnectionEnds) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"\x16\x03\x01\x02\x03\x04garbage\r\n\r\n", "400"},
      {"GET / HTTP/3.0\r\n\r\n", "505"},
      {"GET /../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", "400"},
      {"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: "
       "chunked\r\n\r\n0\r\n\r\n",
       "400"},
      {"POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999\r\n\r\n", "413"},
      {"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n", "431"},
      {"GET /hello HTTP/1.1\r\nHost: rebound.example\r\n\r\n", "421"},
      {"GET /hello HTTP/1.0\r\n\r\n", "421"},
      {"GET /hello HTTP/1.1\r\nHost: 192.0.2.7\r\n\r\n", "421"},
  };
  for (const auto& [text, status] : cases) {
    const std::string answer = ask(text + kHello);  // what follows must not be answered
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 " + status + " ")) << text << "\n" << answer;
    EXPECT_EQ(count(answer, "HTTP/1.1 "), 1U) << answer;
    EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos);
    EXPECT_NE(answer.find("X-Content-Type-Options: nosniff\r\n"), std::string::npos);
  }
  EXPECT_EQ(metrics.counter("jalousie_http_requests_refused_total", "").value(),
            static_cast<double>(cases.size()));
}

TEST_F(ServerTest, HostNamesThatAreAllowed) {
  Server::Options options;
  options.presence.host_names = {"cameras.example"};
  start(options);
  for (const char* host :
       {"cameras.example", "Cameras.Example:8443", "localhost:1", "127.0.0.1", "[::1]:80", "x.localhost"}) {
    EXPECT_TRUE(ask(std::string("GET /hello HTTP/1.1\r\nConnection: close\r\nHost: ") + host + "\r\n\r\n")
                    .starts_with("HTTP/1.1 200"))
        << host;
  }
}

TEST_F(ServerTest, NamesChangeWhileItRuns) {
  start(Server::Options());
  const std::string by_name = "GET /hello HTTP/1.1\r\nConnection: close\r\nHost: cameras.example\r\n\r\n";
  EXPECT_TRUE(ask(by_name).starts_with("HTTP/1.1 421"));
  ASSERT_TRUE(server->present({.tls = nullptr, .host_names = {"cameras.example"}}));
  EXPECT_TRUE(ask(by_name).starts_with("HTTP/1.1 200"));
  ASSERT_TRUE(server->present({}));
  EXPECT_TRUE(ask(by_name).starts_with("HTTP/1.1 421"));
}

TEST_F(ServerTest, AHandlerThatFailsIsAnsweredWith500AndTheConnectionStays) {
  const std::string answer = ask("GET /fails HTTP/1.1\r\nHost: localhost\r\n\r\n" + kLast);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 500 Internal Server Error\r\n"));
  EXPECT_EQ(answer.find("planted"), std::string::npos);
  EXPECT_EQ(count(answer, "hello 127.0.0.1"), 1U);
}

TEST_F(ServerTest, ASlowRequestIsCutOffAndAnIdleConnectionClosed) {
  Server::Options options;
  options.header_timeout = Milliseconds(80);
  options.body_timeout = Milliseconds(80);
  options.idle_timeout = Milliseconds(80);
  start(options);
  EXPECT_TRUE(ask("GET /hello HT").starts_with("HTTP/1.1 408 "));
  EXPECT_TRUE(ask("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\na")
                  .starts_with("HTTP/1.1 408 "));
  EXPECT_EQ(ask(""), "");
  EXPECT_EQ(count(ask(kHello), "HTTP/1.1 "), 1U);  // ends without a word after the answer
  // A byte now and then does not buy more time: 120 steps of at least 0.1 ms and the limit for all of them.
  const std::string trickle = run_and_wait(client.loop(), [](std::uint16_t port) -> io::Task<std::string> {
    auto stream = (co_await io::connect_tcp("127.0.0.1", port, Seconds(5))).value();
    for (int i = 0; i < 100; ++i) {
      if (!co_await stream->write(as_bytes("X"), Seconds(5))) break;
      co_await io::sleep_for(Milliseconds(5));
    }
    Buffer target(4096);
    const auto got = co_await stream->read_some(target, Seconds(5));
    co_return got ? std::string(as_text(ByteView(target).first(*got))) : std::string();
  }(server->local().port()));
  EXPECT_TRUE(trickle.starts_with("HTTP/1.1 408 ") || trickle.empty()) << trickle;
}

TEST_F(ServerTest, ConnectionsOverTheLimitAreTurnedAway) {
  Server::Options options;
  options.connections_per_address = 3;
  start(options);
  run_and_wait(client.loop(), [](std::uint16_t port) -> io::Task<> {
    std::vector<std::unique_ptr<io::Stream>> kept;
    Buffer target(4096);
    for (int i = 0; i < 4; ++i) {
      kept.push_back((co_await io::connect_tcp("127.0.0.1", port, Seconds(5))).value());
      // Answered, so that the order of the connections is known.
      static_cast<void>(co_await kept.back()->write(as_bytes(kHello), Seconds(5)));
      const auto got = co_await kept.back()->read_some(target, Seconds(5));
      const std::string_view answer = got ? as_text(ByteView(target).first(*got)) : std::string_view();
      EXPECT_EQ(answer.substr(0, 12), i < 3 ? "HTTP/1.1 200" : "HTTP/1.1 503");
    }
  }(server->local().port()));
  ASSERT_TRUE(eventually([&] { return connections() == 0; }));
  EXPECT_TRUE(ask(kLast).starts_with("HTTP/1.1 200"));  // the places are free again
  EXPECT_EQ(metrics.counter("jalousie_http_connections_refused_total", "").value(), 1);
}

TEST_F(ServerTest, EventsAreSentAndEndWithTheirHandler) {
  const std::string answer = ask("GET /three HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_NE(answer.find("Content-Type: text/event-stream\r\n"), std::string::npos);
  EXPECT_EQ(answer.find("Content-Length"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\nevent: n\ndata: 0\n\nevent: n\ndata: 1\n\nevent: n\ndata: 2\n\n"))
      << answer;
}

TEST_F(ServerTest, EventsAreCancelledWhenTheClientGoes) {
  const std::string answer =
      ask("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n", 1 << 20, "data: 3\n\n: awake\n\n");
  EXPECT_NE(answer.find("event: tick\ndata: 0\n\n"), std::string::npos);
  EXPECT_TRUE(eventually([&] { return alive == 0 && connections() == 0; }));
}

TEST_F(ServerTest, CloseCancelsHandlersAndEvents) {
  run_and_wait(client.loop(), [](std::uint16_t port, std::atomic<int>& alive, Server& running) -> io::Task<> {
    std::vector<std::unique_ptr<io::Stream>> kept;
    for (const char* path : {"/hangs", "/events", "/hangs", "/events"}) {
      kept.push_back((co_await io::connect_tcp("127.0.0.1", port, Seconds(5))).value());
      const std::string request = std::string("GET ") + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
      static_cast<void>(co_await kept.back()->write(as_bytes(request), Seconds(5)));
    }
    for (int i = 0; i < 2000 && alive < 4; ++i) co_await io::sleep_for(Milliseconds(1));
    EXPECT_EQ(alive, 4);
    std::jthread closer([&] { running.close(); });  // close() blocks
    Buffer target(4096);
    for (auto& stream : kept) {
      for (;;) {
        const auto got = co_await stream->read_some(target, Seconds(5));
        if (!got || *got == 0) break;
      }
    }
  }(server->local().port(), alive, *server));
  EXPECT_EQ(alive, 0);
}

TEST_F(ServerTest, PlainHttpBeyondLoopbackIsRefused) {
  io::Loop* const loops[] = {&one.loop()};
  Server::Options options;
  options.listen = Endpoint::v4({0, 0, 0, 0}, 0);
  const auto refused = Server::start(loops, router, metrics, options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::FailedPrecondition);
  EXPECT_EQ(
      refused.error().message(),
      "plain HTTP is served on loopback only; give --tls-certificate and --tls-key, or listen on 127.0.0.1");
  options.listen = server->local();
  EXPECT_EQ(Server::start(loops, router, metrics, options).error().kind(), ErrorKind::AlreadyExists);
}

}  // namespace
}  // namespace jalousie::http
