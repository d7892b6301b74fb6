#include <csignal>
#include <filesystem>
#include <functional>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/encoding.h"
#include "io/address.h"
#include "io/files.h"
#include "io/loop_thread.h"
#include "io/stream.h"
#include "io/task_group.h"

namespace jalousie::io {
namespace {

/// A server of OpenSSL's own, blocking, on a thread of its own: one connection, which echoes.
class EchoServer {
 public:
  using SetUp = std::function<void(SSL_CTX*)>;
  explicit EchoServer(const SetUp& set_up, bool rsa = false, const char* name = "IP:127.0.0.1") {
    key_ = rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
    certificate_ = X509_new();
    X509_set_version(certificate_, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate_), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate_), 3600);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate_), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("camera"), -1, -1, 0);
    X509_set_issuer_name(certificate_, X509_get_subject_name(certificate_));
    X509_EXTENSION* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, name);
    X509_add_ext(certificate_, names, -1);
    X509_EXTENSION_free(names);
    X509_set_pubkey(certificate_, key_);
    X509_sign(certificate_, key_, EVP_sha256());
    context_ = SSL_CTX_new(TLS_server_method());
    set_up(context_);
    SSL_CTX_use_certificate(context_, certificate_);
    SSL_CTX_use_PrivateKey(context_, key_);
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto at = SocketAddress::of(Endpoint::v4({127, 0, 0, 1}, 0));
    EXPECT_EQ(::bind(listener_, at.get(), at.size), 0);
    EXPECT_EQ(::listen(listener_, 1), 0);
    sockaddr_in bound{};
    socklen_t size = sizeof(bound);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&bound), &size);
    port_ = ntohs(bound.sin_port);
    thread_ = std::jthread([this] { serve(); });
  }
  ~EchoServer() {
    thread_.join();
    ::close(listener_);
    SSL_CTX_free(context_);
    X509_free(certificate_);
    EVP_PKEY_free(key_);
  }
  EchoServer(const EchoServer&) = delete;
  EchoServer& operator=(const EchoServer&) = delete;

  std::uint16_t port() const { return port_; }
  std::string fingerprint() const {
    std::array<unsigned char, 32> digest{};
    unsigned size = 0;
    X509_digest(certificate_, EVP_sha256(), digest.data(), &size);
    return encode_hex(digest);
  }
  std::string pem() const {
    BIO* out = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(out, certificate_);
    char* data = nullptr;
    const long size = BIO_get_mem_data(out, &data);
    std::string text(data, static_cast<std::size_t>(size));
    BIO_free(out);
    return text;
  }
  /// What the client asked for by SNI; empty: nothing.
  const std::string& asked() {
    thread_.join();
    thread_ = std::jthread([] {});
    return asked_;
  }

 private:
  void serve() {
    sigset_t pipe;  // a client that goes first is no reason to die
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    const int fd = ::accept(listener_, nullptr, nullptr);
    SSL* ssl = SSL_new(context_);
    SSL_set_fd(ssl, fd);
    if (SSL_accept(ssl) == 1) {
      if (const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name)) asked_ = name;
      std::array<char, 1024> buffer{};
      int got = 0;
      while ((got = SSL_read(ssl, buffer.data(), buffer.size())) > 0) SSL_write(ssl, buffer.data(), got);
      SSL_shutdown(ssl);
    }
    SSL_free(ssl);
    ::close(fd);
  }

  EVP_PKEY* key_;
  X509* certificate_;
  SSL_CTX* context_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::string asked_;
  std::jthread thread_;
};

class TlsClient : public ::testing::Test {
 public:
  Task<Result<TlsConnection>> connect(std::string host, std::uint16_t port,
                                      std::shared_ptr<const TlsClientContext> context = nullptr) {
    CO_TRY(auto tcp, co_await connect_tcp("127.0.0.1", port, Seconds(20)));
    co_return co_await connect_tls(std::move(tcp), std::move(host), Seconds(20), std::move(context));
  }
  std::string why(std::uint16_t port) {
    const auto failed = run_and_wait(thread.loop(), connect("127.0.0.1", port));
    return failed ? "it was let in" : failed.error().message();
  }
  LoopThread thread;
};

