#include "rtp/receiver_report.h"

#include <gtest/gtest.h>

namespace jalousie::rtp {
namespace {

SteadyTime at_ms(std::int64_t ms) { return SteadyTime(Milliseconds(ms)); }

TEST(ReceptionStatistics, NothingBeforeTheFirstPacket) {
  ReceptionStatistics statistics(90'000);
  EXPECT_FALSE(statistics.report(1, at_ms(0)));
}

TEST(ReceptionStatistics, CountsLossSinceTheLastReportAndInAll) {
  ReceptionStatistics statistics(90'000);
  for (std::uint16_t i = 0; i < 100; ++i) {
    if (i % 4 != 3 || i == 99)
      statistics.on_packet(static_cast<std::uint16_t>(65'500 + i), i * 3600U, at_ms(std::int64_t{i} * 40));
  }
  const auto first = statistics.report(7, at_ms(4000));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->ssrc, 7U);
  EXPECT_EQ(first->cumulative_lost, 24);
  EXPECT_EQ(first->fraction_lost, 24 * 256 / 100);
  EXPECT_EQ(first->highest_sequence, 65'536U + 63);
  EXPECT_EQ(first->last_sr, 0U);
  EXPECT_EQ(first->delay_since_last_sr, 0U);
  EXPECT_EQ(first->jitter, 0U) << "all came exactly when due";

  statistics.on_packet(64, 100 * 3600U, at_ms(4000));
  const auto second = statistics.report(7, at_ms(4040));
  EXPECT_EQ(second->fraction_lost, 0);
  EXPECT_EQ(second->cumulative_lost, 24);
}

TEST(ReceptionStatistics, RepeatedPacketsMakeLossNegative) {
  ReceptionStatistics statistics(90'000);
  for (int i = 0; i < 3; ++i) statistics.on_packet(5, 0, at_ms(0));
  const auto report = statistics.report(1, at_ms(0));
  EXPECT_EQ(report->cumulative_lost, -2);
  EXPECT_EQ(report->fraction_lost, 0);
}

TEST(ReceptionStatistics, LatePacketsAreNoWrap) {
  ReceptionStatistics statistics(90'000);
  for (const std::uint16_t sequence : {65'534, 65'535, 1, 0, 2}) statistics.on_packet(sequence, 0, at_ms(0));
  EXPECT_EQ(statistics.report(1, at_ms(0))->highest_sequence, 65'538U);
  EXPECT_EQ(statistics.report(1, at_ms(0))->cumulative_lost, 0);
}

TEST(ReceptionStatistics, StartsAnewWithTheSource) {
  ReceptionStatistics statistics(90'000);
  statistics.on_packet(100, 0, at_ms(0));
  statistics.on_packet(40'000, 0, at_ms(0));
  EXPECT_EQ(statistics.report(1, at_ms(0))->cumulative_lost, 0);
  statistics.on_packet(100, 0, at_ms(0));
  EXPECT_EQ(statistics.report(1, at_ms(0))->highest_sequence, 100U);
}

// RFC 3550 appendix A.8, calculated by hand: every other packet 10 ms late is a difference of 900 each time.
TEST(ReceptionStatistics, JitterComesNearToTheMeanDifference) {
  ReceptionStatistics statistics(90'000);
  statistics.on_packet(0, 0, at_ms(1000));
  statistics.on_packet(1, 3600, at_ms(1050));
  EXPECT_EQ(statistics.report(1, at_ms(0))->jitter, 900U / 16);
  for (std::uint16_t i = 2; i < 400; ++i) {
    statistics.on_packet(i, i * 3600U, at_ms(1000 + i * 40 + (i % 2) * 10));
  }
  EXPECT_NEAR(statistics.report(1, at_ms(0))->jitter, 900, 20);
}

TEST(ReceptionStatistics, NamesTheLastSenderReport) {
  ReceptionStatistics statistics(90'000);
  statistics.on_packet(0, 0, at_ms(0));
  statistics.on_sender_report(0x1111'2222'3333'4444, at_ms(1000));
  const auto report = statistics.report(1, at_ms(2500));
  EXPECT_EQ(report->last_sr, 0x2222'3333U);
  EXPECT_EQ(report->delay_since_last_sr, 3 * 65'536U / 2);
}

}  // namespace
}  // namespace jalousie::rtp
