#include <filesystem>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "io/address.h"
#include "io/files.h"
#include "io/loop_thread.h"
#include "io/stream.h"
#include "io/task_group.h"

namespace jalousie::io {
namespace {

std::string take(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return text;
}

struct Pem {
  std::string certificate;
  std::string key;
};

// A self-signed P-256 certificate, valid from `from` to `to` seconds from now.
Pem make_pem(long from, long to) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), from);
  X509_gmtime_adj(X509_getm_notAfter(certificate), to);
  X509_NAME* name = X509_NAME_new();
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"),
                             -1, -1, 0);
  X509_set_subject_name(certificate, name);
  X509_set_issuer_name(certificate, name);
  X509_NAME_free(name);
  X509_set_pubkey(certificate, key);
  X509_sign(certificate, key, EVP_sha256());
  BIO* out = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(out, certificate);
  Pem pem;
  pem.certificate = take(out);
  out = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  pem.key = take(out);
  X509_free(certificate);
  EVP_PKEY_free(key);
  return pem;
}

// A blocking client, on a thread of its own, as the independent end.
class Client {
 public:
  explicit Client(const Endpoint& to, int max_version = TLS1_3_VERSION,
                  const std::string& alpn = "\x08http/1.1") {
    context_ = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_max_proto_version(context_, max_version);
    fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const SocketAddress address = SocketAddress::of(to);
    if (fd_ < 0) std::abort();
    connected_ = ::connect(fd_, address.get(), address.size) == 0;
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, fd_);
    SSL_set_alpn_protos(ssl_, reinterpret_cast<const unsigned char*>(alpn.data()),
                        static_cast<unsigned>(alpn.size()));
  }
  ~Client() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
    ::close(fd_);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool handshake() { return connected_ && SSL_connect(ssl_) == 1; }
  std::string protocol() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_, &name, &size);
    return {reinterpret_cast<const char*>(name), size};
  }
  bool write(std::string_view text) {
    return SSL_write(ssl_, text.data(), static_cast<int>(text.size())) == static_cast<int>(text.size());
  }
  std::string read(std::size_t bytes) {
    std::string text(bytes, '\0');
    std::size_t have = 0;
    while (have < bytes) {
      const int got = SSL_read(ssl_, text.data() + have, static_cast<int>(bytes - have));
      if (got <= 0) break;
      have += static_cast<std::size_t>(got);
    }
    text.resize(have);
    return text;
  }
  bool update_keys() { return SSL_key_update(ssl_, SSL_KEY_UPDATE_REQUESTED) == 1; }
  void shut_down() { SSL_shutdown(ssl_); }
  int fd() const { return fd_; }

 private:
  SSL_CTX* context_;
  SSL* ssl_;
  int fd_;
  bool connected_ = false;
};

class Tls : public ::testing::Test {
 public:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "tlsXXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    const Pem pem = make_pem(-60, 3600);
    write("cert.pem", pem.certificate);
    write("key.pem", pem.key);
    write("other.pem", make_pem(-60, 3600).key);
    const Pem old = make_pem(-7200, -3600);
    write("old.pem", old.certificate);
    write("old-key.pem", old.key);
    write("junk.pem", "not PEM\n");
    context = TlsServerContext::load(at("cert.pem"), at("key.pem")).value();
    run_and_wait(loop(), [](Tls& self) -> Task<> {
      self.listener = TcpListener::listen(self.loop(), Endpoint::v4({127, 0, 0, 1}, 0)).value();
      co_return;
    }(*this));
  }
  void TearDown() override {
    run_and_wait(loop(), [](Tls& self) -> Task<> {
      self.listener.reset();
      co_return;
    }(*this));
    std::filesystem::remove_all(folder);
  }
  void write(const std::string& name, const std::string& text) const {
    ASSERT_TRUE(write_file_atomic(at(name), as_bytes(text), 0600));
  }
  std::string at(const std::string& name) const { return folder + "/" + name; }
  Loop& loop() { return thread.loop(); }

  Task<Result<std::unique_ptr<Stream>>> accept(Microseconds timeout = Seconds(5)) const {
    CO_TRY(auto tcp, co_await listener->accept());
    co_return co_await accept_tls(std::move(tcp), context, timeout);
  }

  LoopThread thread;
  std::string folder;
  std::shared_ptr<TlsServerContext> context;
  std::unique_ptr<TcpListener> listener;
};

TEST_F(Tls, TellsWhenItsCertificateEnds) {
  const auto left = context->not_after() - SystemClock().utc();
  EXPECT_GT(left, std::chrono::minutes(50)) << "it is made for an hour";
  EXPECT_LE(left, std::chrono::minutes(60));
}

TEST_F(Tls, LoadSaysWhatIsWrong) {
  const auto message = [&](const std::string& certificate, const std::string& key) {
    const auto loaded = TlsServerContext::load(at(certificate), at(key));
    EXPECT_FALSE(loaded);
    EXPECT_EQ(loaded.error().kind(), ErrorKind::InvalidArgument);
    return loaded.error().message();
  };
  EXPECT_NE(message("none.pem", "key.pem").find("none.pem: no such file"), std::string::npos);
  EXPECT_NE(message("cert.pem", "none.pem").find("none.pem: no such file"), std::string::npos);
  EXPECT_NE(message("junk.pem", "key.pem").find("not a PEM certificate chain"), std::string::npos);
  EXPECT_NE(message("cert.pem", "junk.pem").find("not a PEM private key"), std::string::npos);
  EXPECT_NE(message("cert.pem", "other.pem").find("is not the key of"), std::string::npos);
  EXPECT_NE(message("old.pem", "old-key.pem").find("has expired"), std::string::npos);
}

