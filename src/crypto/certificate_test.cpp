#include "crypto/certificate.h"

#include <regex>

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "crypto/system_random.h"

namespace jalousie::crypto {
namespace {

constexpr UtcTime kNow = utc_from_us(1'795'414'500'000'000);

TEST(Certificate, IsSelfSignedOnP256AndFitsItsKey) {
  SystemRandom random;
  const auto made = Certificate::self_signed(random, kNow);
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(X509_verify(made->x509(), made->private_key()), 1);
  EXPECT_EQ(X509_check_private_key(made->x509(), made->private_key()), 1);
  EXPECT_EQ(EVP_PKEY_get_bits(made->private_key()), 256);
  EXPECT_EQ(EVP_PKEY_is_a(made->private_key(), "EC"), 1);
}

TEST(Certificate, IsValidAroundNow) {
  SystemRandom random;
  const auto made = Certificate::self_signed(random, kNow);
  ASSERT_TRUE(made.has_value());
  std::time_t now = to_us(kNow) / 1'000'000;
  EXPECT_LT(X509_cmp_time(X509_get0_notBefore(made->x509()), &now), 0);
  EXPECT_GT(X509_cmp_time(X509_get0_notAfter(made->x509()), &now), 0);
  now += std::time_t{31} * 86'400;
  EXPECT_LT(X509_cmp_time(X509_get0_notAfter(made->x509()), &now), 0);
}

TEST(Certificate, FingerprintIsThatOfTheCertificateInSdpForm) {
  SystemRandom random;
  const auto one = Certificate::self_signed(random, kNow);
  const auto other = Certificate::self_signed(random, kNow);
  ASSERT_TRUE(one.has_value() && other.has_value());
  EXPECT_TRUE(std::regex_match(one->fingerprint(), std::regex("([0-9A-F]{2}:){31}[0-9A-F]{2}")));
  EXPECT_EQ(one->fingerprint(), fingerprint_of(one->x509()));
  EXPECT_NE(one->fingerprint(), other->fingerprint());
}

TEST(Certificate, PemHasBothHalves) {
  SystemRandom random;
  const auto made = Certificate::self_signed(random, kNow);
  ASSERT_TRUE(made.has_value());
  EXPECT_TRUE(made->certificate_pem().starts_with("-----BEGIN CERTIFICATE-----\n"));
  EXPECT_TRUE(made->private_key_pem().starts_with("-----BEGIN PRIVATE KEY-----\n"));
}

}  // namespace
}  // namespace jalousie::crypto
