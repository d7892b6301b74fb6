#include "webrtc/stun.h"

#include <random>

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "crypto/hmac.h"

namespace jalousie::webrtc {
namespace {

// RFC 5769: password "VOkJxbRl1RmTxUk/WvJxBt", transaction b7e7a701bc34d686fa87dfae.
constexpr std::string_view kPassword = "VOkJxbRl1RmTxUk/WvJxBt";
constexpr std::string_view kRequest =  // section 2.1
    "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e0001ff80290008"
    "932ff9b151263b36"
    "000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf";
constexpr std::string_view kV4Response =  // section 2.2
    "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147e112a643"
    "000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96";
constexpr std::string_view kV6Response =  // section 2.3
    "010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000140002a1470113a9faa5d3f179"
    "bc25f4b5bed2b9d9"
    "00080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c";

Buffer from_hex(std::string_view hex) { return decode_hex(hex).value(); }
crypto::Hmac& key(std::string_view password = kPassword) {
  static std::optional<crypto::Hmac> keyed;
  keyed.emplace(crypto::HmacHash::Sha1, as_bytes(password));
  return *keyed;
}

TEST(Stun, ReadsTheSampleRequestOfRfc5769) {
  const Buffer bytes = from_hex(kRequest);
  const auto message = StunMessage::parse(bytes);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->message_class(), StunClass::Request);
  EXPECT_EQ(message->method(), kStunBinding);
  EXPECT_EQ(message->username(), "evtj:h6vY");
  EXPECT_EQ(message->priority(), 0x6e0001ffu);
  EXPECT_TRUE(message->says_controlled());
  EXPECT_FALSE(message->use_candidate());
  EXPECT_TRUE(message->has_fingerprint());
  EXPECT_TRUE(message->integrity_holds(key()));
  EXPECT_FALSE(message->integrity_holds(key("VOkJxbRl1RmTxUk/WvJxBu")));
  EXPECT_EQ(stun_username_fragment(bytes), "evtj");
}

TEST(Stun, ReadsTheSampleResponsesOfRfc5769) {
  for (const auto& [hex, endpoint] :
       {std::pair{kV4Response, "192.0.2.1:32853"},
        std::pair{kV6Response, "[2001:db8:1234:5678:11:2233:4455:6677]:32853"}}) {
    const Buffer bytes = from_hex(hex);
    const auto message = StunMessage::parse(bytes);
    ASSERT_TRUE(message) << endpoint;
    EXPECT_EQ(message->message_class(), StunClass::Success);
    EXPECT_TRUE(message->integrity_holds(key()));
    ASSERT_TRUE(message->mapped_address());
    EXPECT_EQ(message->mapped_address()->to_string(), endpoint);
    EXPECT_FALSE(stun_username_fragment(bytes));
  }
}

TEST(Stun, WritesWhatItReads) {
  const StunTransaction transaction{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  for (const char* text : {"198.51.100.7:65535", "[2001:db8::7]:1"}) {
    std::array<std::uint8_t, 256> target;
    StunWriter writer(target, StunClass::Success, kStunBinding, transaction);
    writer.username("a:b");
    writer.xor_mapped_address(Endpoint::parse(text).value());
    writer.message_integrity(key());
    writer.fingerprint();
    const auto message = StunMessage::parse(writer.finish());
    ASSERT_TRUE(message);
    EXPECT_EQ(message->transaction(), transaction);
    EXPECT_EQ(message->username(), "a:b");
    EXPECT_EQ(message->mapped_address(), Endpoint::parse(text).value());
    EXPECT_TRUE(message->integrity_holds(key()));
    EXPECT_TRUE(message->has_fingerprint());
  }
}

TEST(Stun, WritesTheTypesOfAllClasses) {
  // Section 5: 0x0001, 0x0011, 0x0101, 0x0111.
  const std::array<std::string_view, 4> expected = {"0001", "0011", "0101", "0111"};
  for (unsigned i = 0; i < 4; ++i) {
    std::array<std::uint8_t, 20> target;
    const StunWriter writer(target, static_cast<StunClass>(i), kStunBinding, {});
    EXPECT_EQ(encode_hex(writer.finish().first(2)), expected[i]);
    EXPECT_EQ(StunMessage::parse(writer.finish())->message_class(), static_cast<StunClass>(i));
  }
}

TEST(Stun, ErrorsCarryTheirCodeAndTheUnknownTypes) {
  std::array<std::uint8_t, 128> target;
  StunWriter writer(target, StunClass::Error, kStunBinding, {});
  writer.error_code(420, "Unknown Attribute");
  writer.unknown_attributes(std::array<std::uint16_t, 2>{0x0003, 0x7fff});
  const auto message = StunMessage::parse(writer.finish());
  ASSERT_TRUE(message);
  EXPECT_EQ(message->error_code(), 420);
}

TEST(Stun, NamesTheTypesThatItDoesNotKnow) {
  std::array<std::uint8_t, 128> target;
  StunWriter writer(target, StunClass::Request, kStunBinding, {});
  writer.attribute(static_cast<StunAttribute>(0x0003), Buffer(4));
  writer.attribute(static_cast<StunAttribute>(0xC057),
                   Buffer(4));  // to be ignored: network cost, as Chromium sends it
  writer.message_integrity(key());
  writer.attribute(static_cast<StunAttribute>(0x0004), Buffer(4));  // after the integrity: ignored
  const auto message = StunMessage::parse(writer.finish());
  ASSERT_TRUE(message);
  ASSERT_EQ(message->unknown().size(), 1u);
  EXPECT_EQ(message->unknown()[0], 0x0003);
  EXPECT_TRUE(message->integrity_holds(key()));
}

TEST(Stun, WhatFollowsTheIntegrityIsNotBelieved) {
  std::array<std::uint8_t, 128> target;
  StunWriter writer(target, StunClass::Request, kStunBinding, {});
  writer.username("a:b");
  writer.message_integrity(key());
  writer.attribute(StunAttribute::UseCandidate, {});
  const auto message = StunMessage::parse(writer.finish());
  ASSERT_TRUE(message);
  EXPECT_TRUE(message->integrity_holds(key()));
  EXPECT_FALSE(message->use_candidate());
}

TEST(Stun, EveryChangedBitIsNoticed) {
  const Buffer good = from_hex(kRequest);
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    Buffer bytes = good;
    bytes[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    const auto message = StunMessage::parse(bytes);
    // A flip inside the fingerprint's own type makes it an unknown attribute: then the integrity still
    // stands, over the rest.
    if (message && bit / 8 < good.size() - 8) EXPECT_FALSE(message->integrity_holds(key())) << bit;
  }
}

TEST(Stun, RefusesEveryTruncationAndEveryExtension) {
  for (const std::string_view hex : {kRequest, kV4Response, kV6Response}) {
    const Buffer good = from_hex(hex);
    for (std::size_t length = 0; length < good.size(); ++length) {
      EXPECT_FALSE(StunMessage::parse(ByteView(good).first(length))) << length;
    }
    Buffer longer = good;
    longer.push_back(0);
    EXPECT_FALSE(StunMessage::parse(longer));
  }
}

TEST(Stun, RefusesWhatIsNotStun) {
  Buffer bytes = from_hex(kRequest);
  bytes[0] = 0x80;  // RTP
  EXPECT_FALSE(StunMessage::parse(bytes));
  bytes = from_hex(kRequest);
  bytes[4] = 0;  // the cookie
  EXPECT_FALSE(StunMessage::parse(bytes));
  std::array<std::uint8_t, 512> target;
  StunWriter writer(target, StunClass::Request, kStunBinding, {});
  for (int i = 0; i < 33; ++i) writer.attribute(StunAttribute::UseCandidate, {});
  EXPECT_FALSE(StunMessage::parse(writer.finish()));
}

TEST(Stun, WriterFailsWhereThereIsNoRoom) {
  for (std::size_t room = 0; room < 72; ++room) {
    Buffer target(room);
    StunWriter writer(target, StunClass::Success, kStunBinding, {});
    writer.xor_mapped_address(Endpoint::parse("[2001:db8::7]:1").value());
    writer.message_integrity(key());
    writer.fingerprint();
    EXPECT_TRUE(writer.finish().empty()) << room;
  }
}

TEST(Stun, SurvivesRandomBytes) {
  std::mt19937 random(7);
  for (int round = 0; round < 20'000; ++round) {
    Buffer bytes = from_hex(kRequest);
    for (int change = 0; change < 4; ++change)
      bytes[random() % bytes.size()] = static_cast<std::uint8_t>(random());
    const auto message = StunMessage::parse(ByteView(bytes).first(random() % (bytes.size() + 1)));
    if (message) static_cast<void>(message->integrity_holds(key()));
  }
}

}  // namespace
}  // namespace jalousie::webrtc
