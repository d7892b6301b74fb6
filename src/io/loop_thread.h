// A loop with the thread that runs it, and the way from a plain thread into a task and back. For the
// composition root and for tests.
#pragma once

#include <optional>
#include <thread>
#include <type_traits>

#include "io/loop.h"
#include "io/task.h"

namespace jalousie::io {

class LoopThread {
 public:
  LoopThread() : thread_([this] { loop_.run(); }) {}
  ~LoopThread() { stop_and_join(); }
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;
  Loop& loop() { return loop_; }
  /// Nothing runs on the loop any more when this returns; what lives on it can be destroyed from here.
  void stop_and_join() {
    loop_.stop();
    if (thread_.joinable()) thread_.join();
  }

 private:
  Loop loop_;
  std::jthread thread_;  // joined before the loop goes
};

/// Runs `task` on `loop`, which another thread runs, and returns when it has ended. An exception comes out
/// here.
void run_and_wait(Loop& loop, Task<> task);

template <class T>
  requires(!std::is_void_v<T>)
T run_and_wait(Loop& loop, Task<T> task) {
  std::optional<T> value;
  run_and_wait(loop, [](Task<T> inner, std::optional<T>& into) -> Task<> {
    into.emplace(co_await std::move(inner));
  }(std::move(task), value));
  return *std::move(value);
}

}  // namespace jalousie::io