TEST_F(TlsClient, CarriesBytesAndSaysWhoseCertificateItWas) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    EchoServer server([version](SSL_CTX* context) { SSL_CTX_set_max_proto_version(context, version); });
    run_and_wait(thread.loop(), [](TlsClient& self, EchoServer& to) -> Task<> {
      auto made = co_await self.connect("127.0.0.1", to.port());
      if (!made) {
        ADD_FAILURE() << made.error().message();
        co_return;
      }
      EXPECT_EQ(made->fingerprint, to.fingerprint());
      EXPECT_FALSE(made->is_verified);  // nobody vouches for it
      std::string content(100'000, 'x');
      content.back() = 'y';
      Buffer back(1 << 16);
      std::size_t got = 0;
      EXPECT_TRUE(
          co_await made->stream->write(as_bytes(std::string_view(content).substr(0, 900)), Seconds(20)));
      while (got < 900) got += (co_await made->stream->read_some(back, Seconds(20))).value();
      EXPECT_EQ(got, 900u);
      EXPECT_TRUE(co_await made->stream->end_writing(Seconds(20)));
      EXPECT_EQ((co_await made->stream->read_some(back, Seconds(20))).value(), 0u);
    }(*this, server));
  }
}

TEST_F(TlsClient, VerifiesWhatTheSystemTrustsWhereTheNameFits) {
  std::string folder = ::testing::TempDir() + "tlsclientXXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  ASSERT_TRUE(TlsClientContext::shared());
  const auto is_verified = [&](const char* host, const char* name, bool anew = true) {
    EchoServer server([](SSL_CTX*) {}, false, name);
    EXPECT_TRUE(write_file_atomic(folder + "/ca.pem", as_bytes(server.pem()), 0600));
    ::setenv("SSL_CERT_FILE", (folder + "/ca.pem").c_str(), 1);
    const bool verified =
        run_and_wait(thread.loop(),
                     [](TlsClient& self, std::string to, std::uint16_t port,
                        std::shared_ptr<const TlsClientContext> context) -> Task<bool> {
                       auto made = co_await self.connect(std::move(to), port, std::move(context));
                       co_return made.value().is_verified;
                     }(*this, host, server.port(), anew ? TlsClientContext::create().value() : nullptr));
    EXPECT_EQ(server.asked(), Endpoint::parse(host, 1) ? "" : host);
    return verified;
  };
  EXPECT_TRUE(is_verified("127.0.0.1", "IP:127.0.0.1"));
  EXPECT_FALSE(is_verified("127.0.0.1", "IP:127.0.0.2"));
  EXPECT_TRUE(is_verified("camera.example", "DNS:camera.example"));
  EXPECT_FALSE(is_verified("other.example", "DNS:camera.example"));
  EXPECT_FALSE(is_verified("127.0.0.1", "IP:127.0.0.1", false)) << "a connection reads no authorities";
  ::unsetenv("SSL_CERT_FILE");
  std::filesystem::remove_all(folder);
}

TEST_F(TlsClient, SaysWhyAHandshakeFails) {
  {
    EchoServer old([](SSL_CTX* context) {
      SSL_CTX_set_cipher_list(context, "ALL:@SECLEVEL=0");
      SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
      SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);
    });
    EXPECT_NE(why(old.port()).find("older than version 1.2"), std::string::npos);
  }
  {
    EchoServer weak(
        [](SSL_CTX* context) {
          SSL_CTX_set_cipher_list(context, "AES128-GCM-SHA256:AES128-SHA");  // RSA key exchange
          SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
        },
        true);
    EXPECT_NE(why(weak.port()).find("none of the ciphers that are still safe"), std::string::npos);
  }
  const auto plain = run_and_wait(thread.loop(), [](TlsClient& self) -> Task<std::string> {
    const auto listener = TcpListener::listen(self.thread.loop(), Endpoint::v4({127, 0, 0, 1}, 0)).value();
    TaskGroup group(self.thread.loop());
    group.spawn([](TcpListener& at) -> Task<> {
      auto stream = (co_await at.accept()).value();
      co_await stream->write(as_bytes("RTSP/1.0 400 Bad Request\r\n\r\n"), Seconds(20));
    }(*listener));
    const auto made = co_await self.connect("127.0.0.1", listener->local().port());
    co_await group.close();
    co_return made ? "it was let in" : made.error().message();
  }(*this));
  EXPECT_NE(plain.find("does not speak TLS"), std::string::npos) << plain;
}

}  // namespace
}  // namespace jalousie::io
