// TLS for servers (OpenSSL) between two memory buffers and any Stream below.
#include <array>
#include <cerrno>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "base/assert.h"
#include "io/errors.h"
#include "io/files.h"
#include "io/stream.h"

namespace jalousie::io {

namespace {

constexpr std::size_t kRecordBytes = 16 * 1024;  // plaintext in one TLS record, RFC 8446 section 5.1
constexpr std::size_t kReadBytes = kRecordBytes + 512;
constexpr std::size_t kFlushBytes = 8 * kRecordBytes;  // encrypted bytes gathered before they are sent
constexpr std::size_t kPemBytes = 256 * 1024;

std::string openssl_reason() {
  const unsigned long code = ERR_peek_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "unknown reason" : reason;
}

// RFC 7301 section 3.2: no protocol in common ends the handshake.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  static constexpr std::string_view kHttp = "\x08http/1.1";
  unsigned char* found = nullptr;
  const ByteView ours = as_bytes(kHttp);
  if (SSL_select_next_proto(&found, chosen_size, ours.data(), static_cast<unsigned>(ours.size()), offered,
                            offered_size) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

int no_passphrase(char*, int, int, void*) { return 0; }

Result<> check_readable(const std::string& path, std::string_view what) {
  auto content = read_file(path, kPemBytes);
  if (!content)
    return std::unexpected(
        Error(ErrorKind::InvalidArgument, std::move(content).error().message()).within(what));
  wipe(*content);
  return {};
}

struct ContextFree {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct SslFree {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using ContextPtr = std::unique_ptr<SSL_CTX, ContextFree>;
using SslPtr = std::unique_ptr<SSL, SslFree>;

Result<> set_up(SSL_CTX* context) {
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_default_passwd_cb(context, no_passphrase);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);
  if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1) {
    return fail(ErrorKind::Internal, fmt::format("TLS: {}", openssl_reason()));
  }
  return {};
}

class TlsStream final : public Stream {
 public:
  TlsStream(std::unique_ptr<Stream> tcp, std::shared_ptr<TlsServerContext> context, SslPtr ssl, Loop& loop)
      : tcp_(std::move(tcp)),
        context_(std::move(context)),
        ssl_(std::move(ssl)),
        flushed_(loop),
        cipher_(kReadBytes) {
    BIO* in = BIO_new(BIO_s_mem());
    BIO* out = BIO_new(BIO_s_mem());
    JAL_ASSERT(in != nullptr && out != nullptr);
    BIO_set_mem_eof_return(in, -1);
    SSL_set_bio(ssl_.get(), in, out);
    SSL_set_accept_state(ssl_.get());
  }

  Task<Result<>> handshake(Microseconds timeout) {
    const Due due(timeout);
    for (;;) {
      ERR_clear_error();
      const int done = SSL_do_handshake(ssl_.get());
      const int state = SSL_get_error(ssl_.get(), done);
      auto failed = fail(ErrorKind::InvalidArgument,
                         fmt::format("{}: TLS handshake: {}", peer().to_string(), openssl_reason()));
      auto flushed = co_await flush(due);  // also the alert that says why
      if (done == 1) co_return flushed;
      if (state != SSL_ERROR_WANT_READ) co_return failed;
      CO_TRY_VOID(std::move(flushed));
      CO_TRY(const bool more, co_await fill(due));
      if (!more)
        co_return fail(ErrorKind::Unavailable,
                       fmt::format("{}: TLS handshake: the peer went away", peer().to_string()));
    }
  }

  Task<Result<std::size_t>> read_some(MutableBytes target, Microseconds timeout) override {
    JAL_ASSERT(!target.empty());
    const Due due(timeout);
    for (;;) {
      ERR_clear_error();
      std::size_t got = 0;
      const int done = SSL_read_ex(ssl_.get(), target.data(), target.size(), &got);
      if (done == 1) co_return got;
      const int state = SSL_get_error(ssl_.get(), done);
      if (state == SSL_ERROR_ZERO_RETURN) co_return std::size_t{0};
      auto failed =
          fail(ErrorKind::DataLoss, fmt::format("{}: TLS: {}", peer().to_string(), openssl_reason()));
      auto flushed = co_await flush(due);  // an alert, or the answer to a key update
      if (state != SSL_ERROR_WANT_READ) co_return failed;
      CO_TRY_VOID(std::move(flushed));
      CO_TRY(const bool more, co_await fill(due));
      if (!more)
        co_return fail(ErrorKind::Unavailable,
                       fmt::format("{}: TLS: ended without close_notify", peer().to_string()));
    }
  }

  Task<Result<>> write(std::span<const ByteView> parts, Microseconds timeout) override {
    const Due due(timeout);
    Buffer record;
    for (const ByteView part : parts) {
      ByteView rest = part;
      while (!rest.empty()) {
        // Small parts share a record; a whole record's worth is encrypted from where it lies.
        const std::size_t take = std::min(rest.size(), kRecordBytes - record.size());
        if (take == kRecordBytes) {
          CO_TRY_VOID(encrypt(rest.first(take)));
        } else {
          record.insert(record.end(), rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(take));
        }
        rest = rest.subspan(take);
        if (record.size() == kRecordBytes) {
          CO_TRY_VOID(encrypt(record));
          record.clear();
        }
        if (pending() >= kFlushBytes) CO_TRY_VOID(co_await flush(due));
      }
    }
    if (!record.empty()) CO_TRY_VOID(encrypt(record));
    co_return co_await flush(due);
  }

  Task<Result<>> end_writing(Microseconds timeout) override {
    ERR_clear_error();
    if (SSL_shutdown(ssl_.get()) < 0)
      co_return fail(ErrorKind::Unavailable,
                     fmt::format("{}: TLS: {}", peer().to_string(), openssl_reason()));
    const Due due(timeout);
    CO_TRY_VOID(co_await flush(due));
    co_return co_await tcp_->end_writing(due.left());
  }

  void close() override {
    tcp_->close();
    flushed_.notify();
  }
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

  // Clears the flag however the flush ends, and wakes who waits for it.
  struct Flushing {
    explicit Flushing(TlsStream& of) : stream(of) { stream.flushing_ = true; }
    ~Flushing() {
      stream.flushing_ = false;
      stream.flushed_.notify();
    }
    Flushing(const Flushing&) = delete;
    Flushing& operator=(const Flushing&) = delete;
    TlsStream& stream;
  };

  std::size_t pending() const { return BIO_ctrl_pending(SSL_get_wbio(ssl_.get())); }

  Result<> encrypt(ByteView plain) {
    ERR_clear_error();
    std::size_t written = 0;
    if (SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &written) != 1 || written != plain.size()) {
      return fail(ErrorKind::Unavailable, fmt::format("{}: TLS: {}", peer().to_string(), openssl_reason()));
    }
    return {};
  }

  // Sends what OpenSSL has written. Reading and writing tasks may both come here; records must leave in
  // order.
  Task<Result<>> flush(Due due) {
    while (flushing_) {
      if (!co_await flushed_.wait(due.left())) {
        co_return fail(ErrorKind::DeadlineExceeded,
                       fmt::format("{}: the peer does not read in time", peer().to_string()));
      }
    }
    while (pending() > 0) {
      const Flushing guard(*this);
      BIO* out = SSL_get_wbio(ssl_.get());
      sending_.resize(pending());
      const int taken = BIO_read(out, sending_.data(), static_cast<int>(sending_.size()));
      JAL_ASSERT(taken == static_cast<int>(sending_.size()));
      CO_TRY_VOID(co_await tcp_->write(sending_, due.left()));
    }
    co_return Result<>();
  }

  // False at the end of the stream below.
  Task<Result<bool>> fill(Due due) {
    CO_TRY(const std::size_t got, co_await tcp_->read_some(cipher_, due.left()));
    if (got > 0)
      JAL_ASSERT(BIO_write(SSL_get_rbio(ssl_.get()), cipher_.data(), static_cast<int>(got)) ==
                 static_cast<int>(got));
    co_return got > 0;
  }

  std::unique_ptr<Stream> tcp_;
  std::shared_ptr<TlsServerContext> context_;
  SslPtr ssl_;
  Event flushed_;
  bool flushing_ = false;
  Buffer cipher_;   // read from below
  Buffer sending_;  // being written below
};

}  // namespace

struct TlsServerContext::Impl {
  ContextPtr context;
};

Result<std::shared_ptr<TlsServerContext>> TlsServerContext::load(const std::string& certificate_path,
                                                                 const std::string& key_path) {
  const std::string certificate = fmt::format("certificate {}", certificate_path);
  const std::string key = fmt::format("key {}", key_path);
  TRY_VOID(check_readable(certificate_path, "certificate"));
  TRY_VOID(check_readable(key_path, "key"));
  ERR_clear_error();
  ContextPtr context(SSL_CTX_new(TLS_server_method()));
  if (!context) return fail(ErrorKind::Internal, fmt::format("TLS: {}", openssl_reason()));
  TRY_VOID(set_up(context.get()));
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_path.c_str()) != 1) {
    return fail(ErrorKind::InvalidArgument,
                fmt::format("{}: not a PEM certificate chain ({})", certificate, openssl_reason()));
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), key_path.c_str(), SSL_FILETYPE_PEM) != 1) {
    const bool other = ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH;
    return fail(
        ErrorKind::InvalidArgument,
        other ? fmt::format("{} is not the key of {}", key, certificate)
              : fmt::format("{}: not a PEM private key without passphrase ({})", key, openssl_reason()));
  }
  if (SSL_CTX_check_private_key(context.get()) != 1) {
    return fail(ErrorKind::InvalidArgument, fmt::format("{} is not the key of {}", key, certificate));
  }
  const X509* leaf = SSL_CTX_get0_certificate(context.get());
  if (X509_cmp_current_time(X509_get0_notAfter(leaf)) < 0) {
    return fail(ErrorKind::InvalidArgument, fmt::format("{} has expired; renew it", certificate));
  }
  return std::make_shared<TlsServerContext>(std::unique_ptr<Impl>(new Impl{std::move(context)}));
}

TlsServerContext::TlsServerContext(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsServerContext::~TlsServerContext() = default;

Task<Result<std::unique_ptr<Stream>>> accept_tls(std::unique_ptr<Stream> tcp,
                                                 std::shared_ptr<TlsServerContext> context,
                                                 Microseconds timeout) {
  ERR_clear_error();
  SslPtr ssl(SSL_new(context->impl().context.get()));
  if (!ssl) co_return fail(ErrorKind::ResourceExhausted, fmt::format("TLS: {}", openssl_reason()));
  Loop* const loop = co_await current_loop();
  auto stream = std::make_unique<TlsStream>(std::move(tcp), std::move(context), std::move(ssl), *loop);
  CO_TRY_VOID(co_await stream->handshake(timeout));
  co_return std::move(stream);
}

}  // namespace jalousie::io
