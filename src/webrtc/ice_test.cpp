#include "webrtc/ice.h"

#include <gtest/gtest.h>

namespace jalousie::webrtc {
namespace {

class Counting final : public RandomSource {
 public:
  void fill(MutableBytes target) override {
    for (auto& byte : target) byte = next_++;
  }

 private:
  std::uint8_t next_ = 0;
};

const Endpoint kHome = Endpoint::v4({192, 0, 2, 1}, 5000);
const Endpoint kElsewhere = Endpoint::v4({198, 51, 100, 9}, 6000);

struct Check {
  std::string username = "ours:theirs";
  std::string password = "a password of our own";
  bool use_candidate = false;
  bool controlled = false;
  bool integrity = true;
  std::uint32_t priority = 100;
  std::uint16_t extra = 0;
  StunClass message_class = StunClass::Request;
  std::optional<std::uint8_t> transaction = std::nullopt;
};

class IceTest : public testing::Test {
 protected:
  Buffer write(const Check& check) {
    std::array<std::uint8_t, 512> target;
    const StunTransaction transaction{check.transaction.value_or(++transaction_)};
    StunWriter writer(target, check.message_class, kStunBinding, transaction);
    if (!check.username.empty()) writer.username(check.username);
    std::array<std::uint8_t, 4> priority;
    ByteWriter(priority).u32(check.priority);
    writer.attribute(StunAttribute::Priority, priority);
    writer.attribute(check.controlled ? StunAttribute::IceControlled : StunAttribute::IceControlling,
                     Buffer(8));
    if (check.use_candidate) writer.attribute(StunAttribute::UseCandidate, {});
    if (check.extra != 0) writer.attribute(static_cast<StunAttribute>(check.extra), {});
    crypto::Hmac key(crypto::HmacHash::Sha1, as_bytes(check.password));
    if (check.integrity) writer.message_integrity(key);
    writer.fingerprint();
    return Buffer(writer.finish().begin(), writer.finish().end());
  }

  /// The answer's error code; 0 for a success, -1 for none. Checks what every answer must hold.
  int send(const Check& check, const Endpoint& from) {
    const Buffer datagram = write(check);
    received_ = ice_.receive(datagram, from, now_, reply_);
    const ByteView answer = received_.answer;
    if (answer.empty()) return -1;
    const auto message = StunMessage::parse(answer);
    EXPECT_TRUE(message && message->has_fingerprint());
    const auto code = message->error_code();
    if (code == 400 || code == 401) {
      EXPECT_LE(answer.size(), datagram.size());
      EXPECT_FALSE(message->has_integrity());
      return *code;
    }
    crypto::Hmac key(crypto::HmacHash::Sha1, as_bytes("a password of our own"));
    EXPECT_TRUE(message->integrity_holds(key));
    if (code) return *code;
    EXPECT_EQ(message->message_class(), StunClass::Success);
    EXPECT_EQ(message->mapped_address(), from);
    return 0;
  }

