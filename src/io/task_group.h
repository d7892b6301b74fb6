// No task is detached: each belongs to a group, and the group's owner waits for it before what the task uses goes away.
// A cancelled task unwinds from its next or present co_await (as by an exception), so tasks hold resources by RAII only.
#pragma once

#include <cstddef>
#include <memory>

#include "io/loop.h"
#include "io/task.h"

namespace jalousie::io {

class TaskGroup {
 public:
  /// All tasks run on `loop`; spawn(), cancel() and close() are called there.
  explicit TaskGroup(Loop& loop);
  /// The group must be empty or closed: asserted.
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  void spawn(Task<> task);
  std::size_t size() const;
  /// Asks all tasks to unwind; does not wait.
  void cancel();
  /// cancel(), and waits until the last one has ended.
  Task<> close();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace jalousie::io
