// No task is detached: each belongs to a group, and the group's owner waits for it before what the task uses
// goes away. A cancelled task unwinds from its next or present co_await (as by an exception), so tasks hold
// resources by RAII only.
#pragma once

#include <cstddef>
#include <exception>
#include <memory>

#include "io/loop.h"
#include "io/task.h"

namespace jalousie::io {

/// Whether `thrown` is what unwinds a cancelled task. Who catches all must let that go on.
bool is_unwinding(const std::exception_ptr& thrown);

class TaskGroup {
 public:
  /// All tasks run on `loop`; spawn(), cancel() and close() are called there.
  explicit TaskGroup(Loop& loop);
  /// The group must be empty or closed: asserted.
  ~TaskGroup();
  TaskGroup(const TaskGroup&) = delete;
  TaskGroup& operator=(const TaskGroup&) = delete;

  /// Starts `task` from the loop, after the caller's handler. One given after close() is dropped unstarted.
  /// What escapes a task as an exception ends that task and is logged.
  void spawn(Task<> task);
  std::size_t size() const;
  /// Asks all tasks to unwind; does not wait.
  void cancel();
  /// cancel(), and waits until the last one has ended, uninterrupted by cancellation of the caller.
  Task<> close();
  /// Runs `body`, and close() however it ended: returned, thrown or cancelled. For a group that lives in a
  /// task's frame.
  Task<> around(Task<> body);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace jalousie::io
