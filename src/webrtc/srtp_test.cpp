#include "webrtc/srtp.h"

#include <random>

#include <gtest/gtest.h>
#include <srtp2/srtp.h>

#include "base/encoding.h"

namespace jalousie::webrtc {
namespace {

Buffer from_hex(std::string_view hex) { return decode_hex(hex).value(); }

// RFC 7714 sections 16 and 17 give session keys, the packets and what becomes of them.
constexpr std::string_view kSessionKey = "000102030405060708090a0b0c0d0e0f";
constexpr std::string_view kSessionSalt = "517569642070726f2071756f0000";
constexpr std::string_view kRtpClear =
    "8040f17b8041f8d35501a0b247616c6c696120657374206f6d6e69732064697669736120696e207061727465732074726573";
constexpr std::string_view kRtpSealed =
    "8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833"
    "899d7f27beb16a9152cf765ee4390cce";
constexpr std::string_view kRtcpClear =
    "81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbee"
    "f";
constexpr std::string_view kRtcpSealed =
    "81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275b"
    "c84aa45896cf4d2fc5abf87245d9eade";

SrtpSessionKeys rfc7714_keys() {
  SrtpSessionKeys keys;
  keys.key = crypto::Secret<16>(from_hex(kSessionKey));
  keys.salt = crypto::Secret<14>(from_hex(kSessionSalt));
  return keys;
}

TEST(SrtpCipher, MatchesTheVectorsOfRfc7714Section16) {
  SrtpCipher cipher(SrtpSuite::AeadAes128Gcm, SrtpProtocol::Rtp, rfc7714_keys());
  const SrtpFrame frame{12, 0x5501a0b2, 0xf17b, 0};
  Buffer packet = from_hex(kRtpClear);
  Buffer tag(16);
  cipher.seal(packet, frame, tag);
  EXPECT_EQ(encode_hex(packet) + encode_hex(tag), kRtpSealed);
  EXPECT_TRUE(cipher.open(packet, frame, tag));
  EXPECT_EQ(encode_hex(packet), kRtpClear);
}

TEST(SrtpCipher, MatchesTheVectorsOfRfc7714Section17) {
  SrtpCipher cipher(SrtpSuite::AeadAes128Gcm, SrtpProtocol::Rtcp, rfc7714_keys());
  const SrtpFrame frame{8, 0x4d617273, 0x5d4, 0x800005d4};
  Buffer packet = from_hex(kRtcpClear);
  Buffer tag(16);
  cipher.seal(packet, frame, tag);
  EXPECT_EQ(encode_hex(packet) + encode_hex(tag), kRtcpSealed);
  EXPECT_TRUE(cipher.open(packet, frame, tag));
  EXPECT_EQ(encode_hex(packet), kRtcpClear);
}

TEST(SrtpCipher, AWrongTagShowsNothing) {
  for (const auto suite : {SrtpSuite::AeadAes128Gcm, SrtpSuite::Aes128CmSha1_80}) {
    SrtpCipher cipher(suite, SrtpProtocol::Rtcp, rfc7714_keys());
    const SrtpFrame frame{8, 1, 2, 3};
    Buffer packet = from_hex(kRtcpClear);
    Buffer tag(srtp_tag_bytes(suite));
    cipher.seal(packet, frame, tag);
    const Buffer sealed = packet;
    tag.back() ^= 1;
    EXPECT_FALSE(cipher.open(packet, frame, tag));
    const Buffer zeros(packet.size() - 8);
    const ByteView left = ByteView(packet).subspan(8);
    EXPECT_TRUE(std::equal(left.begin(), left.end(), zeros.begin()) || packet == sealed);
  }
}

TEST(SrtpKeys, DeriveAsInRfc3711AppendixB3) {
  SrtpMasterKey master{crypto::Secret<16>(from_hex("e1f97a0d3e018be0d64fa32c06de4139")),
                       crypto::Secret<14>(from_hex("0ec675ad498afeebb6960b3aabe6"))};
  const SrtpSessionKeys keys = derive_session_keys(master, SrtpProtocol::Rtp);
  EXPECT_EQ(encode_hex(keys.key.view()), "c61e7a93744f39ee10734afe3ff7a087");
  EXPECT_EQ(encode_hex(keys.salt.view()), "30cbbc08863d8c85d49db34a9ae1");
  EXPECT_EQ(encode_hex(keys.auth_key.view()), "cebe321f6ff7716b6fd4ab49af256a156d38baa4");
}

// libsrtp2 does what we do, and tells whether we do it right.
class Oracle {
 public:
  Oracle(SrtpSuite suite, const Buffer& key, bool inbound) {
    static const bool ready = srtp_init() == srtp_err_status_ok;
    EXPECT_TRUE(ready);
    srtp_policy_t policy{};
    if (suite == SrtpSuite::AeadAes128Gcm) {
      srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
      srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
    } else {
      srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtp);
      srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(&policy.rtcp);
    }
    policy.ssrc.type = inbound ? ssrc_any_inbound : ssrc_any_outbound;
    policy.key = const_cast<unsigned char*>(key.data());
    policy.window_size = 1024;
    policy.allow_repeat_tx = 1;
    EXPECT_EQ(srtp_create(&session_, &policy), srtp_err_status_ok);
  }
  ~Oracle() { srtp_dealloc(session_); }
  Oracle(const Oracle&) = delete;
  Oracle& operator=(const Oracle&) = delete;

