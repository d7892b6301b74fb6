// TLS for servers.
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
#include "io/tls_stream.h"

namespace jalousie::io {

namespace {

constexpr std::size_t kPemBytes = std::size_t{256} << 10;

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

}  // namespace

struct TlsServerContext::Impl {
  SslContextPtr context;
};

Result<std::shared_ptr<TlsServerContext>> TlsServerContext::load(const std::string& certificate_path,
                                                                 const std::string& key_path) {
  const std::string certificate = fmt::format("certificate {}", certificate_path);
  const std::string key = fmt::format("key {}", key_path);
  TRY_VOID(check_readable(certificate_path, "certificate"));
  TRY_VOID(check_readable(key_path, "key"));
  ERR_clear_error();
  SslContextPtr context(SSL_CTX_new(TLS_server_method()));
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

UtcTime TlsServerContext::not_after() const {
  std::tm ends{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(SSL_CTX_get0_certificate(impl_->context.get())), &ends) != 1)
    return {};
  return utc_from_us(static_cast<std::int64_t>(::timegm(&ends)) * 1'000'000);
}

Task<Result<std::unique_ptr<Stream>>> accept_tls(std::unique_ptr<Stream> tcp,
                                                 std::shared_ptr<TlsServerContext> context,
                                                 Microseconds timeout) {
  ERR_clear_error();
  SslPtr ssl(SSL_new(context->impl().context.get()));
  if (!ssl) co_return fail(ErrorKind::ResourceExhausted, fmt::format("TLS: {}", openssl_reason()));
  Loop* const loop = co_await current_loop();
  SSL_set_accept_state(ssl.get());
  auto stream = std::make_unique<TlsStream>(std::move(tcp), std::move(ssl), *loop);
  CO_TRY_VOID(co_await stream->handshake(timeout));
  co_return std::move(stream);
}

}  // namespace jalousie::io
