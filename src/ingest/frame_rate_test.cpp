#include "ingest/frame_rate.h"

#include <gtest/gtest.h>

namespace jalousie::ingest {
namespace {

std::optional<double> measured(std::int64_t step, int units, int gap_at = -1) {
  FrameRate rate;
  for (int i = 0; i < units; ++i) rate.on_unit(1000 + step * i, i == gap_at);
  return rate.fps();
}

TEST(FrameRate, CountsOverTwoSeconds) {
  EXPECT_EQ(measured(3600, 51), 25.0);
  EXPECT_EQ(measured(3600, 50), std::nullopt);
  EXPECT_EQ(measured(3003, 100), 30.0);
  EXPECT_EQ(measured(12'000, 100), 7.5);
  EXPECT_EQ(measured(90'000, 3), 1.0);
  EXPECT_EQ(measured(450'000, 3), 0.2);
  EXPECT_EQ(measured(3600, 90, 45), std::nullopt);
  EXPECT_EQ(measured(3600, 96, 45), 25.0);
  EXPECT_EQ(measured(0, 100), std::nullopt);
  EXPECT_EQ(measured(-3600, 100), std::nullopt);
  EXPECT_EQ(measured(1'000'000, 100), std::nullopt);
}

}  // namespace
}  // namespace jalousie::ingest
