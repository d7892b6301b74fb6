#include "codec/opus.h"

#include <gtest/gtest.h>

namespace jalousie::codec {
namespace {

constexpr std::uint8_t toc(unsigned config, bool stereo, unsigned code) {
  return static_cast<std::uint8_t>(config << 3 | (stereo ? 4U : 0U) | code);
}

TEST(Opus, EveryConfigurationHasItsFrameDuration) {
  const std::vector<std::vector<int>> groups{
      {10'000, 20'000, 40'000, 60'000},  // SILK, three bandwidths
      {10'000, 20'000, 40'000, 60'000}, {10'000, 20'000, 40'000, 60'000},
      {10'000, 20'000, 10'000, 20'000},  // hybrid, two
      {2'500, 5'000, 10'000, 20'000},    // CELT, four
      {2'500, 5'000, 10'000, 20'000},   {2'500, 5'000, 10'000, 20'000},
      {2'500, 5'000, 10'000, 20'000}};
  for (unsigned config = 0; config < 32; ++config) {
    const auto facts = opus_facts(Buffer{toc(config, config % 2 == 0, 0)}).value();
    EXPECT_EQ(facts.frame.count(), groups[config / 4][config % 4]) << config;
    EXPECT_EQ(facts.channels, config % 2 == 0 ? 2 : 1);
    EXPECT_EQ(facts.frames, 1U);
  }
}

TEST(Opus, CountsFrames) {
  EXPECT_EQ(opus_facts(Buffer{toc(31, true, 1), 9})->duration(), Milliseconds(40));
  EXPECT_EQ(opus_facts(Buffer{toc(31, true, 2), 9})->frames, 2U);
  EXPECT_EQ(opus_facts(Buffer{toc(16, false, 3), 0x80 | 48, 9})->duration(), Milliseconds(120));
}

TEST(Opus, RefusesWhatNoPacketCanBe) {
  EXPECT_FALSE(opus_facts({}));
  EXPECT_FALSE(opus_facts(Buffer{toc(16, false, 3)})) << "no frame count";
  EXPECT_FALSE(opus_facts(Buffer{toc(16, false, 3), 0x40})) << "no frame";
  EXPECT_FALSE(opus_facts(Buffer{toc(16, false, 3), 49})) << "above 120 ms";
  EXPECT_TRUE(opus_facts(Buffer{toc(3, false, 1)})) << "twice 60 ms";
  EXPECT_FALSE(opus_facts(Buffer{toc(3, false, 3), 3})) << "three times";
}

}  // namespace
}  // namespace jalousie::codec
