#include "webrtc/peer_session.h"

#include <random>

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "crypto/system_random.h"
#include "rtp/packet.h"
#include "webrtc/dtls_client_test.h"

namespace jalousie::webrtc {
namespace {

using Kind = PeerEvent::Kind;
using Repeats = SrtpSender::Repeats;

const Endpoint kPhone = Endpoint::v4({192, 0, 2, 1}, 5000);
const Endpoint kMobile = Endpoint::parse("[2001:db8::5]:6000").value();
constexpr std::uint32_t kVideo = 0x1001;
constexpr std::uint32_t kPlain = 0x1002;

/// A viewer: a full ICE agent that only ever checks when told, and a DTLS client.
class Viewer {
 public:
  Buffer check(bool nominate, std::string_view password) {
    std::array<std::uint8_t, 256> target;
    StunTransaction transaction{};
    transaction[0] = ++transactions_;
    StunWriter writer(target, StunClass::Request, kStunBinding, transaction);
    writer.username("ours:theirs");
    if (nominate) writer.attribute(StunAttribute::UseCandidate, {});
    crypto::Hmac key(crypto::HmacHash::Sha1, as_bytes(password));
    writer.message_integrity(key);
    writer.fingerprint();
    return Buffer(writer.finish().begin(), writer.finish().end());
  }
  testing_dtls::Client dtls;

 private:
  std::uint8_t transactions_ = 0;
};

class PeerSessionTest : public testing::Test {
 protected:
  void SetUp() override { make(viewer_.dtls.fingerprint()); }

  void make(const std::string& fingerprint) {
    PeerConfig config;
    config.identity = identity_;
    config.local = {"ours", "our own password"};
    config.remote_ufrag = "theirs";
    config.remote_fingerprints = {fingerprint};
    config.streams = {{kVideo, Repeats::No}, {kPlain, Repeats::Yes}};
    session_ = std::make_unique<PeerSession>(std::move(config), clock_.steady());
  }

  void feed(Buffer datagram, const Endpoint& from) {
    if (auto event = session_->feed(datagram, from, clock_.steady())) note(*event);
  }
  void note(const PeerEvent& event) {
    events_.push_back(event.kind);
    reason_ = event.reason;
    rtcp_ = Buffer(event.rtcp.begin(), event.rtcp.end());
    if (event.kind == Kind::Path) paths_.push_back(event.path);
  }
  void check(bool nominate = true, const Endpoint& from = kPhone) {
    feed(viewer_.check(nominate, "our own password"), from);
  }

  /// Carries what both sides have to say until they are silent; `lose` is asked for each datagram.
  void exchange(const Endpoint& from = kPhone, const std::function<bool()>& lose = {}) {
    for (bool moved = true; moved;) {
      moved = false;
      std::vector<Buffer> batch = viewer_.dtls.step();
      if (reorder_) std::shuffle(batch.begin(), batch.end(), random_);
      for (Buffer& datagram : batch) {
        moved = true;
        if (!lose || !lose()) feed(datagram, from);
      }
      std::vector<Buffer> back;
      while (auto output = session_->poll_output()) {
        moved = true;
        EXPECT_LE(output->bytes.size(), 1200u);
        if (output->bytes[0] > 3 && (!lose || !lose())) back.push_back(std::move(output->bytes));
      }
      if (reorder_) std::shuffle(back.begin(), back.end(), random_);
      for (const Buffer& datagram : back) viewer_.dtls.feed(datagram);
    }
  }
  void connect() {
    check();
    exchange();
    ASSERT_EQ(session_->state(), PeerSession::State::Connected) << reason_;
  }
  void pass(Microseconds time) {
    clock_.advance(time);
    testing_dtls::advance_openssl_clock(time);
    if (session_->next_deadline() && *session_->next_deadline() <= clock_.steady()) {
      if (auto event = session_->on_deadline(clock_.steady())) note(*event);
    }
  }
  SrtpMasterKey key(const std::string& hex, const std::string& salt) {
    return {crypto::Secret<16>(*decode_hex(hex)), crypto::Secret<14>(*decode_hex(salt))};
  }
  Buffer rtp(std::uint32_t ssrc, std::uint16_t sequence) {
    Buffer packet(100 + kSrtpOverheadBytes);
    ByteWriter writer(packet);
    rtp::write_header(
        writer, {.marker = true, .payload_type = 96, .sequence = sequence, .timestamp = 5, .ssrc = ssrc});
    return packet;
  }

