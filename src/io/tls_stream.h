// TLS (OpenSSL) between two memory buffers and any Stream below: what servers and clients have in common.
// Private to io.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <openssl/ssl.h>

#include "io/loop.h"
#include "io/stream.h"

namespace jalousie::io {

struct SslContextFree {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct SslFree {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using SslContextPtr = std::unique_ptr<SSL_CTX, SslContextFree>;
using SslPtr = std::unique_ptr<SSL, SslFree>;

/// What OpenSSL says of the failure just now.
std::string openssl_reason();

class TlsStream final : public Stream {
 public:
  /// `ssl` knows which end it is (SSL_set_accept_state, SSL_set_connect_state).
  TlsStream(std::unique_ptr<Stream> tcp, SslPtr ssl, Loop& loop);

  /// `explain` puts OpenSSL's failure of this moment into words.
  Task<Result<>> handshake(Microseconds timeout, std::string (*explain)() = openssl_reason);
  SSL* ssl() const { return ssl_.get(); }

  Task<Result<std::size_t>> read_some(MutableBytes target, Microseconds timeout) override;
  Task<Result<>> write(std::span<const ByteView> parts, Microseconds timeout) override;
  Task<Result<>> end_writing(Microseconds timeout) override;
  void limit_unsent(std::size_t bytes) override { tcp_->limit_unsent(bytes); }
  void close() override;
  Endpoint peer() const override { return tcp_->peer(); }
  Endpoint local() const override { return tcp_->local(); }
  bool is_secure() const override { return true; }

 private:
  class Due {
   public:
    explicit Due(Microseconds timeout) : endless_(timeout > std::chrono::hours(24 * 3650)) {
      if (!endless_) at_ = std::chrono::steady_clock::now() + timeout;
    }
    Microseconds left() const {
      if (endless_) return Microseconds::max();
      return std::max(std::chrono::duration_cast<Microseconds>(at_ - std::chrono::steady_clock::now()),
                      Microseconds::zero());
    }

   private:
    bool endless_;
    std::chrono::steady_clock::time_point at_;
  };
  struct Flushing;

  std::size_t pending() const { return BIO_ctrl_pending(SSL_get_wbio(ssl_.get())); }
  Result<> encrypt(ByteView plain);
  Task<Result<>> flush(Due due);
  Task<Result<bool>> fill(Due due);

  std::unique_ptr<Stream> tcp_;
  SslPtr ssl_;
  Event flushed_;
  bool flushing_ = false;
  Buffer cipher_;   // read from below
  Buffer sending_;  // being written below
};

}  // namespace jalousie::io
