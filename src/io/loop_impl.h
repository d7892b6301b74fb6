// What io/*.cpp that include Asio know of a loop. Private to io.
#pragma once

#include <chrono>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/system_error.hpp>

#include "io/loop.h"

namespace jalousie::io {

// Every task's executor is that of a LoopContext: only TaskGroup starts tasks, and it takes a Loop.
struct LoopContext : boost::asio::io_context {
  explicit LoopContext(Loop& of) : boost::asio::io_context(1), loop(of) {}
  Loop& loop;
};

struct Loop::Impl {
  explicit Impl(Loop& loop) : context(loop) {}
  LoopContext context;
};

using SteadyPoint = std::chrono::steady_clock::time_point;

/// Now and `after`; max() for what lies beyond ten years, so that no sum overflows.
inline SteadyPoint due_in(Microseconds after) {
  if (after > std::chrono::hours(24 * 3650)) return SteadyPoint::max();
  return std::chrono::steady_clock::now() + std::max(after, Microseconds::zero());
}

/// Unwinds a cancelled task.
[[noreturn]] inline void unwind() {
  throw boost::system::system_error(boost::asio::error::operation_aborted, "the task was cancelled");
}

}  // namespace jalousie::io