  using Call = srtp_err_status_t (*)(srtp_t, void*, int*);
  /// The packet after `call`; empty when it was refused.
  Buffer apply(Call call, ByteView packet) {
    std::array<std::uint32_t, 512> aligned{};
    auto* bytes = reinterpret_cast<std::uint8_t*>(aligned.data());
    std::copy(packet.begin(), packet.end(), bytes);
    int length = static_cast<int>(packet.size());
    if (call(session_, bytes, &length) != srtp_err_status_ok) return {};
    return Buffer(bytes, bytes + length);
  }

 private:
  srtp_t session_ = nullptr;
};

Buffer rtp_packet(std::uint32_t ssrc, std::uint16_t sequence, ByteView payload, bool extension = false) {
  Buffer packet(12 + (extension ? 8 : 0) + payload.size());
  ByteWriter writer(packet);
  writer.u8(extension ? 0x90 : 0x80);
  writer.u8(96);
  writer.u16(sequence);
  writer.u32(sequence * 3000u);
  writer.u32(ssrc);
  if (extension) {
    writer.u16(0xBEDE);
    writer.u16(1);
    writer.u32(0x10ff0000);
  }
  writer.bytes(payload);
  return packet;
}

Buffer rtcp_packet(std::uint32_t ssrc, std::uint32_t filler) {
  Buffer packet(28);
  ByteWriter writer(packet);
  writer.u8(0x80);
  writer.u8(200);
  writer.u16(6);
  writer.u32(ssrc);
  for (int i = 0; i < 5; ++i) writer.u32(filler);
  return packet;
}

class SrtpTest : public testing::TestWithParam<SrtpSuite> {
 protected:
  void SetUp() override {
    std::mt19937 random(11);
    for (auto& byte : key_) byte = static_cast<std::uint8_t>(random());
  }
  SrtpMasterKey master() const {
    const std::size_t salt = srtp_salt_bytes(GetParam());
    SrtpMasterKey made{crypto::Secret<16>(ByteView(key_).first(16)), {}};
    std::copy_n(key_.begin() + 16, salt, made.salt.bytes().begin());
    return made;
  }
  static Buffer with_room(const Buffer& packet) {
    Buffer buffer = packet;
    buffer.resize(packet.size() + kSrtcpOverheadBytes);
    return buffer;
  }
  using Protect = Result<std::size_t> (SrtpSender::*)(MutableBytes, std::size_t);
  static Buffer protect(SrtpSender& sender, Protect call, const Buffer& packet) {
    Buffer buffer = with_room(packet);
    const auto total = (sender.*call)(buffer, packet.size());
    if (!total) {
      EXPECT_EQ(std::count(buffer.begin(), buffer.end(), 0), static_cast<std::ptrdiff_t>(buffer.size()));
      return {};
    }
    buffer.resize(*total);
    return buffer;
  }
  std::size_t tag() const { return srtp_tag_bytes(GetParam()); }