  IceLite ice_{{"ours", "a password of our own"}, "theirs"};
  IceLite::Reply reply_{};
  IceLite::Received received_;
  SteadyTime now_{Seconds(1000)};
  std::uint8_t transaction_ = 0;
};

TEST_F(IceTest, AnswersACheckAndRemembersThePath) {
  EXPECT_FALSE(ice_.is_checked(kHome));
  EXPECT_EQ(send({}, kHome), 0);
  EXPECT_TRUE(received_.new_path);
  EXPECT_EQ(send({}, kHome), 0);
  EXPECT_FALSE(received_.new_path);
  EXPECT_TRUE(ice_.is_checked(kHome));
  EXPECT_FALSE(ice_.is_checked(kElsewhere));
  EXPECT_FALSE(ice_.nominated());
  EXPECT_EQ(ice_.consented(), now_);
  EXPECT_EQ(send({.use_candidate = true}, Endpoint::parse("[2001:db8::1]:9").value()), 0);
  EXPECT_EQ(ice_.nominated(), Endpoint::parse("[2001:db8::1]:9").value());
}

TEST_F(IceTest, WhoDoesNotKnowThePasswordChangesNothing) {
  EXPECT_EQ(send({.password = "another", .use_candidate = true}, kHome), 401);
  EXPECT_EQ(send({.username = "ours:another", .use_candidate = true}, kHome), 401);
  EXPECT_EQ(send({.username = "another:theirs", .use_candidate = true}, kHome), 401);
  EXPECT_EQ(send({.username = "", .use_candidate = true}, kHome), 400);
  EXPECT_EQ(send({.use_candidate = true, .integrity = false}, kHome), 400);
  EXPECT_FALSE(ice_.is_checked(kHome));
  EXPECT_FALSE(ice_.nominated());
  EXPECT_FALSE(ice_.consented());
}

TEST_F(IceTest, NeverAnswersAStrangerWithMoreThanHeSent) {
  std::array<std::uint8_t, 20> bare;
  const StunWriter writer(bare, StunClass::Request, kStunBinding, {});
  EXPECT_TRUE(ice_.receive(writer.finish(), kHome, now_, reply_).answer.empty());
}

TEST_F(IceTest, IndicationsAndAnswersAreNotAnswered) {
  EXPECT_EQ(send({.message_class = StunClass::Indication}, kHome), -1);
  EXPECT_EQ(send({.message_class = StunClass::Success}, kHome), -1);
  EXPECT_FALSE(ice_.consented());
}

TEST_F(IceTest, RefusesUnknownAttributesAndTellsAControlledPeerToSwitch) {
  EXPECT_EQ(send({.use_candidate = true, .extra = 0x7abc}, kHome), 420);
  EXPECT_EQ(send({.use_candidate = true, .controlled = true}, kHome), 487);
  EXPECT_FALSE(ice_.nominated());
}

TEST_F(IceTest, FollowsThePeerToAnotherAddress) {
  EXPECT_EQ(send({.use_candidate = true}, kHome), 0);
  now_ += Milliseconds(100);
  EXPECT_EQ(send({}, kElsewhere), 0);  // a check alone is no wish
  EXPECT_EQ(ice_.nominated(), kHome);
  EXPECT_EQ(send({.use_candidate = true}, kElsewhere), 0);
  EXPECT_EQ(ice_.nominated(), kElsewhere);
}

TEST_F(IceTest, OfPathsNominatedTogetherTheHigherPriorityWins) {
  EXPECT_EQ(send({.use_candidate = true, .priority = 200}, kHome), 0);
  now_ += Milliseconds(20);
  EXPECT_EQ(send({.use_candidate = true, .priority = 100}, kElsewhere), 0);
  EXPECT_EQ(ice_.nominated(), kHome);
  now_ += Milliseconds(500);
  EXPECT_EQ(send({.use_candidate = true, .priority = 100}, kElsewhere), 0);
  EXPECT_EQ(ice_.nominated(), kElsewhere);
}

TEST_F(IceTest, ConsentIsThatOfTheNominatedPath) {
  EXPECT_EQ(send({.use_candidate = true}, kHome), 0);
  const SteadyTime at = now_;
  now_ += Seconds(5);
  EXPECT_EQ(send({}, kElsewhere), 0);
  EXPECT_EQ(ice_.consented(), at);
  EXPECT_EQ(send({}, kHome), 0);
  EXPECT_EQ(ice_.consented(), now_);
}

TEST_F(IceTest, ARecordedCheckSentFromElsewhereMovesNothing) {
  EXPECT_EQ(send({.use_candidate = true, .transaction = 77}, kHome), 0);
  EXPECT_EQ(send({.use_candidate = true, .transaction = 77}, kHome), 0);  // the peer's own retransmission
  EXPECT_EQ(send({.use_candidate = true, .transaction = 77}, kElsewhere), -1);
  EXPECT_EQ(ice_.nominated(), kHome);
  EXPECT_FALSE(ice_.is_checked(kElsewhere));
}

TEST_F(IceTest, KeepsFewPathsAndNeverForgetsTheNominatedOne) {
  EXPECT_EQ(send({.use_candidate = true}, kHome), 0);
  for (std::uint16_t port = 1; port <= 20; ++port) {
    now_ += Milliseconds(1);
    EXPECT_EQ(send({}, Endpoint::v4({198, 51, 100, 9}, port)), 0);
    EXPECT_EQ(received_.forgotten.has_value(), port >= IceLite::kCheckedKept);
    if (port == 20) EXPECT_EQ(received_.forgotten->port(), 13);
  }
  EXPECT_TRUE(ice_.is_checked(kHome));
  EXPECT_FALSE(ice_.is_checked(Endpoint::v4({198, 51, 100, 9}, 1)));
  EXPECT_TRUE(ice_.is_checked(Endpoint::v4({198, 51, 100, 9}, 20)));
}

TEST(IceCredentials, AreLongAndOfIceCharacters) {
  Counting random;
  const auto made = IceCredentials::make(random);
  EXPECT_EQ(made.ufrag.size(), 16u);
  EXPECT_EQ(made.pwd.size(), 32u);
  EXPECT_EQ(made.ufrag, "ABCDEFGHIJKLMNOP");
}

}  // namespace
}  // namespace jalousie::webrtc