TEST_F(Tls, CarriesBytesWithBothVersions) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    std::jthread peer([this, version] {
      Client client(listener->local(), version);
      EXPECT_TRUE(client.handshake());
      EXPECT_EQ(client.protocol(), "http/1.1");
      EXPECT_TRUE(client.write("question"));
      EXPECT_EQ(client.read(6), "answer");
      client.shut_down();
    });
    run_and_wait(loop(), [](Tls& self) -> Task<> {
      auto stream = (co_await self.accept()).value();
      EXPECT_TRUE(stream->is_secure());
      Buffer target(100);
      EXPECT_EQ((co_await stream->read_some(target, Seconds(5))).value(), 8U);
      EXPECT_TRUE(co_await stream->write(as_bytes("answer"), Seconds(5)));
      EXPECT_EQ((co_await stream->read_some(target, Seconds(5))).value(), 0U);  // close_notify
    }(*this));
  }
}

TEST_F(Tls, AGatheredWriteOfMegabytesAndAKeyUpdate) {
  std::string content(5 << 20, '\0');
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i * 7 >> 2);
  std::jthread peer([&] {
    Client client(listener->local());
    EXPECT_TRUE(client.handshake());
    EXPECT_EQ(client.read(content.size() / 2), content.substr(0, content.size() / 2));
    EXPECT_TRUE(client.update_keys());
    EXPECT_TRUE(client.write("x"));
    EXPECT_EQ(client.read(content.size() - content.size() / 2), content.substr(content.size() / 2));
    EXPECT_TRUE(client.write("y"));
  });
  run_and_wait(loop(), [](Tls& self, const std::string& text) -> Task<> {
    auto stream = (co_await self.accept()).value();
    std::vector<ByteView> parts;
    for (std::size_t used = 0, i = 0; used < text.size(); ++i) {
      const std::size_t size = std::min((i * 2654435761U) % 50'000, text.size() - used);
      parts.push_back(as_bytes(text).subspan(used, size));
      used += size;
    }
    TaskGroup group(self.loop());
    group.spawn([](Stream& to, const std::vector<ByteView>& all) -> Task<> {
      EXPECT_TRUE(co_await to.write(all, Seconds(20)));
    }(*stream, parts));
    Buffer one(1);
    EXPECT_TRUE(
        co_await stream->read_some(one, Seconds(20)));  // answers the key update while the write goes on
    EXPECT_EQ(one[0], 'x');
    EXPECT_TRUE(co_await stream->read_some(one, Seconds(20)));
    EXPECT_EQ(one[0], 'y');
    while (group.size() > 0) co_await sleep_for(Milliseconds(1));
    co_await group.close();
  }(*this, content));
}

TEST_F(Tls, HandshakesThatCannotSucceed) {
  const auto failed = [&](auto&& peer_does) {
    std::jthread peer(peer_does);
    const auto stream = run_and_wait(loop(), [](Tls& self) -> Task<Result<bool>> {
      const auto accepted = co_await self.accept(Milliseconds(500));
      if (accepted) co_return true;
      co_return std::unexpected(accepted.error());
    }(*this));
    EXPECT_FALSE(stream);
    return stream ? Error(ErrorKind::Internal, "") : stream.error();
  };
  const Error plain = failed([this] {
    const Client client(listener->local());
    const std::string_view request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    EXPECT_EQ(::send(client.fd(), request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
    char answer = 0;
    while (::recv(client.fd(), &answer, 1, 0) > 0) {
    }
  });
  EXPECT_EQ(plain.kind(), ErrorKind::InvalidArgument);
  EXPECT_NE(plain.message().find("http request"), std::string::npos) << plain.message();
  const Error old = failed([this] { EXPECT_FALSE(Client(listener->local(), TLS1_1_VERSION).handshake()); });
  EXPECT_NE(old.kind(), ErrorKind::Internal);
  const Error other_protocol =
      failed([this] { EXPECT_FALSE(Client(listener->local(), TLS1_3_VERSION, "\x02h2").handshake()); });
  EXPECT_EQ(other_protocol.kind(), ErrorKind::InvalidArgument);
  const Error gone = failed([this] { const Client client(listener->local()); });
  EXPECT_EQ(gone.kind(), ErrorKind::Unavailable);
  const Error silent = failed([this] {
    const Client client(listener->local());
    char answer = 0;
    while (::recv(client.fd(), &answer, 1, 0) > 0) {
    }
  });
  EXPECT_EQ(silent.kind(), ErrorKind::DeadlineExceeded);
}

TEST_F(Tls, ACutStreamIsNotAnOrderlyEnd) {
  std::jthread peer([this] {
    Client client(listener->local());
    EXPECT_TRUE(client.handshake());
    ::shutdown(client.fd(), SHUT_WR);  // without close_notify
    EXPECT_EQ(client.read(1), "");
  });
  run_and_wait(loop(), [](Tls& self) -> Task<> {
    auto stream = (co_await self.accept()).value();
    Buffer target(10);
    const auto got = co_await stream->read_some(target, Seconds(5));
    EXPECT_FALSE(got);
    EXPECT_TRUE(co_await stream->end_writing(Seconds(5)));
  }(*this));
}

TEST_F(Tls, CancellationUnwindsAHandshakeAndARead) {
  const Client silent(listener->local());
  run_and_wait(loop(), [](Tls& self) -> Task<> {
    TaskGroup group(self.loop());
    group.spawn([](Tls& of) -> Task<> {
      static_cast<void>(co_await of.accept(Seconds(60)));
      ADD_FAILURE() << "the task went on";
    }(self));
    co_await sleep_for(Milliseconds(20));
    EXPECT_EQ(group.size(), 1U);
    co_await group.close();
  }(*this));
}

}  // namespace
}  // namespace jalousie::io
