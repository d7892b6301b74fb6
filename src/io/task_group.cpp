#include "io/task_group.h"

#include <exception>
#include <list>
#include <vector>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/assert.h"
#include "base/log.h"
#include "io/loop_impl.h"

namespace jalousie::io {

namespace asio = boost::asio;

struct TaskGroup::Impl {
  explicit Impl(Loop& of) : loop(of) {}

  using Signals = std::list<std::shared_ptr<asio::cancellation_signal>>;

  void ended(Signals::iterator signal) {
    // The task's frames still point into the signal: it goes after them.
    asio::post(loop.impl().context, [last = std::move(*signal)] {});
    signals.erase(signal);
    if (!signals.empty()) return;
    for (auto& resume : std::exchange(waiting, {})) resume();
  }

  Loop& loop;
  Signals signals;  // one per task
  std::vector<std::move_only_function<void()>> waiting;
  bool closed = false;
};

namespace {

std::string what_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "not a std::exception";
  }
}

Task<> run_to_end(Task<> task) {
  try {
    // Off the caller's stack, so that spawn() never re-enters it.
    co_await asio::post(asio::use_awaitable);
    co_await std::move(task);
  } catch (...) {
    const auto thrown = std::current_exception();
    if (!is_unwinding(thrown)) log::error("io", "a task ended by an exception", {{"what", what_of(thrown)}});
  }
}

}  // namespace

bool is_unwinding(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const boost::system::system_error& error) {
    return error.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

TaskGroup::TaskGroup(Loop& loop) : impl_(std::make_shared<Impl>(loop)) {}

TaskGroup::~TaskGroup() { JAL_ASSERT(impl_->signals.empty()); }

void TaskGroup::spawn(Task<> task) {
  if (impl_->closed) return;
  const auto signal =
      impl_->signals.insert(impl_->signals.end(), std::make_shared<asio::cancellation_signal>());
  asio::co_spawn(
      impl_->loop.impl().context, run_to_end(std::move(task)),
      asio::bind_cancellation_slot(
          (*signal)->slot(), [impl = impl_, signal](const std::exception_ptr&) { impl->ended(signal); }));
}

std::size_t TaskGroup::size() const { return impl_->signals.size(); }

void TaskGroup::cancel() {
  // A cancelled task may end, and leave the list, while it is told.
  const Impl::Signals now = impl_->signals;
  for (const auto& signal : now) signal->emit(asio::cancellation_type::terminal);
}

Task<> TaskGroup::close() {
  const auto impl = impl_;
  impl->closed = true;
  cancel();
  if (impl->signals.empty()) co_return;
  co_await suspend(
      [&impl](std::move_only_function<void()> resume) { impl->waiting.push_back(std::move(resume)); });
}

Task<> TaskGroup::around(Task<> body) {
  std::exception_ptr thrown;
  try {
    co_await std::move(body);
  } catch (...) {
    thrown = std::current_exception();
  }
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await close();
  co_await asio::this_coro::throw_if_cancelled(throws);
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace jalousie::io