  Buffer key_ = Buffer(30);
};

TEST_P(SrtpTest, ProtectsToTheByteAsLibsrtpDoesAcrossARollover) {
  SrtpSender ours(GetParam(), master());
  ASSERT_TRUE(ours.add_stream(0xcafe, SrtpSender::Repeats::No));
  Oracle theirs(GetParam(), key_, false);
  Oracle receiver(GetParam(), key_, true);
  std::uint16_t sequence = 65'400;
  std::mt19937 random(3);
  for (int i = 0; i < 70'000; i += 1 + static_cast<int>(random() % 300)) {  // twice around
    const auto at = static_cast<std::uint16_t>(sequence + i);
    const Buffer clear = rtp_packet(0xcafe, at, Buffer(random() % 1100, std::uint8_t(i)), i % 2 != 0);
    const Buffer sealed = protect(ours, &SrtpSender::protect_rtp, clear);
    ASSERT_EQ(sealed, theirs.apply(srtp_protect, clear)) << i;
    ASSERT_EQ(receiver.apply(srtp_unprotect, sealed), clear) << i;
  }
}

TEST_P(SrtpTest, LibsrtpOpensOurRtcp) {
  SrtpSender ours(GetParam(), master());
  Oracle receiver(GetParam(), key_, true);
  for (std::uint32_t i = 0; i < 200; ++i) {
    const Buffer clear = rtcp_packet(0xcafe, i);
    const Buffer sealed = protect(ours, &SrtpSender::protect_rtcp, clear);
    EXPECT_EQ(sealed.size(), clear.size() + tag() + 4);
    ASSERT_EQ(receiver.apply(srtp_unprotect_rtcp, sealed), clear);
  }
}

TEST_P(SrtpTest, OpensTheRtcpOfLibsrtpOnceAndInAnyOrderWithinTheWindow) {
  Oracle theirs(GetParam(), key_, false);
  SrtcpReceiver ours(GetParam(), master());
  std::vector<Buffer> sealed;
  for (std::uint32_t i = 0; i < 200; ++i)
    sealed.push_back(theirs.apply(srtp_protect_rtcp, rtcp_packet(1 + i % 2, i)));
  const auto open = [&](std::size_t i) {
    Buffer packet = sealed[i];
    const auto clear = ours.unprotect(packet);
    if (!clear) return std::string(to_string(clear.error()));
    return std::equal(clear->begin(), clear->end(),
                      rtcp_packet(1 + i % 2, static_cast<std::uint32_t>(i)).begin())
               ? std::string("ok")
               : std::string("other");
  };
  EXPECT_EQ(open(40), "ok");
  EXPECT_EQ(open(38), "ok");
  EXPECT_EQ(open(41), "ok");  // the other sender
  EXPECT_EQ(open(40), "replayed");
  EXPECT_EQ(open(38), "replayed");
  EXPECT_EQ(open(39), "ok");
  EXPECT_EQ(open(198), "ok");
  EXPECT_EQ(open(198 - 2 * 63), "ok");
  EXPECT_EQ(open(198 - 2 * 64), "replayed");  // older than the window
}

TEST_P(SrtpTest, AChangedBitOrLengthOfRtcpIsRefusedAndChangesNothing) {
  Oracle theirs(GetParam(), key_, false);
  SrtcpReceiver ours(GetParam(), master());
  const Buffer sealed = theirs.apply(srtp_protect_rtcp, rtcp_packet(9, 9));
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    Buffer packet = sealed;
    packet[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    EXPECT_FALSE(ours.unprotect(packet)) << bit;
  }
  for (std::size_t length = 0; length < sealed.size(); ++length) {
    Buffer packet = sealed;
    EXPECT_FALSE(ours.unprotect(MutableBytes(packet).first(length))) << length;
  }
  Buffer packet = sealed;
  EXPECT_TRUE(ours.unprotect(packet));
}

TEST_P(SrtpTest, RemembersAFewRtcpSendersOnly) {
  Oracle theirs(GetParam(), key_, false);
  SrtcpReceiver ours(GetParam(), master());
  for (std::uint32_t ssrc = 1; ssrc <= SrtcpReceiver::kSenders + 1; ++ssrc) {
    Buffer packet = theirs.apply(srtp_protect_rtcp, rtcp_packet(ssrc, 0));
    const auto clear = ours.unprotect(packet);
    if (ssrc <= SrtcpReceiver::kSenders) {
      EXPECT_TRUE(clear);
    } else {
      EXPECT_EQ(clear.error(), SrtcpRefusal::TooManySenders);
    }
  }
}

TEST_P(SrtpTest, NeverEncryptsTwoPacketsUnderOneIndex) {
  SrtpSender sender(GetParam(), master());
  ASSERT_TRUE(sender.add_stream(7, SrtpSender::Repeats::Yes));
  ASSERT_TRUE(sender.add_stream(8, SrtpSender::Repeats::No));
  EXPECT_FALSE(sender.add_stream(8, SrtpSender::Repeats::No));
  const Buffer first = rtp_packet(7, 1000, Buffer(100, 1));
  const Buffer sealed = protect(sender, &SrtpSender::protect_rtp, first);
  EXPECT_FALSE(sealed.empty());
  EXPECT_TRUE(protect(sender, &SrtpSender::protect_rtp, first).empty());  // once forward
  EXPECT_TRUE(
      protect(sender, &SrtpSender::protect_rtp, rtp_packet(7, 999, Buffer(9))).empty());  // never back
  EXPECT_TRUE(
      protect(sender, &SrtpSender::protect_rtp, rtp_packet(9, 1, Buffer(9))).empty());  // not declared
  EXPECT_EQ(protect(sender, &SrtpSender::protect_rtp_again, first), sealed);            // the same bytes
  EXPECT_TRUE(protect(sender, &SrtpSender::protect_rtp_again, rtp_packet(7, 1000, Buffer(100, 2))).empty());
  EXPECT_TRUE(protect(sender, &SrtpSender::protect_rtp_again, rtp_packet(7, 1000, Buffer(99, 1))).empty());
  EXPECT_TRUE(protect(sender, &SrtpSender::protect_rtp_again, rtp_packet(7, 999, Buffer(9))).empty());
  EXPECT_TRUE(protect(sender, &SrtpSender::protect_rtp_again, rtp_packet(7, 1001, Buffer(9))).empty());
  EXPECT_FALSE(protect(sender, &SrtpSender::protect_rtp, rtp_packet(7, 1005, Buffer(9))).empty());
  EXPECT_TRUE(
      protect(sender, &SrtpSender::protect_rtp_again, rtp_packet(7, 1003, Buffer(9))).empty());  // left out
  EXPECT_EQ(protect(sender, &SrtpSender::protect_rtp_again, first), sealed);
  EXPECT_FALSE(protect(sender, &SrtpSender::protect_rtp, rtp_packet(8, 5, Buffer(9))).empty());
  EXPECT_TRUE(protect(sender, &SrtpSender::protect_rtp_again, rtp_packet(8, 5, Buffer(9))).empty());
}

TEST_P(SrtpTest, RepeatsAcrossARolloverAndForgetsWhatIsOld) {
  SrtpSender sender(GetParam(), master());
  ASSERT_TRUE(sender.add_stream(7, SrtpSender::Repeats::Yes));
  std::vector<Buffer> sealed;
  for (std::uint32_t i = 0; i < 1100; ++i) {
    sealed.push_back(protect(sender, &SrtpSender::protect_rtp,
                             rtp_packet(7, static_cast<std::uint16_t>(65'000 + i), Buffer(20, 3))));
  }
  for (std::uint32_t i = 0; i < 1100; ++i) {
    const Buffer again = protect(sender, &SrtpSender::protect_rtp_again,
                                 rtp_packet(7, static_cast<std::uint16_t>(65'000 + i), Buffer(20, 3)));
    EXPECT_EQ(again, i < 1100 - SrtpSender::kRepeatable ? Buffer() : sealed[i]) << i;
  }
}

TEST_P(SrtpTest, MalformedOrCrampedPacketsAreRefused) {
  SrtpSender sender(GetParam(), master());
  ASSERT_TRUE(sender.add_stream(7, SrtpSender::Repeats::No));
  Buffer packet = with_room(rtp_packet(7, 1, {}, true));
  for (std::size_t length = 0; length < 20; ++length) {
    Buffer cut = packet;
    EXPECT_FALSE(sender.protect_rtp(cut, length)) << length;
  }
  EXPECT_FALSE(sender.protect_rtp(MutableBytes(packet).first(20 + tag() - 1), 20));
  EXPECT_FALSE(sender.protect_rtp(MutableBytes(packet).first(10), 20));
  EXPECT_TRUE(sender.protect_rtp(MutableBytes(packet).first(20 + tag()), 20));
  Buffer rtcp = with_room(rtcp_packet(7, 1));
  EXPECT_FALSE(sender.protect_rtcp(rtcp, 7));
  EXPECT_FALSE(sender.protect_rtcp(MutableBytes(rtcp).first(28 + tag() + 3), 28));
  EXPECT_TRUE(sender.protect_rtcp(MutableBytes(rtcp).first(28 + tag() + 4), 28));
}

TEST_P(SrtpTest, DeclaresAFewStreamsOnly) {
  SrtpSender sender(GetParam(), master());
  for (std::uint32_t i = 0; i < SrtpSender::kStreams; ++i)
    EXPECT_TRUE(sender.add_stream(i, SrtpSender::Repeats::No));
  EXPECT_FALSE(sender.add_stream(99, SrtpSender::Repeats::No));
}

INSTANTIATE_TEST_SUITE_P(Suites, SrtpTest,
                         testing::Values(SrtpSuite::AeadAes128Gcm, SrtpSuite::Aes128CmSha1_80),
                         [](const auto& test) {
                           return test.param == SrtpSuite::AeadAes128Gcm ? "Gcm" : "Cm";
                         });

}  // namespace
}  // namespace jalousie::webrtc
