#include "io/loop_thread.h"

#include <exception>
#include <future>
#include <memory>

#include "base/assert.h"
#include "io/task_group.h"

namespace jalousie::io {

namespace {

struct Run {
  std::unique_ptr<TaskGroup> group;
  std::exception_ptr thrown;
  std::promise<void> ended;
};

Task<> run(Loop& loop, Task<> task, Run& state) {
  try {
    co_await std::move(task);
  } catch (...) {
    state.thrown = std::current_exception();
  }
  // Runs when this task has left the group.
  loop.post([&state] {
    state.group.reset();
    state.ended.set_value();
  });
}

}  // namespace

void run_and_wait(Loop& loop, Task<> task) {
  JAL_ASSERT(!loop.on_this_thread());
  Run state;
  loop.post([&] {
    state.group = std::make_unique<TaskGroup>(loop);
    state.group->spawn(run(loop, std::move(task), state));
  });
  state.ended.get_future().wait();
  if (state.thrown) std::rethrow_exception(state.thrown);
}

}  // namespace jalousie::io
