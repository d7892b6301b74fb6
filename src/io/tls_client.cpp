// TLS for clients of devices in people's homes.
#include <array>

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/encoding.h"
#include "base/endpoint.h"
#include "io/tls_stream.h"

namespace jalousie::io {

namespace {

// Forward secrecy, always; CBC too, which is all that older firmware has. What offers only RSA key exchange,
// RC4 or 3DES is told so.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM:ECDHE+AES:DHE+AES:!aNULL";

/// Why a handshake failed, as far as somebody can do something about it.
std::string explain_handshake() {
  switch (ERR_GET_REASON(ERR_peek_error())) {
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
    case SSL_R_BAD_RECORD_TYPE:
      return "what answers there does not speak TLS";
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
    case SSL_R_NO_PROTOCOLS_AVAILABLE:
    case SSL_R_UNSAFE_LEGACY_RENEGOTIATION_DISABLED:
      return "its TLS is older than version 1.2, which anybody on the way can break";
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
    case SSL_R_TLSV1_ALERT_INSUFFICIENT_SECURITY:
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_WRONG_CIPHER_RETURNED:
      return "it offers none of the ciphers that are still safe";
    case SSL_R_DH_KEY_TOO_SMALL:
    case SSL_R_EE_KEY_TOO_SMALL:
    case SSL_R_BAD_ECPOINT:
    case SSL_R_WRONG_CURVE:
      return "its key is too short to be safe";
    default:
      return openssl_reason();
  }
}

Result<SslContextPtr> make_context() {
  ERR_clear_error();
  SslContextPtr context(SSL_CTX_new(TLS_client_method()));
  if (!context) return fail(ErrorKind::ResourceExhausted, fmt::format("TLS: {}", openssl_reason()));
  SSL_CTX_set_options(context.get(),
                      SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CLEANSE_PLAINTEXT);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // The chain is looked at, and what comes of it is the caller's to judge: see TlsConnection.
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_default_verify_paths(context.get());
  if (SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_cipher_list(context.get(), kCiphers) != 1) {
    return fail(ErrorKind::Internal, fmt::format("TLS: {}", openssl_reason()));
  }
  return context;
}

Result<SslPtr> make_client(SSL_CTX* context, const std::string& host) {
  ERR_clear_error();
  SslPtr ssl(SSL_new(context));
  if (!ssl) return fail(ErrorKind::ResourceExhausted, fmt::format("TLS: {}", openssl_reason()));
  const bool is_address = Endpoint::parse(host, 1).has_value();
  // RFC 6066 section 3: addresses are no server names.
  const bool named = is_address ? X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), host.c_str()) == 1
                                : SSL_set1_host(ssl.get(), host.c_str()) == 1 &&
                                      SSL_set_tlsext_host_name(ssl.get(), host.c_str()) == 1;
  if (!named) return fail(ErrorKind::InvalidArgument, "TLS: the host's name cannot be one");
  SSL_set_connect_state(ssl.get());
  return ssl;
}

}  // namespace

struct TlsClientContext::Impl {
  SslContextPtr context;
};

TlsClientContext::TlsClientContext(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsClientContext::~TlsClientContext() = default;

Result<std::shared_ptr<const TlsClientContext>> TlsClientContext::create() {
  TRY(SslContextPtr made, make_context());
  return std::shared_ptr<const TlsClientContext>(
      new TlsClientContext(std::make_unique<Impl>(std::move(made))));
}

const Result<std::shared_ptr<const TlsClientContext>>& TlsClientContext::shared() {
  static const auto context = create();
  return context;
}

Task<Result<TlsConnection>> connect_tls(std::unique_ptr<Stream> tcp, std::string host, Microseconds timeout,
                                        std::shared_ptr<const TlsClientContext> context) {
  if (!context) {
    CO_TRY(context, TlsClientContext::shared());
  }
  CO_TRY(SslPtr ssl, make_client(context->impl().context.get(), host));
  Loop* const loop = co_await current_loop();
  auto stream = std::make_unique<TlsStream>(std::move(tcp), std::move(ssl), *loop);
  CO_TRY_VOID(co_await stream->handshake(timeout, explain_handshake));
  TlsConnection connection;
  connection.is_verified = SSL_get_verify_result(stream->ssl()) == X509_V_OK;
  std::array<unsigned char, 32> digest{};
  unsigned size = 0;
  X509* const certificate = SSL_get0_peer_certificate(stream->ssl());
  if (certificate == nullptr || X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1)
    co_return fail(ErrorKind::InvalidArgument,
                   fmt::format("{}: TLS handshake: it shows no certificate", stream->peer().to_string()));
  connection.fingerprint = encode_hex(digest);
  connection.stream = std::move(stream);
  co_return std::move(connection);
}

}  // namespace jalousie::io
