#include "webrtc/dtls.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <utility>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/srtp.h>
#include <openssl/ssl.h>

#include "base/assert.h"
#include "base/encoding.h"
#include "crypto/compare.h"

namespace jalousie::webrtc {
namespace {

/// Short, since a lost flight delays the first picture; doubled up to the most (RFC 6347 section 4.2.4.1).
/// How long a handshake may take in all is the session's to say.
constexpr Milliseconds kFirstTimeout{200};
constexpr Milliseconds kMostTimeout{3200};
/// A browser's chain is one certificate below 1 KiB.
constexpr long kCertificateListBytes = 16'384;
constexpr const char* kCiphers =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES256-GCM-SHA384";
constexpr const char* kSrtpProfiles = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";
constexpr std::string_view kExporterLabel = "EXTRACTOR-dtls_srtp";  // RFC 5764 section 4.2

/// What the BIO reads from and writes to: one read takes one datagram, one write makes one.
struct Wire {
  ByteView incoming;
  std::vector<Buffer> written;
};

Wire& wire_of(BIO* bio) { return *static_cast<Wire*>(BIO_get_data(bio)); }

int read_datagram(BIO* bio, char* target, int size) {
  BIO_clear_retry_flags(bio);
  Wire& wire = wire_of(bio);
  if (wire.incoming.empty() || size <= 0) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const std::size_t count = std::min(wire.incoming.size(), static_cast<std::size_t>(size));
  std::memcpy(target, wire.incoming.data(), count);
  wire.incoming = {};
  return static_cast<int>(count);
}

int write_datagram(BIO* bio, const char* source, int size) {
  BIO_clear_retry_flags(bio);
  if (size <= 0) return 0;
  Wire& wire = wire_of(bio);
  // Over the limit it is lost, as on a full link.
  if (wire.written.size() < DtlsServer::kQueueLimit) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(source);
    wire.written.emplace_back(bytes, bytes + size);
  }
  return size;
}

long control_datagram(BIO*, int command, long, void*) {
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_DGRAM_QUERY_MTU:
    case BIO_CTRL_DGRAM_GET_FALLBACK_MTU:
      return static_cast<long>(DtlsServer::kMtu);
    default:
      return 0;
  }
}

/// OpenSSL's clock must not decide: an hour is beyond any handshake of ours.
unsigned int never(SSL*, unsigned int) { return 3'600'000'000U; }

/// In place of chain building: self-signed certificates are known by their fingerprint.
int verify(X509_STORE_CTX* store, void*) {
  const auto* ssl =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const auto* expected = static_cast<const std::vector<std::string>*>(SSL_get_ex_data(ssl, 0));
  const X509* certificate = X509_STORE_CTX_get0_cert(store);
  bool found = false;
  if (certificate != nullptr && expected != nullptr) {
    const std::string fingerprint = crypto::fingerprint_of(certificate);
    for (const std::string& one : *expected)
      found |= crypto::constant_time_equal(as_bytes(one), as_bytes(fingerprint));
  }
  if (!found) X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
  return found ? 1 : 0;
}

std::string last_error() {
  const unsigned long code = ERR_peek_last_error();
  const char* text = code != 0 ? ERR_reason_error_string(code) : nullptr;
  ERR_clear_error();
  return text != nullptr ? text : "protocol error";
}

}  // namespace

std::optional<std::string> normal_fingerprint(std::string_view text) {
  if (text.size() != 32 * 3 - 1) return std::nullopt;
  std::string normal;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
    const bool hex = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
    if (i % 3 == 2 ? c != ':' : !hex) return std::nullopt;
    normal += c;
  }
  return normal;
}

Result<std::shared_ptr<const Identity>> Identity::create(RandomSource& random, UtcTime now) {
  TRY(auto certificate, crypto::Certificate::self_signed(random, now));
  std::shared_ptr<Identity> made(new Identity(std::move(certificate)));
  TRY_VOID(made->configure());
  return made;
}

Identity::Identity(crypto::Certificate certificate) : certificate_(std::move(certificate)) {}

Identity::~Identity() {
  SSL_CTX_free(context_);
  BIO_meth_free(datagrams_);
}

