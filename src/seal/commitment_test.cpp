// AES-GCM alone lets one ciphertext open under two keys. Here such a block is made; only the commitment
// refuses it.
#include <array>
#include <bit>

#include <gtest/gtest.h>

#include "crypto/aes.h"
#include "crypto/hmac.h"
#include "seal/fixture.h"

namespace jalousie::seal {
namespace {

// GF(2^128) as GHASH has it (NIST SP 800-38D section 6.3): bit 0 is the most significant.
struct Element {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  static Element of(ByteView bytes) {
    ByteReader reader(bytes);
    const std::uint64_t first = reader.u64();
    return {first, reader.u64()};
  }
  std::array<std::uint8_t, 16> bytes() const {
    std::array<std::uint8_t, 16> made;
    ByteWriter writer(made);
    writer.u64(high);
    writer.u64(low);
    return made;
  }
  friend Element operator^(Element a, Element b) { return {a.high ^ b.high, a.low ^ b.low}; }
  friend Element operator*(Element a, Element b) {
    Element product;
    for (int bit = 0; bit < 128; ++bit) {
      const std::uint64_t word = bit < 64 ? a.high : a.low;
      if ((word >> (63 - bit % 64) & 1) != 0) product = product ^ b;
      const bool carry = (b.low & 1) != 0;
      b = {b.high >> 1, b.low >> 1 | b.high << 63};
      if (carry) b.high ^= 0xe1ULL << 56;
    }
    return product;
  }
};

Element power(Element base, int exponent) {
  Element result{1ULL << 63, 0};
  for (int count = 0; count < exponent; ++count) result = result * base;
  return result;
}

// base^(2^128 - 2) by Fermat.
Element inverse(Element base) {
  Element result{1ULL << 63, 0};
  for (int count = 0; count < 127; ++count) {
    base = base * base;
    result = result * base;
  }
  return result;
}

Element ghash(Element key, ByteView aad, ByteView ciphertext) {  // both of whole blocks
  Element sum;
  for (const ByteView data : {aad, ciphertext}) {
    for (std::size_t at = 0; at < data.size(); at += 16)
      sum = (sum ^ Element::of(data.subspan(at, 16))) * key;
  }
  return (sum ^ Element{aad.size() * 8, ciphertext.size() * 8}) * key;
}

struct GcmKey {
  explicit GcmKey(ByteView key)
      : hash(Element::of(crypto::aes_block(key, Buffer(16)))),
        mask(Element::of(crypto::aes_block(key, first_counter()))) {}
  static Buffer first_counter() {
    Buffer counter(16);
    counter.back() = 1;
    return counter;
  }
  Element hash;
  Element mask;
};

// Finds the last block of `ciphertext` (zero before) so that one tag fits both keys; returns that tag.
std::array<std::uint8_t, 16> make_common(const GcmKey& one, const GcmKey& two, ByteView aad,
                                         MutableBytes ciphertext) {
  const Element difference =
      ghash(one.hash, aad, ciphertext) ^ one.mask ^ ghash(two.hash, aad, ciphertext) ^ two.mask;
  const Element last = difference * inverse(power(one.hash, 2) ^ power(two.hash, 2));
  std::ranges::copy(last.bytes(), ciphertext.last(16).begin());
  return (ghash(one.hash, aad, ciphertext) ^ one.mask).bytes();
}

TEST(Commitment, RefusesTheBlockThatOpensUnderTwoKeysOfPlainGcm) {
  const StreamLabel label = fixture::label();
  const Buffer first_key(kKeyBytes, 0x01);
  const Buffer second_key(kKeyBytes, 0x02);
  BlockHeader header;
  header.label = label;
  header.epoch = fixture::kEpoch;
  header.capture = fixture::kCapture;
  header.plaintext_bytes = 64;
  const auto derived_one = crypto::hmac_sha512(first_key, header.encode());
  const auto derived_two = crypto::hmac_sha512(second_key, header.encode());

  Buffer bytes = fixture::copy_of(header.encode());
  bytes.insert(bytes.end(), derived_one.begin() + kKeyBytes, derived_one.end());
  const Buffer aad = bytes;
  Buffer ciphertext(64, 0x77);
  std::fill(ciphertext.end() - 16, ciphertext.end(), 0);
  const ByteView block_key_one = ByteView(derived_one).first(kKeyBytes);
  const ByteView block_key_two = ByteView(derived_two).first(kKeyBytes);
  const auto tag = make_common(GcmKey(block_key_one), GcmKey(block_key_two), aad, ciphertext);

  // Plain GCM takes it under either key, and gives two different texts.
  const Buffer iv(crypto::kGcmIvBytes);
  Buffer text_one(64);
  Buffer text_two(64);
  ASSERT_TRUE(crypto::AesGcm(block_key_one).open(iv, aad, ciphertext, text_one, tag));
  ASSERT_TRUE(crypto::AesGcm(block_key_two).open(iv, aad, ciphertext, text_two, tag));
  ASSERT_NE(text_one, text_two);

  bytes.insert(bytes.end(), ciphertext.begin(), ciphertext.end());
  bytes.insert(bytes.end(), tag.begin(), tag.end());
  const BlockPtr block = Block::from_bytes(bytes).value();
  const auto opener_with = [&](ByteView key) {
    auto keys = make_opener_keys(label);
    keys->keys.emplace_back(label, fixture::kEpoch, KeyBytes(key));
    return Opener(label, std::move(keys));
  };
  EXPECT_TRUE(opener_with(first_key).open(*block).has_value());
  const auto opened = opener_with(second_key).open(*block);
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error(), Refusal::WrongKey);
}

}  // namespace
}  // namespace jalousie::seal
