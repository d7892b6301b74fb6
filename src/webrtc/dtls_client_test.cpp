#include "webrtc/dtls_client_test.h"

#include <atomic>
#include <cstring>
#include <sys/time.h>

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/srtp.h>

#include "base/encoding.h"
#include "crypto/system_random.h"

namespace jalousie::webrtc::testing_dtls {
namespace {

crypto::Certificate make_certificate() {
  crypto::SystemRandom random;
  return crypto::Certificate::self_signed(random, FakeClock().utc()).value();
}

std::atomic<std::int64_t> openssl_now_us = 1'700'000'000'000'000;

}  // namespace

void advance_openssl_clock(Microseconds by) { openssl_now_us += by.count(); }
std::int64_t openssl_clock_us() { return openssl_now_us; }

Client::Client(const std::string& profiles, Certificate certificate) : certificate_(make_certificate()) {
  context_ = SSL_CTX_new(DTLS_client_method());
  SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, [](int, X509_STORE_CTX*) { return 1; });
  if (certificate == Certificate::Own) {
    EXPECT_EQ(SSL_CTX_use_certificate(context_, certificate_.x509()), 1);
    EXPECT_EQ(SSL_CTX_use_PrivateKey(context_, certificate_.private_key()), 1);
  }
  if (!profiles.empty()) EXPECT_EQ(SSL_CTX_set_tlsext_use_srtp(context_, profiles.c_str()), 0);
  SSL_CTX_set_options(context_, SSL_OP_NO_QUERY_MTU);
  method_ = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "client");
  BIO_meth_set_write(method_, write_datagram);
  BIO_meth_set_read(method_, read_datagram);
  BIO_meth_set_ctrl(method_, control);
  ssl_ = SSL_new(context_);
  BIO* const bio = BIO_new(method_);
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_, bio, bio);
  SSL_set_mtu(ssl_, 1200);
  DTLS_set_timer_cb(ssl_, timer);
  SSL_set_connect_state(ssl_);
}

Client::~Client() {
  SSL_free(ssl_);
  SSL_CTX_free(context_);
  BIO_meth_free(method_);
}

int Client::write_datagram(BIO* bio, const char* source, int size) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(source);
  static_cast<Client*>(BIO_get_data(bio))->written_.emplace_back(bytes, bytes + size);
  return size;
}

int Client::read_datagram(BIO* bio, char* target, int size) {
  auto& arrived = static_cast<Client*>(BIO_get_data(bio))->arrived_;
  BIO_clear_retry_flags(bio);
  if (arrived.empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const std::size_t count = std::min(arrived.front().size(), static_cast<std::size_t>(size));
  std::memcpy(target, arrived.front().data(), count);
  arrived.erase(arrived.begin());
  return static_cast<int>(count);
}

long Client::control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

void Client::feed(ByteView datagram) { arrived_.emplace_back(datagram.begin(), datagram.end()); }

std::vector<Buffer> Client::step() {
  char ignored[2048];
  if (!connected()) {
    SSL_do_handshake(ssl_);
  } else {
    SSL_read(ssl_, ignored, sizeof ignored);
  }
  return std::exchange(written_, {});
}

/// As Chromium's: 50 ms at first.
unsigned int Client::timer(SSL*, unsigned int duration_us) {
  return duration_us == 0 ? 50'000 : duration_us * 2;
}

void Client::close() { SSL_shutdown(ssl_); }
void Client::send(ByteView data) { SSL_write(ssl_, data.data(), static_cast<int>(data.size())); }

std::string Client::peer_fingerprint() const {
  X509* const certificate = SSL_get1_peer_certificate(ssl_);
  if (certificate == nullptr) return {};
  std::string found = crypto::fingerprint_of(certificate);
  X509_free(certificate);
  return found;
}

Client::Keys Client::keys(SrtpSuite suite) const {
  const std::size_t salt = srtp_salt_bytes(suite);
  Buffer material(2 * (16 + salt));
  const std::string label = "EXTRACTOR-dtls_srtp";
  EXPECT_EQ(SSL_export_keying_material(ssl_, material.data(), material.size(), label.data(), label.size(),
                                       nullptr, 0, 0),
            1);
  const ByteView all(material);
  const std::string padding = salt == 12 ? "0000" : "";
  return {encode_hex(all.first(16)), encode_hex(all.subspan(16, 16)),
          encode_hex(all.subspan(32, salt)) + padding, encode_hex(all.subspan(32 + salt, salt)) + padding};
}

}  // namespace jalousie::webrtc::testing_dtls

extern "C" int gettimeofday(struct timeval* target, void*) noexcept {
  const std::int64_t now = jalousie::webrtc::testing_dtls::openssl_clock_us();
  target->tv_sec = now / 1'000'000;
  target->tv_usec = now % 1'000'000;
  return 0;
}
