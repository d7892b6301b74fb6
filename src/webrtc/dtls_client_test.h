// The browser's side of DTLS-SRTP, by OpenSSL: for the tests of this room. OpenSSL reads its clock by
// gettimeofday(), which the test binary has one of its own of: time passes for it when
// advance_openssl_clock() says so, and not otherwise.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <openssl/ssl.h>

#include "base/bytes.h"
#include "base/endpoint.h"
#include "base/time.h"
#include "crypto/certificate.h"
#include "webrtc/srtp_cipher.h"

namespace jalousie::webrtc::testing_dtls {

void advance_openssl_clock(Microseconds by);
std::int64_t openssl_clock_us();

class Client {
 public:
  enum class Certificate { Own, None };
  struct Keys {
    std::string client_key, server_key, client_salt, server_salt;  // hex, salts with the two zeros of GCM
  };

  explicit Client(const std::string& profiles = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80",
                  Certificate certificate = Certificate::Own);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  const std::string& fingerprint() const { return certificate_.fingerprint(); }
  /// Goes on with what was fed, and sends the last flight again when its time has come; the datagrams to
  /// send.
  std::vector<Buffer> step();
  void feed(ByteView datagram);
  void close();
  void send(ByteView application_data);

  bool connected() const { return SSL_is_init_finished(ssl_) == 1; }
  bool closed() const { return (SSL_get_shutdown(ssl_) & SSL_RECEIVED_SHUTDOWN) != 0; }
  std::string peer_fingerprint() const;
  Keys keys(SrtpSuite suite) const;

 private:
  static int write_datagram(BIO* bio, const char* source, int size);
  static int read_datagram(BIO* bio, char* target, int size);
  static unsigned int timer(SSL* ssl, unsigned int duration_us);
  static long control(BIO* bio, int command, long number, void* pointer);

  crypto::Certificate certificate_;
  SSL_CTX* context_ = nullptr;
  SSL* ssl_ = nullptr;
  BIO_METHOD* method_ = nullptr;
  std::vector<Buffer> written_;
  std::vector<Buffer> arrived_;
};

}  // namespace jalousie::webrtc::testing_dtls
