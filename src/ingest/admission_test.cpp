#include "ingest/admission.h"

#include <gtest/gtest.h>

#include "crypto/system_random.h"
#include "io/loop_thread.h"
#include "io/task_group.h"

namespace jalousie::ingest {
namespace {

class AdmissionTest : public testing::Test {
 protected:
  void TearDown() override {
    admission_.close();
    io::run_and_wait(loop_.loop(), tasks_.close());
  }
  void arrive(HomeId home, char mark) {
    on_loop([&] { tasks_.spawn(enter(home, mark)); });
  }
  io::Task<> enter(HomeId home, char mark) {
    co_await admission_.enter(home);
    order_ += mark;
  }
  template <class F>
  void on_loop(F work) {
    io::run_and_wait(loop_.loop(), [](F& inner) -> io::Task<> {
      inner();
      co_return;
    }(work));
  }
  std::string order() {
    std::string seen;
    on_loop([] {});
    on_loop([&] { seen = order_; });
    return seen;
  }

  FakeClock clock_;
  crypto::SystemRandom random_;
  HomeId large_ = HomeId::random(random_);
  HomeId small_ = HomeId::random(random_);
  Admission admission_{clock_, {.per_second = 10, .burst = 2}};
  io::LoopThread loop_;
  io::TaskGroup tasks_{loop_.loop()};
  std::string order_;
};

TEST_F(AdmissionTest, ABurstAtOnceThenASteadyRate) {
  for (int i = 0; i < 8; ++i) arrive(large_, 'l');
  EXPECT_EQ(order(), "ll");
  clock_.advance(Milliseconds(100));
  admission_.tick();
  EXPECT_EQ(order(), "lll");
  admission_.tick();
  EXPECT_EQ(order(), "lll");
  clock_.advance(Seconds(10));  // no more than a burst is saved up
  admission_.tick();
  EXPECT_EQ(order(), "lllll");
}

TEST_F(AdmissionTest, ALargeHomeDoesNotKeepASmallOneWaiting) {
  for (int i = 0; i < 100; ++i) arrive(large_, 'l');
  arrive(small_, 's');
  for (int i = 0; i < 2; ++i) {
    clock_.advance(Milliseconds(100));
    admission_.tick();
  }
  EXPECT_EQ(order(), "llls");
}

TEST_F(AdmissionTest, ClosingLetsEverybodyThrough) {
  for (int i = 0; i < 5; ++i) arrive(large_, 'l');
  EXPECT_EQ(admission_.waiting(), 3U);
  admission_.close();
  arrive(small_, 's');
  EXPECT_EQ(order(), "llllls");
}

}  // namespace
}  // namespace jalousie::ingest
