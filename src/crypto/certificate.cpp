#include "crypto/certificate.h"

#include <array>

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/assert.h"

namespace jalousie::crypto {
namespace {

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using BioPtr = std::unique_ptr<BIO, FreeBio>;

constexpr std::int64_t kDaySeconds = 86'400;
constexpr std::int64_t kValidSeconds = 30 * kDaySeconds;

bool fill_in(X509* certificate, EVP_PKEY* key, RandomSource& random, std::time_t now) {
  std::array<std::uint8_t, 8> serial;
  random.fill(serial);
  serial[0] &= 0x7f;  // RFC 5280 section 4.1.2.2: positive
  serial[7] |= 1;     // and not zero
  std::uint64_t number = 0;
  for (const std::uint8_t byte : serial) number = number << 8 | byte;
  X509_NAME* name = X509_get_subject_name(certificate);
  const auto* common = reinterpret_cast<const unsigned char*>("jalousie");
  return X509_set_version(certificate, X509_VERSION_3) == 1 &&
         ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), number) == 1 &&
         X509_time_adj_ex(X509_getm_notBefore(certificate), 0, -kDaySeconds, &now) != nullptr &&
         X509_time_adj_ex(X509_getm_notAfter(certificate), 0, kValidSeconds, &now) != nullptr &&
         X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common, -1, -1, 0) == 1 &&
         X509_set_issuer_name(certificate, name) == 1 && X509_set_pubkey(certificate, key) == 1 &&
         X509_sign(certificate, key, EVP_sha256()) > 0;
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace

void Certificate::FreeKey::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }
void Certificate::FreeCertificate::operator()(x509_st* certificate) const { X509_free(certificate); }

Result<Certificate> Certificate::self_signed(RandomSource& random, UtcTime now) {
  Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  X509Ptr certificate(X509_new());
  if (!key || !certificate || !fill_in(certificate.get(), key.get(), random, to_us(now) / 1'000'000)) {
    return fail(ErrorKind::Internal, "cannot make a certificate");
  }
  return Certificate(std::move(key), std::move(certificate));
}

Certificate::Certificate(Key key, X509Ptr certificate)
    : key_(std::move(key)),
      certificate_(std::move(certificate)),
      fingerprint_(fingerprint_of(certificate_.get())) {}
Certificate::Certificate(Certificate&&) noexcept = default;
Certificate& Certificate::operator=(Certificate&&) noexcept = default;
Certificate::~Certificate() = default;

std::string Certificate::certificate_pem() const {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  JAL_ASSERT(bio && PEM_write_bio_X509(bio.get(), certificate_.get()) == 1);
  return text_of(bio.get());
}

std::string Certificate::private_key_pem() const {
  const BioPtr bio(BIO_new(BIO_s_secmem()));
  JAL_ASSERT(bio &&
             PEM_write_bio_PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return text_of(bio.get());
}

std::string fingerprint_of(const x509_st* certificate) {
  std::array<unsigned char, 32> digest;
  unsigned int written = 0;
  JAL_ASSERT(X509_digest(certificate, EVP_sha256(), digest.data(), &written) == 1 &&
             written == digest.size());
  return fmt::format("{:02X}", fmt::join(digest, ":"));
}

}  // namespace jalousie::crypto
