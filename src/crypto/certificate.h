// A self-signed certificate for DTLS: ECDSA P-256, as WebRTC asks for (RFC 8827 section 6.5). Peers know it
// by its fingerprint in the SDP (RFC 8122) alone; its name and dates mean nothing to them. Immutable; safe to
// share between threads.
#pragma once

#include <memory>
#include <string>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"

struct evp_pkey_st;
struct x509_st;

namespace jalousie::crypto {

class Certificate {
 public:
  /// Valid from a day before `now` for 30 days, as browsers' own are. The key is from OpenSSL's generator,
  /// the serial from `random`.
  static Result<Certificate> self_signed(RandomSource& random, UtcTime now);

  Certificate(Certificate&&) noexcept;
  Certificate& operator=(Certificate&&) noexcept;
  ~Certificate();

  /// For SSL_CTX_use_certificate and SSL_CTX_use_PrivateKey; owned by this object.
  x509_st* x509() const { return certificate_.get(); }
  evp_pkey_st* private_key() const { return key_.get(); }
  /// SHA-256 of its DER, as `a=fingerprint:sha-256` has it: 32 pairs of upper case hex digits with colons.
  const std::string& fingerprint() const { return fingerprint_; }
  std::string certificate_pem() const;
  /// A secret.
  std::string private_key_pem() const;

 private:
  struct FreeKey {
    void operator()(evp_pkey_st* key) const;
  };
  struct FreeCertificate {
    void operator()(x509_st* certificate) const;
  };
  using Key = std::unique_ptr<evp_pkey_st, FreeKey>;
  using X509Ptr = std::unique_ptr<x509_st, FreeCertificate>;
  Certificate(Key key, X509Ptr certificate);

  Key key_;
  X509Ptr certificate_;
  std::string fingerprint_;
};

/// SHA-256 fingerprint of any certificate, in the same form: for comparing a peer's with its SDP.
std::string fingerprint_of(const x509_st* certificate);

}  // namespace jalousie::crypto
