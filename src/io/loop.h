// One event loop, one thread. What lives on a loop is touched on that loop only; loops talk by post().
// Destroy what lives on a loop, and Workers whose tasks wait on it, before the loop; frames of tasks that are
// still suspended go with it.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "base/time.h"
#include "io/task.h"

namespace jalousie::io {

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Runs until stop(). Call once, on the loop's own thread.
  void run();
  /// From any thread. run() returns after the handler in progress.
  void stop();
  /// Runs `work` on the loop, later. From any thread; in order per posting thread.
  void post(std::move_only_function<void()> work);
  bool on_this_thread() const;

  struct Impl;
  Impl& impl() { return *impl_; }  // for io/*.cpp
  /// Host names being looked up, each by a thread; for io/*.cpp.
  const std::shared_ptr<std::atomic<int>>& lookups() const { return lookups_; }

 private:
  std::unique_ptr<Impl> impl_;
  std::shared_ptr<std::atomic<int>> lookups_ = std::make_shared<std::atomic<int>>(0);
};

/// The loop that the calling task runs on.
Task<Loop*> current_loop();

/// Suspends the calling task. Wakes early, by unwinding, when the task is cancelled.
Task<> sleep_for(Microseconds duration);

/// Suspends the calling task until the function that `start` is given has been called, once, from any thread.
/// Not interrupted by cancellation. The bridge to what calls back: worker threads, other libraries.
Task<> suspend(std::move_only_function<void(std::move_only_function<void()> resume)> start);

/// Calls back once, on its loop; restarting or destroying it forgets the earlier call. Use on its loop only.
class Timer {
 public:
  explicit Timer(Loop& loop);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  void start(Microseconds after, std::move_only_function<void()> call);
  void cancel();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

/// A signal between tasks of one loop. notify() wakes all who wait; one that comes before wait() is
/// remembered once.
class Event {
 public:
  explicit Event(Loop& loop);
  ~Event();
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  void notify();  // on the loop only
  /// True when notified, false when `timeout` passed first, or the event was destroyed.
  Task<bool> wait(Microseconds timeout);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace jalousie::io
