#include "http/web_socket.h"

#include <atomic>

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "http/server.h"
#include "http/web_socket_frame.h"
#include "io/loop_thread.h"

namespace jalousie::http {
namespace {

using io::run_and_wait;

constexpr std::string_view kProtocol = "test.v1";
constexpr std::string_view kHandshake =
    "GET /socket HTTP/1.1\r\nHost: localhost\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Protocol: other, test.v1\r\n\r\n";

Request handshake() {
  Request request;
  request.method = "GET";
  request.headers.add("Upgrade", "websocket");
  request.headers.add("Connection", "Upgrade");
  request.headers.add("Sec-WebSocket-Version", "13");
  request.headers.add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
  request.headers.add("Sec-WebSocket-Protocol", std::string(kProtocol));
  return request;
}

TEST(Handshake, AcceptsAsTheStandardsExample) {  // RFC 6455 section 1.3
  EXPECT_EQ(web_socket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_FALSE(refuse_web_socket(handshake(), kProtocol));
}

TEST(Handshake, RefusesWhatIsNone) {
  const auto status = [](std::string_view name, std::string_view value) {
    Request request = handshake();
    request.headers.set(std::string(name), std::string(value));
    const auto refused = refuse_web_socket(request, kProtocol);
    return refused ? refused->status : 0;
  };
  EXPECT_EQ(status("Upgrade", "h2c"), 426);
  EXPECT_EQ(status("Connection", "close"), 426);
  EXPECT_EQ(status("Sec-WebSocket-Version", "8"), 426);
  EXPECT_EQ(status("Sec-WebSocket-Key", ""), 400);
  EXPECT_EQ(status("Sec-WebSocket-Key", "dGhlIHNhbXBsZQ=="), 400);
  EXPECT_EQ(status("Sec-WebSocket-Protocol", "test.v2"), 400);
  EXPECT_EQ(status("Sec-WebSocket-Protocol", ""), 400);
  EXPECT_EQ(status("Sec-WebSocket-Protocol", "a,  TEST.V1 ,b"), 0);
  Request head = handshake();
  head.method = "HEAD";
  EXPECT_EQ(refuse_web_socket(head, kProtocol)->status, 426);
  Request plain;
  plain.method = "GET";
  EXPECT_EQ(refuse_web_socket(plain, kProtocol)->status, 426);
}

struct Held {
  explicit Held(std::atomic<int>& of) : count(of) { ++count; }
  ~Held() { --count; }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  std::atomic<int>& count;
};

// A client with what the server said so far.
struct Client {
  std::unique_ptr<io::Stream> stream;
  std::string text;

  io::Task<> connect(std::uint16_t port, std::string request) {
    stream = (co_await io::connect_tcp("127.0.0.1", port, Seconds(5))).value();
    co_await send(as_bytes(request));
  }
  io::Task<> send(ByteView bytes) { EXPECT_TRUE(co_await stream->write(bytes, Seconds(5))); }
  /// Until `wanted` has come, or all where it is empty; false where the server ended before.
  io::Task<bool> read(std::string wanted) {
    Buffer target(65'536);
    while (wanted.empty() || text.find(wanted) == std::string::npos) {
      const auto got = co_await stream->read_some(target, Seconds(20));
      if (!got || *got == 0) co_return wanted.empty() && got.has_value();
      text.append(as_text(ByteView(target).first(*got)));
    }
    co_return true;
  }
};

Buffer masked(std::uint8_t first, std::string_view payload) {
  Buffer bytes{first, static_cast<std::uint8_t>(0x80 | payload.size()), 0, 0, 0, 0};
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  return bytes;
}

class WebSocketTest : public ::testing::Test {
 protected:
  void SetUp() override {
    router.add("GET", "/socket", [this](Request request) { return open(std::move(request)); });
    start({});
  }
  void TearDown() override {
    server.reset();
    EXPECT_EQ(alive, 0);
  }
  void start(Server::Options options) {
    server.reset();
    options.listen = Endpoint::v4({127, 0, 0, 1}, 0);
    io::Loop* const loops[] = {&one.loop()};
    server = Server::start(loops, router, metrics, std::move(options)).value();
  }
  io::Task<Response> open(Request request) {
    if (auto refused = refuse_web_socket(request, kProtocol)) co_return *std::move(refused);
    co_return accept_web_socket(request, kProtocol, [this](WebSocket& socket) { return run(socket); });
  }
  io::Task<WebSocketEnd> run(WebSocket& socket) {
    const Held held(alive);
    return_code = 0;
    if (flood) {
      const Buffer message(16 * 1024, 0x55);
      while (co_await socket.send_binary(message)) ++sent;
      return_code = 1;
      co_return WebSocketEnd{};
    }
    EXPECT_TRUE(co_await socket.send_text("hello"));
    EXPECT_TRUE(co_await socket.send_binary(ByteView(kBinary)));
    if (hang) co_await io::sleep_for(Microseconds::max());
    co_return WebSocketEnd{4000, "over"};
  }
  void with(io::Task<> task) { run_and_wait(client_loop.loop(), std::move(task)); }

  static constexpr std::array<std::uint8_t, 3> kBinary{1, 2, 3};
  Router router;
  Metrics metrics;
  std::atomic<int> alive{0};
  std::atomic<int> sent{0};
  std::atomic<int> return_code{0};
  bool hang = false;
  bool flood = false;
  io::LoopThread one;
  io::LoopThread client_loop;
  std::unique_ptr<Server> server;
};

const std::string kHello("\x81\x05hello\x82\x03\x01\x02\x03", 12);

TEST_F(WebSocketTest, SendsMessagesAndSaysGoodbye) {
  with([](std::uint16_t port) -> io::Task<> {
    Client client;
    co_await client.connect(port, std::string(kHandshake));
    EXPECT_TRUE(co_await client.read("over"));
    EXPECT_TRUE(client.text.starts_with("HTTP/1.1 101 Switching Protocols\r\n")) << client.text;
    EXPECT_NE(client.text.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), std::string::npos);
    EXPECT_NE(client.text.find("Sec-WebSocket-Protocol: test.v1\r\n"), std::string::npos);
    EXPECT_EQ(client.text.find("Content-Length"), std::string::npos);
    EXPECT_TRUE(client.text.ends_with("\r\n\r\n" + kHello + std::string("\x88\x06\x0F\xA0over", 8)));
    co_await client.send(masked(0x88, "\x0F\xA0"));
    EXPECT_TRUE(co_await client.read(""));  // the server ends the connection
  }(server->local().port()));
}

TEST_F(WebSocketTest, AnswersPingsAlsoEarlyOnes) {
  hang = true;
  with([](std::uint16_t port) -> io::Task<> {
    Client client;
    const Buffer ping = masked(0x89, "early");
    co_await client.connect(port, std::string(kHandshake) + std::string(as_text(ping)));
    EXPECT_TRUE(
        co_await client.read("\x8A\x05"
                             "early"));
    co_await client.send(masked(0x89, "late"));
    EXPECT_TRUE(co_await client.read("\x8A\x04late"));
    co_await client.send(masked(0x88, "\x03\xE8"));
    EXPECT_TRUE(co_await client.read(std::string("\x88\x02\x03\xE8", 4)));
    EXPECT_TRUE(co_await client.read(""));
  }(server->local().port()));
}

TEST_F(WebSocketTest, PingsByItself) {
  hang = true;
  Server::Options options;
  options.web_socket_ping = Milliseconds(20);
  start(options);
  with([](std::uint16_t port) -> io::Task<> {
    Client client;
    co_await client.connect(port, std::string(kHandshake));
    EXPECT_TRUE(co_await client.read(std::string("\x89\x00\x89\x00", 4)));
  }(server->local().port()));
}

TEST_F(WebSocketTest, ClosesOnWhatIsNotExpected) {
  hang = true;
  const std::vector<std::pair<Buffer, std::string>> cases{
      {masked(0x81, "hi"),
       "\x03\xEB"
       "nothing is expected here"},
      {masked(0x82, "hi"),
       "\x03\xEB"
       "nothing is expected here"},
      {{0x81, 0x02, 'h', 'i'},
       "\x03\xEA"
       "not masked"},
      {{0x82, 0xFE, 0xFF, 0xFF, 0, 0, 0, 0},
       "\x03\xF1"
       "message too long"},
  };
  for (const auto& [bytes, reason] : cases) {
    with([](std::uint16_t port, Buffer sent, std::string wanted) -> io::Task<> {
      Client client;
      co_await client.connect(port, std::string(kHandshake));
      EXPECT_TRUE(co_await client.read(kHello));
      co_await client.send(sent);
      EXPECT_TRUE(co_await client.read("\x88" + std::string(1, static_cast<char>(wanted.size())) + wanted));
      EXPECT_TRUE(co_await client.read(""));
    }(server->local().port(), bytes, reason));
  }
}

TEST_F(WebSocketTest, AFloodOfPingsEnds) {
  hang = true;
  with([](std::uint16_t port) -> io::Task<> {
    Client client;
    co_await client.connect(port, std::string(kHandshake));
    for (int i = 0; i < 100; ++i) {
      if (!co_await client.stream->write(masked(0x89, "x"), Seconds(5))) break;
    }
    EXPECT_TRUE(co_await client.read("too many frames"));
  }(server->local().port()));
}

TEST_F(WebSocketTest, TheHandlerEndsWhenTheClientGoesOrTheServerCloses) {
  hang = true;
  std::vector<std::unique_ptr<Client>> kept;
  kept.push_back(std::make_unique<Client>());
  with([](std::uint16_t port, Client& stays) -> io::Task<> {
    co_await stays.connect(port, std::string(kHandshake));
    EXPECT_TRUE(co_await stays.read(kHello));
    Client goes;
    co_await goes.connect(port, std::string(kHandshake));
    EXPECT_TRUE(co_await goes.read(kHello));
  }(server->local().port(), *kept.front()));
  while (alive > 1) std::this_thread::yield();  // the test's own time limit is the deadline
  EXPECT_EQ(alive, 1);
  server->close();
  EXPECT_EQ(alive, 0);
  with([](Client& client) -> io::Task<> {
    client.stream.reset();
    co_return;
  }(*kept.front()));
}

TEST_F(WebSocketTest, AClientThatDoesNotReadHoldsLittleAndIsCutOff) {
  flood = true;
  Server::Options options;
  options.write_timeout = Milliseconds(300);
  start(options);
  with([](std::uint16_t port, std::atomic<int>& over) -> io::Task<> {
    Client client;
    co_await client.connect(port, std::string(kHandshake));
    while (over == 0) co_await io::sleep_for(Milliseconds(5));
  }(server->local().port(), return_code));
  // What the client's own kernel takes, and 64 KiB of ours, which would else take megabytes.
  EXPECT_LT(sent * 16, 1024);
}

}  // namespace
}  // namespace jalousie::http
