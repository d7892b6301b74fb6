#include "webrtc/dtls.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "crypto/system_random.h"
#include "webrtc/dtls_client_test.h"

namespace jalousie::webrtc {
namespace {

using testing_dtls::Client;

class DtlsTest : public testing::Test {
 protected:
  void make_server(const std::string& fingerprint) {
    server_ = std::make_unique<DtlsServer>(identity_, std::vector<std::string>{fingerprint});
  }

  /// Carries datagrams both ways until nothing moves. `lose(n)` says whether the n-th datagram of the test is
  /// lost.
  void exchange(Client& client, const std::function<bool(int)>& lose = {}) {
    for (bool moved = true; moved;) {
      moved = false;
      for (const Buffer& datagram : client.step()) {
        moved = true;
        largest_ = std::max(largest_, datagram.size());
        if (!lose || !lose(count_++)) server_->feed(datagram, clock_.steady());
      }
      while (auto datagram = server_->take_output()) {
        moved = true;
        largest_ = std::max(largest_, datagram->size());
        if (!lose || !lose(count_++)) client.feed(*datagram);
      }
    }
  }

  crypto::SystemRandom random_;
  FakeClock clock_;
  std::shared_ptr<const Identity> identity_ = Identity::create(random_, clock_.utc()).value();
  std::unique_ptr<DtlsServer> server_;
  int count_ = 0;
  std::size_t largest_ = 0;
};

TEST_F(DtlsTest, BothSidesExportTheSameKeysForTheSuiteOfTheClient) {
  for (const auto& [profiles, suite] :
       {std::pair{"SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80", SrtpSuite::AeadAes128Gcm},
        std::pair{"SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_128_GCM", SrtpSuite::AeadAes128Gcm},
        std::pair{"SRTP_AES128_CM_SHA1_80", SrtpSuite::Aes128CmSha1_80}}) {
    Client client(profiles);
    make_server(client.fingerprint());
    exchange(client);
    ASSERT_EQ(server_->state(), DtlsServer::State::Connected) << server_->reason();
    EXPECT_TRUE(client.connected());
    EXPECT_EQ(client.peer_fingerprint(), identity_->fingerprint());
    const auto keys = server_->take_keys();
    ASSERT_TRUE(keys);
    EXPECT_FALSE(server_->take_keys());
    EXPECT_EQ(keys->suite, suite);
    const auto theirs = client.keys(suite);
    EXPECT_EQ(encode_hex(keys->ours.key.view()), theirs.server_key);
    EXPECT_EQ(encode_hex(keys->ours.salt.view()), theirs.server_salt);
    EXPECT_EQ(encode_hex(keys->theirs.key.view()), theirs.client_key);
    EXPECT_EQ(encode_hex(keys->theirs.salt.view()), theirs.client_salt);
    EXPECT_FALSE(server_->next_deadline());
  }
  EXPECT_LE(largest_, DtlsServer::kMtu);
}

TEST_F(DtlsTest, AnotherCertificateThanTheSdpNamesIsRefusedAndGetsNoKeys) {
  Client client;
  std::string other = client.fingerprint();
  other.back() = other.back() == '0' ? '1' : '0';
  make_server(other);
  exchange(client);
  EXPECT_EQ(server_->state(), DtlsServer::State::Failed);
  EXPECT_FALSE(server_->reason().empty());
  EXPECT_FALSE(server_->take_keys());
  EXPECT_FALSE(client.connected());
}

TEST_F(DtlsTest, NoCertificateIsRefused) {
  Client client("SRTP_AEAD_AES_128_GCM", Client::Certificate::None);
  make_server(client.fingerprint());
  exchange(client);
  EXPECT_EQ(server_->state(), DtlsServer::State::Failed);
}

TEST_F(DtlsTest, NoCommonSrtpProfileIsRefused) {
  for (const char* profiles : {"", "SRTP_AEAD_AES_256_GCM"}) {
    Client client(profiles);
    make_server(client.fingerprint());
    exchange(client);
    EXPECT_EQ(server_->state(), DtlsServer::State::Failed);
    EXPECT_FALSE(server_->take_keys());
  }
}

TEST_F(DtlsTest, AnyOneDatagramMayBeLost) {
  for (int lost = 0; lost < 12; ++lost) {
    Client client;
    make_server(client.fingerprint());
    count_ = 0;
    const auto lose = [&](int n) { return n == lost; };
    exchange(client, lose);
    for (int round = 0; round < 20 && !client.connected(); ++round) {
      clock_.advance(Milliseconds(200));
      testing_dtls::advance_openssl_clock(Milliseconds(200));
      if (server_->next_deadline() && *server_->next_deadline() <= clock_.steady())
        server_->on_deadline(clock_.steady());
      exchange(client, lose);
    }
    EXPECT_TRUE(client.connected()) << lost;
    EXPECT_EQ(server_->state(), DtlsServer::State::Connected) << lost << " " << server_->reason();
  }
}

TEST_F(DtlsTest, AnUnansweredFlightIsSentAgainAtGrowingIntervals) {
  Client client;
  make_server(client.fingerprint());
  for (const Buffer& datagram : client.step()) server_->feed(datagram, clock_.steady());
  std::vector<Buffer> flight;
  while (auto datagram = server_->take_output()) flight.push_back(*datagram);
  ASSERT_FALSE(flight.empty());
  for (const int wait : {200, 400, 800, 1600, 3200, 3200}) {
    ASSERT_EQ(server_->next_deadline(), clock_.steady() + Milliseconds(wait));
    clock_.advance(Milliseconds(wait - 1));
    server_->on_deadline(clock_.steady());
    EXPECT_FALSE(server_->take_output());
    clock_.advance(Milliseconds(1));
    server_->on_deadline(clock_.steady());
    for (const Buffer& datagram : flight) EXPECT_EQ(server_->take_output(), datagram);
    EXPECT_FALSE(server_->take_output());
  }
}

TEST_F(DtlsTest, EitherSideCloses) {
  Client client;
  make_server(client.fingerprint());
  exchange(client);
  client.close();
  exchange(client);
  EXPECT_EQ(server_->state(), DtlsServer::State::Closed);

  Client another;
  make_server(another.fingerprint());
  exchange(another);
  server_->close();
  EXPECT_EQ(server_->state(), DtlsServer::State::Closed);
  exchange(another);
  EXPECT_TRUE(another.closed());
}

TEST_F(DtlsTest, GarbageAndTruncationsChangeNothing) {
  Client client;
  make_server(client.fingerprint());
  const auto hello = client.step();
  ASSERT_EQ(hello.size(), 1u);
  for (std::size_t length = 1; length < hello[0].size(); ++length) {
    server_->feed(ByteView(hello[0]).first(length), clock_.steady());
    EXPECT_FALSE(server_->take_output()) << length;
    ASSERT_EQ(server_->state(), DtlsServer::State::Handshaking) << length;
  }
  server_->feed(hello[0], clock_.steady());
  exchange(client);
  ASSERT_EQ(server_->state(), DtlsServer::State::Connected);
  Buffer garbage(200, 0x17);
  for (std::uint8_t type = 20; type < 64; ++type) {
    garbage[0] = type;
    server_->feed(garbage, clock_.steady());
  }
  EXPECT_EQ(server_->state(), DtlsServer::State::Connected);
}

TEST(Fingerprint, IsReadInEitherCaseAndNothingElse) {
  std::string text;
  for (int i = 0; i < 32; ++i) text += i == 0 ? "ab" : ":0F";
  std::string upper = text;
  upper.replace(0, 2, "AB");
  EXPECT_EQ(normal_fingerprint(text), upper);
  EXPECT_FALSE(normal_fingerprint(text.substr(1)));
  EXPECT_FALSE(normal_fingerprint(text + ":00"));
  EXPECT_FALSE(normal_fingerprint(""));
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string wrong = text;
    wrong[i] = 'g';
    EXPECT_FALSE(normal_fingerprint(wrong));
  }
}

}  // namespace
}  // namespace jalousie::webrtc