Result<> Identity::configure() {
  context_ = SSL_CTX_new(DTLS_server_method());
  datagrams_ = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagrams");
  JAL_ASSERT(context_ != nullptr && datagrams_ != nullptr);
  BIO_meth_set_read(datagrams_, read_datagram);
  BIO_meth_set_write(datagrams_, write_datagram);
  BIO_meth_set_ctrl(datagrams_, control_datagram);

  SSL_CTX_set_options(context_, SSL_OP_NO_QUERY_MTU | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                    SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context_, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_max_cert_list(context_, kCertificateListBytes);
  SSL_CTX_set_verify(context_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_cert_verify_callback(context_, verify, nullptr);
  const bool done = SSL_CTX_set_min_proto_version(context_, DTLS1_2_VERSION) == 1 &&
                    SSL_CTX_set_cipher_list(context_, kCiphers) == 1 &&
                    SSL_CTX_set1_groups_list(context_, "X25519:P-256:P-384") == 1 &&
                    SSL_CTX_use_certificate(context_, certificate_.x509()) == 1 &&
                    SSL_CTX_use_PrivateKey(context_, certificate_.private_key()) == 1 &&
                    SSL_CTX_set_tlsext_use_srtp(context_, kSrtpProfiles) == 0;  // 0 is success here
  if (!done) return fail(ErrorKind::Internal, "dtls: " + last_error());
  return {};
}

struct DtlsServer::Impl {
  std::shared_ptr<const Identity> identity;
  std::vector<std::string> peer_fingerprints;
  Wire wire;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl{nullptr, &SSL_free};
  State state = State::Handshaking;
  std::string reason;
  std::optional<SrtpKeys> keys;

  std::deque<Buffer> output;
  std::vector<Buffer> flight;  // our last, for as long as it has no answer
  std::optional<SteadyTime> resend_at;
  Milliseconds timeout = kFirstTimeout;

  void handshake(SteadyTime now);
  void read();
  bool judge(int result);  // whether the connection goes on
  void collect(std::optional<SteadyTime> flight_at);
  void export_keys();
  void fail_with(std::string why);
};

DtlsServer::DtlsServer(std::shared_ptr<const Identity> identity, std::vector<std::string> peer_fingerprints)
    : impl_(std::make_unique<Impl>()) {
  impl_->identity = std::move(identity);
  impl_->peer_fingerprints = std::move(peer_fingerprints);
  impl_->ssl.reset(SSL_new(impl_->identity->context_));
  BIO* const bio = BIO_new(impl_->identity->datagrams_);
  JAL_ASSERT(impl_->ssl != nullptr && bio != nullptr);
  BIO_set_data(bio, &impl_->wire);
  BIO_set_init(bio, 1);
  SSL* const ssl = impl_->ssl.get();
  SSL_set_bio(ssl, bio, bio);
  SSL_set_mtu(ssl, static_cast<long>(kMtu));
  DTLS_set_timer_cb(ssl, never);
  JAL_ASSERT(SSL_set_ex_data(ssl, 0, &impl_->peer_fingerprints) == 1);
  SSL_set_accept_state(ssl);
}

DtlsServer::~DtlsServer() = default;
DtlsServer::State DtlsServer::state() const { return impl_->state; }
const std::string& DtlsServer::reason() const { return impl_->reason; }
std::optional<SrtpKeys> DtlsServer::take_keys() { return std::exchange(impl_->keys, std::nullopt); }

void DtlsServer::feed(ByteView datagram, SteadyTime now) {
  if (impl_->state != State::Handshaking && impl_->state != State::Connected) return;
  ERR_clear_error();
  impl_->wire.incoming = datagram;
  if (impl_->state == State::Handshaking) impl_->handshake(now);
  if (impl_->state == State::Connected) impl_->read();
  impl_->wire.incoming = {};
}

void DtlsServer::Impl::handshake(SteadyTime now) {
  const int result = SSL_do_handshake(ssl.get());
  if (result == 1) {
    collect(std::nullopt);  // the peer asks again when it does not get this flight
    export_keys();
  } else if (judge(result)) {
    collect(now);
  } else {
    collect(std::nullopt);  // an alert
  }
}

void DtlsServer::Impl::read() {
  // Application data is nothing that we offered: it is thrown away.
  std::array<std::uint8_t, 2048> ignored;
  int result = 1;
  while (result > 0) result = SSL_read(ssl.get(), ignored.data(), static_cast<int>(ignored.size()));
  judge(result);
  collect(std::nullopt);
}

bool DtlsServer::Impl::judge(int result) {
  switch (SSL_get_error(ssl.get(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return true;
    case SSL_ERROR_ZERO_RETURN:
      state = State::Closed;
      return false;
    default:
      fail_with(last_error());
      return false;
  }
}

void DtlsServer::Impl::fail_with(std::string why) {
  state = State::Failed;
  reason = "DTLS: " + std::move(why);
  keys.reset();
}

/// Queues what OpenSSL wrote. `flight_at`: it is a flight of the handshake, written then, that waits for an
/// answer.
void DtlsServer::Impl::collect(std::optional<SteadyTime> flight_at) {
  if (state != State::Handshaking) {
    flight.clear();
    resend_at.reset();
  }
  if (wire.written.empty()) return;
  if (flight_at) {
    flight = wire.written;
    timeout = kFirstTimeout;
    resend_at = *flight_at + timeout;
  }
  for (Buffer& datagram : wire.written) {
    if (output.size() < kQueueLimit) output.push_back(std::move(datagram));
  }
  wire.written.clear();
}

void DtlsServer::Impl::export_keys() {
  flight.clear();
  resend_at.reset();
  const SRTP_PROTECTION_PROFILE* const profile = SSL_get_selected_srtp_profile(ssl.get());
  if (profile == nullptr) return fail_with("the peer offers no SRTP profile of ours");
  SrtpKeys made;
  made.suite = profile->id == SRTP_AEAD_AES_128_GCM ? SrtpSuite::AeadAes128Gcm : SrtpSuite::Aes128CmSha1_80;
  const std::size_t salt_bytes = srtp_salt_bytes(made.suite);

  // RFC 5764 section 4.2: client's key, server's key, client's salt, server's salt.
  crypto::Secret<2 * (kSrtpKeyBytes + kSrtpSaltBytes)> material;
  const std::size_t size = 2 * (kSrtpKeyBytes + salt_bytes);
  if (SSL_export_keying_material(ssl.get(), material.bytes().data(), size, kExporterLabel.data(),
                                 kExporterLabel.size(), nullptr, 0, 0) != 1) {
    return fail_with("no keys: " + last_error());
  }
  ByteReader reader(material.view());
  const auto take = [&](MutableBytes target, std::size_t count) {
    const ByteView from = reader.bytes(count);
    std::copy(from.begin(), from.end(), target.begin());
  };
  take(made.theirs.key.bytes(), kSrtpKeyBytes);
  take(made.ours.key.bytes(), kSrtpKeyBytes);
  take(made.theirs.salt.bytes(), salt_bytes);
  take(made.ours.salt.bytes(), salt_bytes);
  state = State::Connected;
  keys = std::move(made);
}

std::optional<Buffer> DtlsServer::take_output() {
  if (impl_->output.empty()) return std::nullopt;
  Buffer datagram = std::move(impl_->output.front());
  impl_->output.pop_front();
  return datagram;
}

std::optional<SteadyTime> DtlsServer::next_deadline() const { return impl_->resend_at; }

void DtlsServer::on_deadline(SteadyTime now) {
  if (!impl_->resend_at || now < *impl_->resend_at) return;
  // The very datagrams: to the peer it is as if the network had delivered them late, or twice.
  for (const Buffer& datagram : impl_->flight) {
    if (impl_->output.size() < kQueueLimit) impl_->output.push_back(datagram);
  }
  impl_->timeout = std::min(impl_->timeout * 2, kMostTimeout);
  impl_->resend_at = now + impl_->timeout;
}

void DtlsServer::close() {
  if (impl_->state == State::Connected) {
    ERR_clear_error();
    SSL_shutdown(impl_->ssl.get());
  }
  if (impl_->state != State::Failed) impl_->state = State::Closed;
  impl_->keys.reset();
  impl_->collect(std::nullopt);
}

}  // namespace jalousie::webrtc
