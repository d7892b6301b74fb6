// A few threads for what blocks (SQLite, fsync, Argon2id), so that event loops never do.
//
// Whoever waits bounds the queue: a task waits for one piece of work at a time. Work that throws throws in
// its caller.
//
//   const auto account = co_await io::offload(workers, [&] { return registry.account(id); });
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <type_traits>

#include "io/task.h"

namespace jalousie::io {

class Workers {
 public:
  explicit Workers(std::size_t threads);
  ~Workers();  // finishes what was accepted
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// Runs `work` on a worker thread and resumes the caller on its own loop when it has ended. Not interrupted
  /// by cancellation: `work` may use what the caller's frame holds.
  Task<> run(std::move_only_function<void()> work);
  /// Runs `work` on a worker thread, later; nobody waits for it. It must not throw.
  void post(std::move_only_function<void()> work);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

template <class F>
Task<std::invoke_result_t<F&>> offload(Workers& workers, F work) {
  using Value = std::invoke_result_t<F&>;
  if constexpr (std::is_void_v<Value>) {
    co_await workers.run([&work] { work(); });
  } else {
    std::optional<Value> value;
    co_await workers.run([&work, &value] { value.emplace(work()); });
    co_return *std::move(value);
  }
}

}  // namespace jalousie::io
