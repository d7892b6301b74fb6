// The server over TLS, asked by OpenSSL's own client.
#include <cstdlib>
#include <filesystem>
#include <thread>

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/ssl.h>

#include "crypto/certificate.h"
#include "crypto/system_random.h"
#include "http/server.h"
#include "io/files.h"
#include "io/loop_thread.h"

namespace jalousie::http {
namespace {

// Blocking; on the test's thread.
class Client {
 public:
  explicit Client(const Endpoint& to)
      : context_(SSL_CTX_new(TLS_client_method())), bio_(BIO_new_ssl_connect(context_)) {
    BIO_set_conn_hostname(bio_, to.to_string().c_str());
    connected_ = BIO_do_connect(bio_) == 1;
  }
  ~Client() {
    BIO_free_all(bio_);
    SSL_CTX_free(context_);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool connected() const { return connected_; }
  bool send(std::string_view text) {
    return BIO_write(bio_, text.data(), static_cast<int>(text.size())) == static_cast<int>(text.size());
  }
  /// Until the server closes, or `until` has come.
  std::string read(std::string_view until = {}) {
    std::string text;
    std::vector<char> some(65536);
    while (until.empty() || text.find(until) == std::string::npos) {
      const int got = BIO_read(bio_, some.data(), static_cast<int>(some.size()));
      if (got <= 0) break;
      text.append(some.data(), static_cast<std::size_t>(got));
    }
    return text;
  }
  /// Whether the server said so before it closed.
  bool saw_close_notify() const {
    SSL* ssl = nullptr;
    BIO_get_ssl(bio_, &ssl);
    return (SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN) != 0;
  }

 private:
  SSL_CTX* context_;
  BIO* bio_;
  bool connected_ = false;
};

class ServerTls : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "httpsXXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    crypto::SystemRandom random;
    const auto made = crypto::Certificate::self_signed(random, SystemClock().utc()).value();
    ASSERT_TRUE(io::write_file_atomic(folder + "/cert", as_bytes(made.certificate_pem()), 0600));
    ASSERT_TRUE(io::write_file_atomic(folder + "/key", as_bytes(made.private_key_pem()), 0600));
    router.add("GET", "/secure", [](const Request& request) { return answer(request.secure); });
    router.add("GET", "/big", [this](const Request&) { return borrow(big); });
    router.add("GET", "/events", [](const Request&) { return events(); });
    Server::Options options;
    options.listen = Endpoint::v4({0, 0, 0, 0}, 0);  // TLS may be served beyond loopback
    options.presence.tls = io::TlsServerContext::load(folder + "/cert", folder + "/key").value();
    io::Loop* const loops[] = {&one.loop(), &two.loop()};
    server = Server::start(loops, router, metrics, std::move(options)).value();
  }
  void TearDown() override {
    server.reset();
    std::filesystem::remove_all(folder);
  }
  static io::Task<Response> answer(bool secure) {
    co_return Response::text(200, secure ? "secure" : "plain");
  }
  static io::Task<Response> borrow(ByteView bytes) {
    Response response;
    response.borrowed_body = bytes;
    co_return response;
  }
  static io::Task<> send_events(EventStream& stream) {
    for (int i = 0; i < 3; ++i) {
      static_cast<void>(co_await stream.send("n", std::to_string(i)));
      co_await io::sleep_for(Milliseconds(1));
    }
  }
  static io::Task<Response> events() {
    Response response;
    response.events = [](EventStream& stream) { return send_events(stream); };
    co_return response;
  }
  Endpoint at() const { return Endpoint::v4({127, 0, 0, 1}, server->local().port()); }

  io::LoopThread one;
  io::LoopThread two;
  Metrics metrics;
  Router router;
  Buffer big = Buffer(5'000'000, 'b');
  std::string folder;
  std::unique_ptr<Server> server;
};

TEST_F(ServerTls, AnswersAnyHostAndAsksForTlsFromNowOn) {
  Client client(at());
  ASSERT_TRUE(client.connected());
  ASSERT_TRUE(client.send("GET /secure HTTP/1.1\r\nHost: cameras.example\r\n\r\n"));
  const std::string first = client.read("secure");
  EXPECT_TRUE(first.starts_with("HTTP/1.1 200 OK\r\n")) << first;
  EXPECT_NE(first.find("Strict-Transport-Security: max-age="), std::string::npos);
  ASSERT_TRUE(client.send("GET /secure HTTP/1.1\r\nHost: cameras.example\r\nConnection: close\r\n\r\n"));
  EXPECT_TRUE(client.read().ends_with("\r\n\r\nsecure"));
  EXPECT_TRUE(client.saw_close_notify());
}

TEST_F(ServerTls, LargeBodiesAndEvents) {
  Client client(at());
  ASSERT_TRUE(client.connected());
  ASSERT_TRUE(client.send("GET /big HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  const std::string text = client.read();
  EXPECT_EQ(text.size() - text.find("\r\n\r\n") - 4, big.size());
  Client other(at());
  ASSERT_TRUE(other.send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_TRUE(other.read().ends_with("event: n\ndata: 1\n\nevent: n\ndata: 2\n\n"));
  EXPECT_TRUE(other.saw_close_notify());
}

TEST_F(ServerTls, PlainHttpOnATlsPortGetsNoAnswerOfOurs) {
  const std::string answer = io::run_and_wait(one.loop(), [](Endpoint to) -> io::Task<std::string> {
    auto stream = (co_await io::connect_tcp(to.address_text(), to.port(), Seconds(5))).value();
    static_cast<void>(
        co_await stream->write(as_bytes("GET /secure HTTP/1.1\r\nHost: a\r\n\r\n"), Seconds(5)));
    Buffer target(4096);
    std::string text;
    for (;;) {
      const auto got = co_await stream->read_some(target, Seconds(5));
      if (!got || *got == 0) break;
      text.append(as_text(ByteView(target).first(*got)));
    }
    co_return text;
  }(at()));
  EXPECT_EQ(answer.find("HTTP"), std::string::npos);
  EXPECT_EQ(metrics.counter("jalousie_http_handshakes_failed_total", "").value(), 1);
}

TEST_F(ServerTls, CloseEndsHandshakesAndIdleConnections) {
  Client idle(at());
  ASSERT_TRUE(idle.connected());
  ASSERT_TRUE(idle.send("GET /secure HTTP/1.1\r\nHost: a\r\n\r\n"));
  EXPECT_FALSE(idle.read("secure").empty());
  // Connected and silent: its handshake is under way.
  auto silent = io::run_and_wait(one.loop(), io::connect_tcp("127.0.0.1", at().port(), Seconds(5))).value();
  const auto& connections = metrics.gauge("jalousie_http_connections", "");
  for (int i = 0; i < 5000 && connections.value() < 2; ++i) std::this_thread::sleep_for(Milliseconds(1));
  EXPECT_EQ(connections.value(), 2);
  server->close();
  EXPECT_EQ(connections.value(), 0);
  EXPECT_EQ(idle.read(), "");
  io::run_and_wait(one.loop(), [](std::unique_ptr<io::Stream> stream) -> io::Task<> {
    stream->close();
    co_return;
  }(std::move(silent)));
}

}  // namespace
}  // namespace jalousie::http
