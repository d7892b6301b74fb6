// Against what the standards publish.
#include <array>
#include <memory>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "crypto/aes.h"
#include "crypto/compare.h"
#include "crypto/hash.h"
#include "crypto/hmac.h"
#include "crypto/password.h"
#include "crypto/secret.h"
#include "crypto/system_random.h"

namespace jalousie::crypto {
namespace {

Buffer hex(std::string_view text) { return decode_hex(text).value(); }
Buffer repeat(std::uint8_t byte, std::size_t count) { return Buffer(count, byte); }
Buffer count_from(std::uint8_t first, std::size_t count) {
  Buffer made(count);
  for (std::size_t i = 0; i < count; ++i) made[i] = static_cast<std::uint8_t>(first + i);
  return made;
}

TEST(SystemRandom, GivesDifferentBytesEachTime) {
  SystemRandom random;
  std::set<Buffer> seen;
  for (int i = 0; i < 100; ++i) {
    Buffer bytes(32);
    random.fill(bytes);
    EXPECT_TRUE(seen.insert(bytes).second);
  }
  Buffer large(100'000);  // more than one getrandom() need give
  random.fill(large);
  EXPECT_NE(Buffer(large.end() - 64, large.end()), Buffer(64));
  random.fill({});
}

TEST(ConstantTimeEqual, ComparesContentAndLength) {
  EXPECT_TRUE(constant_time_equal(as_bytes("same"), as_bytes("same")));
  EXPECT_TRUE(constant_time_equal({}, {}));
  EXPECT_FALSE(constant_time_equal(as_bytes("same"), as_bytes("sama")));
  EXPECT_FALSE(constant_time_equal(as_bytes("same"), as_bytes("Same")));
  EXPECT_FALSE(constant_time_equal(as_bytes("same"), as_bytes("same ")));
}

TEST(Hash, FipsAndRfcVectors) {
  EXPECT_EQ(encode_hex(md5(as_bytes(""))), "d41d8cd98f00b204e9800998ecf8427e");  // RFC 1321 appendix A.5
  EXPECT_EQ(encode_hex(md5(as_bytes("message digest"))), "f96b697d7cb7938d525a2f31aaf161d0");
  EXPECT_EQ(encode_hex(sha1(as_bytes("abc"))), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(encode_hex(sha256(as_bytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(encode_hex(sha512(as_bytes("abc"))),
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}

TEST(Hash, OfPartsIsOfTheirConcatenation) {
  const auto parts = {as_bytes("a"), as_bytes(""), as_bytes("bc")};
  EXPECT_EQ(md5(parts), md5(as_bytes("abc")));
  EXPECT_EQ(sha1(parts), sha1(as_bytes("abc")));
  EXPECT_EQ(sha256(parts), sha256(as_bytes("abc")));
  EXPECT_EQ(sha512(parts), sha512(as_bytes("abc")));
}

struct HmacVector {
  Buffer key;
  std::string message;
  const char* sha1;  // RFC 2202; none where the two documents' cases differ
  const char* sha256;
  const char* sha512;
};

const HmacVector kHmacVectors[] = {
    {repeat(0x0b, 20), "Hi There", "b617318655057264e28bc0b6fb378c8ef146be00",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
     "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
     "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"},
    {hex("4a656665"), "what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
     "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
     "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"},
    {repeat(0xaa, 131), "Test Using Larger Than Block-Size Key - Hash Key First", nullptr,
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
     "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
     "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"},
};

TEST(Hmac, Rfc2202AndRfc4231) {
  for (const HmacVector& vector : kHmacVectors) {
    const ByteView message = as_bytes(vector.message);
    if (vector.sha1 != nullptr) EXPECT_EQ(encode_hex(hmac_sha1(vector.key, message)), vector.sha1);
    EXPECT_EQ(encode_hex(hmac_sha256(vector.key, message)), vector.sha256);
    EXPECT_EQ(encode_hex(hmac_sha512(vector.key, message)), vector.sha512);
    Sha512Digest by_openssl;
    Hmac(HmacHash::Sha512, vector.key).compute({message}, by_openssl);
    EXPECT_EQ(encode_hex(by_openssl), vector.sha512);
  }
  const Buffer long_key = repeat(0xaa, 80);  // RFC 2202 case 6
  EXPECT_EQ(
      encode_hex(hmac_sha1(long_key, as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))),
      "aa4ae5e15272d00e95705637ce8a3b55ed402112");
}

TEST(Hmac, KeyedContextServesManyMessagesWholeOrInParts) {
  const Buffer key = count_from(1, 20);
  Hmac keyed(HmacHash::Sha1, key);
  const HmacSha512 fast(key);
  for (int round = 0; round < 3; ++round) {
    const std::string message(static_cast<std::size_t>(round) * 100, 'm');
    Sha1Digest whole;
    Sha1Digest parts;
    std::array<std::uint8_t, 10> shortened;
    keyed.compute({as_bytes(message)}, whole);
    keyed.compute(
        {as_bytes(message).first(message.size() / 3), as_bytes(message).subspan(message.size() / 3)}, parts);
    keyed.compute({as_bytes(message)}, shortened);
    EXPECT_EQ(whole, hmac_sha1(key, as_bytes(message)));
    EXPECT_EQ(parts, whole);
    EXPECT_EQ(encode_hex(shortened), encode_hex(ByteView(whole).first(10)));
    EXPECT_EQ(fast.compute(as_bytes(message)), hmac_sha512(key, as_bytes(message)));
  }
}

TEST(Hmac, EmptyKeyIsAKey) {
  EXPECT_EQ(encode_hex(hmac_sha256({}, {})),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(Hmac, MovedKeepsItsKeyAndWipesTheOther) {
  HmacSha512 first(as_bytes("key"));
  HmacSha512 second(std::move(first));
  EXPECT_EQ(second.compute(as_bytes("m")), hmac_sha512(as_bytes("key"), as_bytes("m")));
  const auto* left = reinterpret_cast<const std::uint8_t*>(&first);
  EXPECT_EQ(Buffer(left, left + sizeof first), Buffer(sizeof first));
  HmacSha512 third(as_bytes("other"));
  third = std::move(second);
  EXPECT_EQ(third.compute(as_bytes("m")), hmac_sha512(as_bytes("key"), as_bytes("m")));
}

TEST(Hkdf, Rfc5869) {
  Buffer out(42);
  hkdf_sha256(repeat(0x0b, 22), count_from(0, 13), count_from(0xf0, 10), out);
  EXPECT_EQ(encode_hex(out),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  hkdf_sha256(repeat(0x0b, 22), {}, {}, out);
  EXPECT_EQ(encode_hex(out),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
  Buffer longer(82);
  hkdf_sha256(count_from(0, 80), count_from(0x60, 80), count_from(0xb0, 80), longer);
  EXPECT_EQ(encode_hex(longer),
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
            "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
}

struct GcmVector {
  const char* key;
  const char* iv;
  const char* aad;
  const char* plaintext;
  const char* ciphertext;
  const char* tag;
};

// The GCM specification (McGrew and Viega), appendix B: cases 1, 2, 4, 13, 14, 16.
const char* const kPlain16 =
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5"
    "aa0de657ba637b39";
const char* const kAad = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
const GcmVector kGcmVectors[] = {
    {"00000000000000000000000000000000", "000000000000000000000000", "", "", "",
     "58e2fccefa7e3061367f1d57a4e7455a"},
    {"00000000000000000000000000000000", "000000000000000000000000", "", "00000000000000000000000000000000",
     "0388dace60b6a392f328c2b971b2fe78", "ab6e47d42cec13bdf53a67b21257bddf"},
    {"feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888", kAad, kPlain16,
     "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b3"
     "96a0aac973d58e091",
     "5bc94fbc3221a5db94fae95ae7121a47"},
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "", "",
     "", "530f8afbc74536b9a963b4f1c4cb738b"},
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", "",
     "00000000000000000000000000000000", "cea7403d4d606b6e074ec5d3baf39d18",
     "d0d1c8a799996bf0265b98b5d48ab919"},
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888", kAad,
     kPlain16,
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6"
     "393ba7a0abcc9f662",
     "76fc6ece0f4e1768cddf8853bb2d551b"},
};

TEST(AesGcm, SpecificationVectors) {
  for (const GcmVector& vector : kGcmVectors) {
    const Buffer iv = hex(vector.iv);
    const Buffer aad = hex(vector.aad);
    const Buffer plaintext = hex(vector.plaintext);
    AesGcm gcm(hex(vector.key));
    Buffer text = plaintext;
    Buffer tag(kGcmTagBytes);
    for (int round = 0; round < 2; ++round) {  // the context is good for more than one, in both directions
      gcm.seal_in_place(iv, aad, text, tag);
      EXPECT_EQ(encode_hex(text), vector.ciphertext);
      EXPECT_EQ(encode_hex(tag), vector.tag);
      EXPECT_TRUE(gcm.open_in_place(iv, aad, text, tag));
      EXPECT_EQ(text, plaintext);
    }
    const Buffer sealed = aes_gcm_seal(hex(vector.key), iv, aad, plaintext);
    EXPECT_EQ(encode_hex(sealed), std::string(vector.ciphertext) + vector.tag);
    EXPECT_EQ(aes_gcm_open(hex(vector.key), iv, aad, sealed).value(), plaintext);
  }
}

TEST(AesGcm, RekeyIsAsGoodAsANewContext) {
  const GcmVector& vector = kGcmVectors[5];
  AesGcm gcm(Buffer(32));
  Buffer text = hex(vector.plaintext);
  Buffer tag(kGcmTagBytes);
  gcm.seal_in_place(hex(vector.iv), {}, text, tag);
  gcm.rekey(hex(vector.key));
  text = hex(vector.plaintext);
  gcm.seal_in_place(hex(vector.iv), hex(vector.aad), text, tag);
  EXPECT_EQ(encode_hex(tag), vector.tag);
}

TEST(AesGcm, WrongTagLeavesZerosWhereThePlaintextWas) {
  const GcmVector& vector = kGcmVectors[5];
  const Buffer ciphertext = hex(vector.ciphertext);
  Buffer tag = hex(vector.tag);
  AesGcm gcm(hex(vector.key));
  for (std::size_t bit = 0; bit < tag.size() * 8; ++bit) {
    Buffer altered = tag;
    altered[bit / 8] ^= static_cast<std::uint8_t>(1 << (bit % 8));
    Buffer apart(ciphertext.size(), 0xee);
    EXPECT_FALSE(gcm.open(hex(vector.iv), hex(vector.aad), ciphertext, apart, altered));
    EXPECT_EQ(apart, Buffer(ciphertext.size()));
    Buffer in_place = ciphertext;
    EXPECT_FALSE(gcm.open_in_place(hex(vector.iv), hex(vector.aad), in_place, altered));
    EXPECT_EQ(in_place, Buffer(ciphertext.size()));
  }
  Buffer opened(ciphertext.size());
  EXPECT_FALSE(gcm.open(hex(vector.iv), {}, ciphertext, opened, tag));
  EXPECT_TRUE(
      gcm.open(hex(vector.iv), hex(vector.aad), ciphertext, opened, tag));  // a refusal spoils nothing
  EXPECT_EQ(encode_hex(opened), vector.plaintext);
}

TEST(AesGcm, OneShotRefusesTruncation) {
  const Buffer key = count_from(0, 32);
  const Buffer iv(kGcmIvBytes);
  Buffer sealed = aes_gcm_seal(key, iv, as_bytes("aad"), as_bytes("plaintext"));
  for (std::size_t size = 0; size < sealed.size(); ++size) {
    const auto opened = aes_gcm_open(key, iv, as_bytes("aad"), ByteView(sealed).first(size));
    ASSERT_FALSE(opened.has_value());
    EXPECT_EQ(opened.error().kind(), ErrorKind::DataLoss);
  }
}

TEST(AesCtr, Sp80038a) {
  AesCtr ctr(hex("2b7e151628aed2a6abf7158809cf4f3c"));
  const Buffer counter = hex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff");
  const std::string plaintext = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51";
  Buffer text = hex(plaintext);
  ctr.apply(counter, text);
  EXPECT_EQ(encode_hex(text), "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff");
  ctr.apply(counter, text);
  EXPECT_EQ(encode_hex(text), plaintext);
}

TEST(AesCtr, DerivesSrtpSessionKey) {  // RFC 3711 appendix B.3
  AesCtr ctr(hex("e1f97a0d3e018be0d64fa32c06de4139"));
  Buffer key(16);
  ctr.apply(hex("0ec675ad498afeebb6960b3aabe60000"), key);
  EXPECT_EQ(encode_hex(key), "c61e7a93744f39ee10734afe3ff7a087");
}

TEST(AesBlock, Sp80038a) {
  const Buffer block = hex("6bc1bee22e409f96e93d7e117393172a");
  EXPECT_EQ(encode_hex(aes_block(hex("2b7e151628aed2a6abf7158809cf4f3c"), block)),
            "3ad77bb40d7a3660a89ecaf32466ef97");
  EXPECT_EQ(
      encode_hex(aes_block(hex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"), block)),
      "f3eed1bdb5d2a03c064b5a7e3db181f8");
}

TEST(Password,
     VerifiesWhatTheArgon2ReferencePublishes) {  // its test.c: argon2id, version 0x13, t=2, m=65536, p=1
  const std::string reference =
      "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
  EXPECT_TRUE(verify_password(reference, "password"));
  EXPECT_FALSE(verify_password(reference, "Password"));
}

TEST(Password, RoundTripAndRehash) {
  SystemRandom random;
  const Argon2Cost small{.memory_kib = 64, .passes = 1};
  const auto hash = hash_password("correct horse", random, small);
  ASSERT_TRUE(hash.has_value());
  EXPECT_TRUE(hash->starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
  EXPECT_TRUE(verify_password(*hash, "correct horse"));
  EXPECT_FALSE(verify_password(*hash, "correct horsf"));
  EXPECT_FALSE(verify_password(*hash, ""));
  EXPECT_NE(*hash, hash_password("correct horse", random, small).value());
  EXPECT_FALSE(needs_rehash(*hash, small));
  EXPECT_TRUE(needs_rehash(*hash));
}

TEST(Password, DefaultCostIs64MiBAndThreePasses) {
  SystemRandom random;
  const auto hash = hash_password("p", random);
  ASSERT_TRUE(hash.has_value());
  EXPECT_TRUE(hash->starts_with("$argon2id$v=19$m=65536,t=3,p=1$"));
  EXPECT_FALSE(needs_rehash(*hash));
}

TEST(Password, MalformedHashVerifiesNothing) {
  for (const char* text : {"", "$argon2id$", "$argon2id$v=19$m=64,t=1,p=1$AAAA", "plain", "$1$salt$hash"}) {
    EXPECT_FALSE(verify_password(text, "")) << text;
    EXPECT_FALSE(verify_password(text, "plain")) << text;
  }
}

// What `made` leaves in its place when it goes.
template <class Type, class... Arguments>
Buffer remains_of(Arguments&&... arguments) {
  alignas(Type) std::array<std::uint8_t, sizeof(Type)> place{};
  std::construct_at(reinterpret_cast<Type*>(place.data()), std::forward<Arguments>(arguments)...);
  std::destroy_at(reinterpret_cast<Type*>(place.data()));
  return {place.begin(), place.end()};
}

TEST(Secret, LeavesNothingWhenItGoes) {
  EXPECT_EQ(remains_of<Secret<32>>(Buffer(32, 0x5a)), Buffer(sizeof(Secret<32>)));
  EXPECT_EQ(remains_of<HmacSha512>(Buffer(32, 0x5a)), Buffer(sizeof(HmacSha512)));
}

TEST(Secret, MovesAndWipes) {
  SystemRandom random;
  Secret<32> first = Secret<32>::random(random);
  const Buffer value(first.view().begin(), first.view().end());
  EXPECT_NE(value, Buffer(32));
  Secret<32> second(std::move(first));
  EXPECT_EQ(encode_hex(first.view()), encode_hex(Buffer(32)));
  Secret<32> third;
  third = std::move(second);
  EXPECT_EQ(encode_hex(third.view()), encode_hex(value));
  EXPECT_EQ(encode_hex(second.view()), encode_hex(Buffer(32)));
  static_assert(!std::is_copy_constructible_v<Secret<32>>);
}

}  // namespace
}  // namespace jalousie::crypto
