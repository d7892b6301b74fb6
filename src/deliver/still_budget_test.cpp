#include "deliver/still_budget.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "crypto/system_random.h"

namespace jalousie::deliver {
namespace {

class StillBudgetTest : public testing::Test {
 protected:
  bool admitted(SessionId session) { return budget_.admit(session, clock_.steady()).has_value(); }

  crypto::SystemRandom random_;
  FakeClock clock_;
  StillBudget budget_;
  SessionId one_ = SessionId::random(random_);
  SessionId other_ = SessionId::random(random_);
};

TEST_F(StillBudgetTest, AtOnceAreLimitedBySession) {
  for (std::size_t i = 0; i < limits::kStillsAtOncePerSession; ++i) EXPECT_TRUE(admitted(one_));
  EXPECT_FALSE(admitted(one_));
  EXPECT_TRUE(admitted(other_));
  budget_.release(one_);
  EXPECT_TRUE(admitted(one_));
  EXPECT_FALSE(admitted(one_));
}

TEST_F(StillBudgetTest, ABurstAndThenAPace) {
  int taken = 0;
  while (admitted(one_)) {
    budget_.release(one_);
    ++taken;
  }
  EXPECT_EQ(taken, limits::kStillBurstPerSession);
  clock_.advance(Seconds(1));
  for (int i = 0; i < limits::kStillsPerSecondPerSession; ++i) {
    EXPECT_TRUE(admitted(one_));
    budget_.release(one_);
  }
  EXPECT_FALSE(admitted(one_));
  EXPECT_TRUE(admitted(other_));
}

TEST_F(StillBudgetTest, AllTogetherAreBounded) {
  for (std::size_t i = 0; i < limits::kStillsAtOnce; ++i) EXPECT_TRUE(admitted(SessionId::random(random_)));
  EXPECT_FALSE(admitted(one_));
}

TEST_F(StillBudgetTest, ForgetsWhoAsksNoMoreButNobodyUnderWay) {
  EXPECT_TRUE(admitted(one_));
  EXPECT_TRUE(admitted(other_));
  budget_.release(other_);
  clock_.advance(Seconds(120));
  EXPECT_TRUE(admitted(SessionId::random(random_)));
  EXPECT_EQ(budget_.size(), 2U);
  budget_.release(one_);
}

}  // namespace
}  // namespace jalousie::deliver
