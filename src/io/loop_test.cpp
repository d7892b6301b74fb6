#include "io/loop.h"

#include <atomic>
#include <csignal>
#include <stdexcept>

#include <gtest/gtest.h>

#include "io/loop_thread.h"
#include "io/signals.h"
#include "io/task_group.h"
#include "io/workers.h"

namespace jalousie::io {
namespace {

using std::chrono::steady_clock;

// Counts what is alive, to show that unwinding releases what a task holds.
struct Held {
  explicit Held(std::atomic<int>& of) : count(of) { ++count; }
  ~Held() { --count; }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  std::atomic<int>& count;
};

Task<> hold_for_ever(std::atomic<int>& alive) {
  const Held held(alive);
  co_await sleep_for(Microseconds::max());
}

TEST(Loop, PostsRunInOrderOnItsThread) {
  LoopThread thread;
  std::vector<int> order;
  for (int i = 0; i < 1000; ++i) thread.loop().post([&order, i] { order.push_back(i); });
  const bool there = run_and_wait(
      thread.loop(), [](Loop& loop) -> Task<bool> { co_return loop.on_this_thread(); }(thread.loop()));
  EXPECT_TRUE(there);
  EXPECT_FALSE(thread.loop().on_this_thread());
  ASSERT_EQ(order.size(), 1000U);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST(Loop, GoesOnAfterAnExceptionInAHandler) {
  LoopThread thread;
  thread.loop().post([] { throw std::runtime_error("from a library"); });
  EXPECT_EQ(run_and_wait(thread.loop(), []() -> Task<int> { co_return 7; }()), 7);
}

TEST(Timer, CallsOnceAndForgetsTheEarlierCall) {
  LoopThread thread;
  int first = 0;
  int second = 0;
  run_and_wait(thread.loop(), [](Loop& loop, int& one, int& two) -> Task<> {
    Timer timer(loop);
    Event done(loop);
    timer.start(Milliseconds(1), [&] { ++one; });
    timer.start(Milliseconds(2), [&] {
      ++two;
      done.notify();
    });
    EXPECT_TRUE(co_await done.wait(Seconds(5)));
    timer.start(Milliseconds(1), [&] { ++one; });
    timer.cancel();
    co_await sleep_for(Milliseconds(20));
    {
      Timer gone(loop);
      gone.start(Milliseconds(1), [&] { ++one; });
    }
    co_await sleep_for(Milliseconds(20));
  }(thread.loop(), first, second));
  EXPECT_EQ(first, 0);
  EXPECT_EQ(second, 1);
}

TEST(Timer, MayBeRestartedByItsOwnCall) {
  LoopThread thread;
  run_and_wait(thread.loop(), [](Loop& loop) -> Task<> {
    Timer timer(loop);
    Event done(loop);
    int calls = 0;
    std::function<void()> again = [&] {
      if (++calls == 3) return done.notify();
      timer.start(Milliseconds(1), [&] { again(); });
    };
    timer.start(Milliseconds(1), [&] { again(); });
    EXPECT_TRUE(co_await done.wait(Seconds(5)));
    EXPECT_EQ(calls, 3);
  }(thread.loop()));
}

TEST(Event, RemembersOneNotificationAndTimesOut) {
  LoopThread thread;
  run_and_wait(thread.loop(), [](Loop& loop) -> Task<> {
    Event event(loop);
    event.notify();
    event.notify();
    EXPECT_TRUE(co_await event.wait(Seconds(5)));
    EXPECT_FALSE(co_await event.wait(Milliseconds(5)));
  }(thread.loop()));
}

Task<> wait_and_count(Event& event, int& woken) {
  if (co_await event.wait(Seconds(5))) ++woken;
}

TEST(Event, WakesAllWhoWait) {
  LoopThread thread;
  run_and_wait(thread.loop(), [](Loop& loop) -> Task<> {
    Event event(loop);
    TaskGroup group(loop);
    int woken = 0;
    for (int i = 0; i < 3; ++i) group.spawn(wait_and_count(event, woken));
    co_await sleep_for(Milliseconds(5));
    event.notify();
    while (group.size() > 0) co_await sleep_for(Milliseconds(1));
    EXPECT_EQ(woken, 3);
    EXPECT_FALSE(co_await event.wait(Milliseconds(1)));  // nothing was left over
    co_await group.close();
  }(thread.loop()));
}

TEST(Event, ADestroyedEventLetsItsWaitersGo) {
  LoopThread thread;
  run_and_wait(thread.loop(), [](Loop& loop) -> Task<> {
    auto event = std::make_unique<Event>(loop);
    TaskGroup group(loop);
    int woken = 0;
    group.spawn(wait_and_count(*event, woken));
    co_await sleep_for(Milliseconds(5));
    event.reset();
    while (group.size() > 0) co_await sleep_for(Milliseconds(1));
    EXPECT_EQ(woken, 0);
    co_await group.close();
  }(thread.loop()));
}

TEST(TaskGroup, CloseUnwindsAllTasksAndWaitsForThem) {
  LoopThread thread;
  std::atomic<int> alive = 0;
  run_and_wait(thread.loop(), [](Loop& loop, std::atomic<int>& held) -> Task<> {
    TaskGroup group(loop);
    for (int i = 0; i < 100; ++i) group.spawn(hold_for_ever(held));
    co_await sleep_for(Milliseconds(5));
    EXPECT_EQ(held, 100);
    EXPECT_EQ(group.size(), 100U);
    co_await group.close();
    EXPECT_EQ(held, 0);
    group.spawn(hold_for_ever(held));  // too late: never starts
    co_await sleep_for(Milliseconds(2));
    EXPECT_EQ(held, 0);
    EXPECT_EQ(group.size(), 0U);
  }(thread.loop(), alive));
}

TEST(TaskGroup, ATaskCancelledBeforeItStartsNeverRuns) {
  LoopThread thread;
  run_and_wait(thread.loop(), [](Loop& loop) -> Task<> {
    TaskGroup group(loop);
    bool ran = false;
    group.spawn([](bool& flag) -> Task<> {
      flag = true;
      co_return;
    }(ran));
    co_await group.close();
    EXPECT_FALSE(ran);
  }(thread.loop()));
}

TEST(TaskGroup, ATaskMayCancelItsOwnGroupAndEndWithoutWaiting) {
  LoopThread thread;
  run_and_wait(thread.loop(), [](Loop& loop) -> Task<> {
    TaskGroup group(loop);
    group.spawn([](TaskGroup& own) -> Task<> {
      own.cancel();
      co_return;
    }(group));
    for (int i = 0; i < 1000 && group.size() > 0; ++i) co_await sleep_for(Milliseconds(1));
    EXPECT_EQ(group.size(), 0U);
    co_await group.close();
  }(thread.loop()));
}

TEST(TaskGroup, AnExceptionEndsItsTaskAlone) {
  LoopThread thread;
  run_and_wait(thread.loop(), [](Loop& loop) -> Task<> {
    TaskGroup group(loop);
    std::atomic<int> alive = 0;
    group.spawn([]() -> Task<> {
      co_await sleep_for(Milliseconds(1));
      throw std::runtime_error("a planted failure");
    }());
    group.spawn(hold_for_ever(alive));
    co_await sleep_for(Milliseconds(20));
    EXPECT_EQ(group.size(), 1U);
    EXPECT_EQ(alive, 1);
    co_await group.close();
  }(thread.loop()));
}

Task<> nest(Loop& loop, std::atomic<int>& alive) {
  TaskGroup inner(loop);
  co_await inner.around([](TaskGroup& group, std::atomic<int>& held) -> Task<> {
    for (int i = 0; i < 10; ++i) group.spawn(hold_for_ever(held));
    co_await sleep_for(Microseconds::max());
  }(inner, alive));
}

TEST(TaskGroup, AroundClosesTheInnerGroupOfACancelledTask) {
  LoopThread thread;
  run_and_wait(thread.loop(), [](Loop& loop) -> Task<> {
    std::atomic<int> alive = 0;
    TaskGroup outer(loop);
    outer.spawn(nest(loop, alive));
    co_await sleep_for(Milliseconds(5));
    EXPECT_EQ(alive, 10);
    co_await outer.close();
    EXPECT_EQ(alive, 0);
  }(thread.loop()));
}

TEST(TaskGroup, ATaskThatKeepsAwaitingIsStillEnded) {
  LoopThread thread;
  run_and_wait(thread.loop(), [](Loop& loop) -> Task<> {
    TaskGroup group(loop);
    group.spawn([](Loop& on) -> Task<> {
      Event event(on);
      for (;;) {
        event.notify();
        co_await event.wait(Seconds(1));
        co_await sleep_for(Microseconds(0));
      }
    }(loop));
    co_await sleep_for(Milliseconds(5));
    co_await group.close();
    EXPECT_EQ(group.size(), 0U);
  }(thread.loop()));
}

TEST(Workers, RunOffTheLoopAndComeBackToIt) {
  LoopThread thread;
  Workers workers(2);
  run_and_wait(thread.loop(), [](Loop& loop, Workers& pool) -> Task<> {
    const bool on_loop = co_await offload(pool, [&] { return loop.on_this_thread(); });
    EXPECT_FALSE(on_loop);
    EXPECT_TRUE(loop.on_this_thread());
    const auto moved = co_await offload(pool, [] { return std::make_unique<int>(5); });
    EXPECT_EQ(*moved, 5);
    EXPECT_THROW(co_await offload(pool, [] { throw std::runtime_error("planted"); }), std::runtime_error);
  }(thread.loop(), workers));
}

Task<> slow_work(Workers& pool, std::atomic<int>& done) {
  int local = 1;
  co_await offload(pool, [&local, &done] {
    std::this_thread::sleep_for(Milliseconds(5));
    done += local;
  });
  local = 0;
}

TEST(Workers, CancellationWaitsForWorkThatUsesTheFrame) {
  LoopThread thread;
  Workers workers(2);
  run_and_wait(thread.loop(), [](Loop& loop, Workers& pool) -> Task<> {
    TaskGroup group(loop);
    std::atomic<int> done = 0;
    for (int i = 0; i < 8; ++i) group.spawn(slow_work(pool, done));
    co_await sleep_for(Milliseconds(2));
    co_await group.close();
    EXPECT_EQ(done, 8);
  }(thread.loop(), workers));
}

TEST(Workers, TheDestructorFinishesWhatWasAccepted) {
  LoopThread thread;
  std::atomic<int> done = 0;
  auto workers = std::make_unique<Workers>(1);
  std::unique_ptr<TaskGroup> group;
  run_and_wait(
      thread.loop(),
      [](Loop& loop, Workers& pool, std::unique_ptr<TaskGroup>& tasks, std::atomic<int>& count) -> Task<> {
        tasks = std::make_unique<TaskGroup>(loop);
        for (int i = 0; i < 20; ++i) tasks->spawn(slow_work(pool, count));
        co_await sleep_for(Milliseconds(1));
      }(thread.loop(), *workers, group, done));
  workers.reset();
  EXPECT_EQ(done, 20);
  run_and_wait(thread.loop(), [](std::unique_ptr<TaskGroup>& tasks) -> Task<> {
    co_await tasks->close();
    tasks.reset();
  }(group));
}

TEST(SignalWaiter, TellsWhichSignalCame) {
  LoopThread thread;
  run_and_wait(thread.loop(), [](Loop& loop) -> Task<> {
    SignalWaiter signals(loop);
    std::raise(SIGHUP);
    EXPECT_EQ(co_await signals.wait(), SIGHUP);
    std::raise(SIGTERM);
    EXPECT_EQ(co_await signals.wait(), SIGTERM);
  }(thread.loop()));
}

}  // namespace
}  // namespace jalousie::io
