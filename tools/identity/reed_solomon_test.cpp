#include "identity/reed_solomon.h"

#include <random>

#include <gtest/gtest.h>

namespace jalousie::identity {
namespace {

Buffer random_word(std::mt19937& random, std::size_t length, std::size_t parity) {
  Buffer word(length);
  for (std::size_t i = 0; i + parity < length; ++i) word[i] = static_cast<std::uint8_t>(random());
  add_parity(word, parity);
  return word;
}

std::vector<std::size_t> some_positions(std::mt19937& random, std::size_t length, std::size_t count) {
  std::vector<std::size_t> all(length);
  for (std::size_t i = 0; i < length; ++i) all[i] = i;
  std::shuffle(all.begin(), all.end(), random);
  all.resize(count);
  return all;
}

TEST(ReedSolomon, GivesTheKnownParityOfAQrCode) {
  // ISO/IEC 18004 annex I, "01234567" at level 1-M: 16 data codewords, 10 of correction.
  Buffer word = {0x10, 0x20, 0x0c, 0x56, 0x61, 0x80, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xec,
                 0x11, 0xec, 0x11, 0,    0,    0,    0,    0,    0,    0,    0,    0,    0};
  add_parity(word, 10);
  const Buffer expected = {0xa5, 0x24, 0xd4, 0xc1, 0xed, 0x36, 0xc7, 0x87, 0x2c, 0x55};
  EXPECT_EQ(Buffer(word.begin() + 16, word.end()), expected);
}

TEST(ReedSolomon, RepairsEveryMixOfErrorsAndErasuresWithinItsReach) {
  std::mt19937 random(1);
  for (const auto& [length, parity] : {std::pair<std::size_t, std::size_t>{15, 4}, {16, 7}, {32, 10}}) {
    for (std::size_t erasures = 0; erasures <= parity; ++erasures) {
      for (std::size_t errors = 0; 2 * errors + erasures <= parity; ++errors) {
        for (int round = 0; round < 30; ++round) {
          const auto sent = random_word(random, length, parity);
          auto received = sent;
          const auto bad = some_positions(random, length, errors + erasures);
          for (std::size_t i = 0; i < bad.size(); ++i) {
            received[bad[i]] ^= static_cast<std::uint8_t>(i < errors ? 1 + random() % 255 : random());
          }
          const auto repaired = repair(received, parity, std::span(bad).subspan(errors));
          ASSERT_TRUE(repaired) << length << ' ' << errors << ' ' << erasures;
          EXPECT_EQ(*repaired, errors);
          EXPECT_EQ(received, sent);
        }
      }
    }
  }
}

TEST(ReedSolomon, LeavesTheWordAloneWhereItCannotRepair) {
  std::mt19937 random(2);
  int refused = 0;
  for (int round = 0; round < 1000; ++round) {
    auto received = random_word(random, 15, 4);
    for (const auto position : some_positions(random, 15, 6))
      received[position] ^= static_cast<std::uint8_t>(1 + random() % 255);
    const auto before = received;
    if (repair(received, 4)) continue;
    ++refused;
    EXPECT_EQ(received, before);
  }
  EXPECT_GT(refused, 980);  // a random word is within two bytes of a code word in 0.16 % of cases
}

TEST(ReedSolomon, RefusesMoreErasuresThanParity) {
  std::mt19937 random(3);
  auto word = random_word(random, 15, 4);
  const std::vector<std::size_t> erased = {0, 1, 2, 3, 4};
  EXPECT_FALSE(repair(word, 4, erased));
}

}  // namespace
}  // namespace jalousie::identity