  FakeClock clock_;
  crypto::SystemRandom system_random_;
  std::mt19937 random_{17};
  std::shared_ptr<const Identity> identity_ = Identity::create(system_random_, clock_.utc()).value();
  Viewer viewer_;
  std::unique_ptr<PeerSession> session_;
  std::vector<Kind> events_;
  std::vector<Endpoint> paths_;
  std::string reason_;
  Buffer rtcp_;
  bool reorder_ = false;
};

TEST_F(PeerSessionTest, ConnectsAndKnowsWhereToSend) {
  EXPECT_FALSE(session_->peer());
  connect();
  EXPECT_EQ(events_, (std::vector<Kind>{Kind::Path, Kind::Connected}));
  EXPECT_EQ(paths_, std::vector<Endpoint>{kPhone});
  EXPECT_EQ(session_->peer(), kPhone);
}

TEST_F(PeerSessionTest, FollowsThePeerAndStaysConnected) {
  connect();
  clock_.advance(Seconds(1));
  check(true, kMobile);
  EXPECT_EQ(session_->peer(), kMobile);
  EXPECT_EQ(paths_, (std::vector<Endpoint>{kPhone, kMobile}));
  EXPECT_EQ(session_->state(), PeerSession::State::Connected);
}

TEST_F(PeerSessionTest, ProtectsABatchThatThePeerCanOpen) {
  connect();
  rtp::PacketBatch batch;
  for (std::uint16_t i = 0; i < 3; ++i) {
    ByteWriter writer(batch.append(200));
    rtp::write_header(writer, {.payload_type = 96, .sequence = i, .timestamp = 9, .ssrc = kVideo});
    while (writer.remaining() > 0) writer.u8(0x42);
  }
  ASSERT_TRUE(session_->protect(batch));
  SrtpCipher theirs(SrtpSuite::AeadAes128Gcm, SrtpProtocol::Rtp, [&] {
    const auto keys = viewer_.dtls.keys(SrtpSuite::AeadAes128Gcm);
    return derive_session_keys(key(keys.server_key, keys.server_salt), SrtpProtocol::Rtp);
  }());
  for (std::uint16_t i = 0; i < 3; ++i) {
    MutableBytes packet = batch.packet(i);
    ASSERT_EQ(packet.size(), 216u);
    EXPECT_NE(packet[50], 0x42);
    EXPECT_TRUE(theirs.open(packet.first(200), {12, kVideo, i, 0}, packet.last(16)));
    EXPECT_EQ(packet[50], 0x42);
  }
}

TEST_F(PeerSessionTest, ABatchThatCannotBeProtectedIsEmptied) {
  rtp::PacketBatch batch;
  const auto add = [&](std::uint16_t sequence) {
    ByteWriter writer(batch.append(50));
    rtp::write_header(writer, {.payload_type = 96, .sequence = sequence, .timestamp = 9, .ssrc = kVideo});
  };
  add(1);
  EXPECT_EQ(session_->protect(batch).error().kind(), ErrorKind::Unavailable);
  EXPECT_TRUE(batch.empty());
  connect();
  add(5);
  add(5);
  EXPECT_EQ(session_->protect(batch).error().kind(), ErrorKind::FailedPrecondition);
  EXPECT_TRUE(batch.empty());
}

TEST_F(PeerSessionTest, RepeatsOnlyStreamsThatMay) {
  connect();
  for (const std::uint32_t ssrc : {kVideo, kPlain}) {
    Buffer first = rtp(ssrc, 7);
    Buffer again = rtp(ssrc, 7);
    ASSERT_TRUE(session_->protect_rtp(first, 100));
    EXPECT_EQ(session_->protect_rtp_again(again, 100).has_value(), ssrc == kPlain);
    if (ssrc == kPlain) EXPECT_EQ(first, again);
  }
}

TEST_F(PeerSessionTest, GivesTheClearRtcpOfThePeerOnce) {
  connect();
  const auto keys = viewer_.dtls.keys(SrtpSuite::AeadAes128Gcm);
  SrtpSender theirs(SrtpSuite::AeadAes128Gcm, key(keys.client_key, keys.client_salt));
  Buffer report(8 + kSrtcpOverheadBytes);
  ByteWriter(report).u64(0x80c9000100000001);
  const Buffer clear(report.begin(), report.begin() + 8);
  ASSERT_TRUE(theirs.protect_rtcp(report, 8));
  feed(report, kMobile);  // from where no check came
  EXPECT_EQ(session_->counters().unchecked, 1u);
  events_.clear();
  feed(report, kPhone);
  EXPECT_EQ(events_, std::vector<Kind>{Kind::Rtcp});
  EXPECT_EQ(rtcp_, clear);
  feed(report, kPhone);
  EXPECT_EQ(session_->counters().srtcp_refused, 1u);
  EXPECT_EQ(events_.size(), 1u);
}

TEST_F(PeerSessionTest, DtlsFromUncheckedAddressesIsNotFed) {
  for (Buffer& datagram : viewer_.dtls.step()) feed(datagram, kPhone);
  EXPECT_EQ(session_->counters().unchecked, 1u);
  EXPECT_FALSE(session_->poll_output());
  feed(viewer_.check(true, "a guess"), kPhone);
  EXPECT_TRUE(events_.empty());
  const auto output = session_->poll_output();
  ASSERT_TRUE(output);
  EXPECT_EQ(StunMessage::parse(output->bytes)->error_code(), 401);
}

TEST_F(PeerSessionTest, TheWrongCertificateFailsBeforeThereAreKeys) {
  testing_dtls::Client other;
  make(other.fingerprint());
  check();
  exchange();
  EXPECT_EQ(events_, (std::vector<Kind>{Kind::Path, Kind::Failed}));
  EXPECT_FALSE(reason_.empty());
  EXPECT_EQ(session_->state(), PeerSession::State::Failed);
  Buffer packet = rtp(kVideo, 1);
  EXPECT_FALSE(session_->protect_rtp(packet, 100));
  EXPECT_FALSE(session_->next_deadline());
  EXPECT_FALSE(session_->peer());
}

TEST_F(PeerSessionTest, ClosesWhenConsentIsNotRenewed) {
  connect();
  for (int i = 0; i < 4; ++i) {
    pass(Seconds(25));
    check(false);
  }
  EXPECT_EQ(session_->state(), PeerSession::State::Connected);
  pass(Seconds(29));
  check(false, kMobile);  // another path's check is no consent to send to this one
  EXPECT_EQ(session_->state(), PeerSession::State::Connected);
  pass(Seconds(1));
  EXPECT_EQ(session_->state(), PeerSession::State::Closed);
  EXPECT_EQ(events_.back(), Kind::Closed);
  EXPECT_NE(reason_.find("30 s"), std::string::npos);
  while (auto output = session_->poll_output()) viewer_.dtls.feed(output->bytes);
  viewer_.dtls.step();
  EXPECT_TRUE(viewer_.dtls.closed());
}

TEST_F(PeerSessionTest, FailsWhenNobodyComesOrTheHandshakeDoesNotEnd) {
  pass(Seconds(30));
  EXPECT_EQ(events_, std::vector<Kind>{Kind::Failed});
  EXPECT_NE(reason_.find("connectivity"), std::string::npos);
  make(viewer_.dtls.fingerprint());
  check();
  for (Buffer& datagram : viewer_.dtls.step()) feed(datagram, kPhone);
  int sent = 0;
  for (int i = 0; i < 3000 && session_->state() == PeerSession::State::Connecting; ++i) {
    pass(Milliseconds(10));
    while (session_->poll_output()) ++sent;
  }
  EXPECT_EQ(session_->state(), PeerSession::State::Failed);
  EXPECT_NE(reason_.find("DTLS"), std::string::npos);
  EXPECT_GT(sent, 10);
  EXPECT_LT(sent, 60);
}

TEST_F(PeerSessionTest, EitherSideMayClose) {
  connect();
  viewer_.dtls.close();
  exchange();
  EXPECT_EQ(events_.back(), Kind::Closed);
  EXPECT_EQ(session_->state(), PeerSession::State::Closed);
  check();
  EXPECT_FALSE(session_->poll_output());
}

TEST_F(PeerSessionTest, CloseSaysSoToThePeer) {
  connect();
  session_->close();
  EXPECT_EQ(session_->state(), PeerSession::State::Closed);
  const auto output = session_->poll_output();
  ASSERT_TRUE(output);
  EXPECT_EQ(output->to, kPhone);
  viewer_.dtls.feed(output->bytes);
  viewer_.dtls.step();
  EXPECT_TRUE(viewer_.dtls.closed());
}

TEST_F(PeerSessionTest, QueuesABoundedNumberOfDatagrams) {
  for (int i = 0; i < 100; ++i) check();
  std::size_t waiting = 0;
  while (session_->poll_output()) ++waiting;
  EXPECT_EQ(waiting, PeerSession::kQueueLimit);
  EXPECT_EQ(session_->counters().overflow, 100 - PeerSession::kQueueLimit);
}

TEST_F(PeerSessionTest, RandomBytesChangeNothing) {
  connect();
  events_.clear();
  for (int i = 0; i < 20'000; ++i) {
    Buffer datagram(1 + random_() % 300);
    for (auto& byte : datagram) byte = static_cast<std::uint8_t>(random_());
    feed(datagram, kPhone);
    while (session_->poll_output()) {
    }
  }
  EXPECT_TRUE(events_.empty());
  EXPECT_EQ(session_->state(), PeerSession::State::Connected);
}

class LossyPeerSessionTest : public PeerSessionTest, public testing::WithParamInterface<unsigned> {};

TEST_P(LossyPeerSessionTest, ConnectsThroughLossAndReordering) {
  reorder_ = true;
  random_.seed(GetParam());
  const auto lose = [&] { return random_() % 4 == 0; };
  check();
  for (int round = 0; round < 600 && events_.back() != Kind::Connected; ++round) {
    exchange(kPhone, lose);
    pass(Milliseconds(50));
  }
  EXPECT_EQ(events_, (std::vector<Kind>{Kind::Path, Kind::Connected})) << reason_;
}

INSTANTIATE_TEST_SUITE_P(Seeds, LossyPeerSessionTest, testing::Range(0U, 40U));

}  // namespace
}  // namespace jalousie::webrtc
