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

TEST(FrameRate, CountsPicturesThatAreSentInAnotherOrder) {
  for (const int b_frames : {1, 2, 3}) {
    FrameRate rate;
    rate.on_unit(0, false);
    for (int anchor = 1; anchor < 60; ++anchor) {
      const std::int64_t group = 3600 * (b_frames + 1);
      rate.on_unit(anchor * group, false);
      for (int i = b_frames; i > 0; --i) rate.on_unit(anchor * group - i * 3600, false);
    }
    EXPECT_EQ(rate.fps(), 25.0) << b_frames;
  }
}

}  // namespace
}  // namespace jalousie::ingest
