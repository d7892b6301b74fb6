#include "io/loop.h"

#include <list>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "io/loop_impl.h"
#include "io/signals.h"

namespace jalousie::io {

namespace asio = boost::asio;

namespace {

/// True when the time came, false when the timer was cancelled; unwinds when the task was.
Task<bool> wait_for(asio::steady_timer& timer) {
  const auto [error] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) unwind();
  co_return !error;
}

}  // namespace

Loop::Loop() : impl_(std::make_unique<Impl>(*this)) {}
Loop::~Loop() = default;

void Loop::run() {
  const auto keep = asio::make_work_guard(impl_->context);
  while (!impl_->context.stopped()) {
    try {
      impl_->context.run();
    } catch (const std::exception& escaped) {
      // Our code throws nothing, so this came from a library; one connection's trouble must not end the
      // others.
      log::error("io", "an exception escaped a handler", {{"what", escaped.what()}});
    }
  }
}

void Loop::stop() { impl_->context.stop(); }

void Loop::post(std::move_only_function<void()> work) {
  asio::post(impl_->context, [work = std::move(work)]() mutable { work(); });
}

bool Loop::on_this_thread() const { return impl_->context.get_executor().running_in_this_thread(); }

Task<Loop*> current_loop() {
  const auto executor = co_await asio::this_coro::executor;
  co_return &static_cast<LoopContext&>(asio::query(executor, asio::execution::context)).loop;
}

Task<> sleep_for(Microseconds duration) {
  asio::steady_timer timer(co_await asio::this_coro::executor, due_in(duration));
  co_await wait_for(timer);
}

Task<> suspend(std::move_only_function<void(std::move_only_function<void()>)> start) {
  const auto executor = co_await asio::this_coro::executor;
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void()>(
      [&start, &executor](auto handler) {
        start(
            [executor, handler = std::move(handler)]() mutable { asio::post(executor, std::move(handler)); });
      },
      asio::use_awaitable);
}

struct Timer::Impl {
  explicit Impl(Loop& loop) : timer(loop.impl().context) {}
  asio::steady_timer timer;
  std::move_only_function<void()> call;
  std::uint64_t starts = 0;
};

Timer::Timer(Loop& loop) : impl_(std::make_shared<Impl>(loop)) {}
Timer::~Timer() = default;

void Timer::start(Microseconds after, std::move_only_function<void()> call) {
  impl_->call = std::move(call);
  const std::uint64_t start = ++impl_->starts;
  impl_->timer.expires_at(due_in(after));
  impl_->timer.async_wait([weak = std::weak_ptr(impl_), start](boost::system::error_code error) {
    const auto self = weak.lock();
    if (error || !self || self->starts != start || !self->call) return;
    auto due = std::move(self->call);
    self->call = nullptr;
    due();
  });
}

void Timer::cancel() {
  ++impl_->starts;
  impl_->call = nullptr;
  impl_->timer.cancel();
}

struct Event::Impl {
  explicit Impl(Loop& of) : loop(of) {}

  struct Waiter {
    asio::steady_timer timer;
    bool notified = false;
  };
  // A waiter is in the list while it waits; its frame owns it.
  struct Place {
    Place(std::shared_ptr<Impl> of, Waiter& waiter)
        : impl(std::move(of)), at(impl->waiters.insert(impl->waiters.end(), &waiter)) {}
    ~Place() { impl->waiters.erase(at); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    std::shared_ptr<Impl> impl;
    std::list<Waiter*>::iterator at;
  };

  Loop& loop;
  std::list<Waiter*> waiters;
  bool remembered = false;
  bool gone = false;
};

Event::Event(Loop& loop) : impl_(std::make_shared<Impl>(loop)) {}

Event::~Event() {
  impl_->gone = true;
  for (Impl::Waiter* waiter : impl_->waiters) waiter->timer.cancel();
}

void Event::notify() {
  bool woken = false;
  for (Impl::Waiter* waiter : impl_->waiters) {
    if (waiter->notified) continue;
    waiter->notified = true;
    waiter->timer.cancel();
    woken = true;
  }
  if (!woken) impl_->remembered = true;
}

Task<bool> Event::wait(Microseconds timeout) {
  const auto impl = impl_;
  if (impl->remembered) {
    impl->remembered = false;
    co_return true;
  }
  Impl::Waiter waiter{asio::steady_timer(impl->loop.impl().context, due_in(timeout))};
  const Impl::Place place(impl, waiter);
  co_await wait_for(waiter.timer);
  co_return waiter.notified && !impl->gone;
}

struct SignalWaiter::Impl {
  explicit Impl(Loop& loop) : signals(loop.impl().context) {}
  asio::signal_set signals;
};

SignalWaiter::SignalWaiter(Loop& loop) : impl_(std::make_unique<Impl>(loop)) {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    boost::system::error_code error;
    impl_->signals.add(number, error);
    if (error)
      log::error("io", "cannot wait for a signal",
                 {{"signal", std::to_string(number)}, {"what", error.message()}});
  }
}

SignalWaiter::~SignalWaiter() = default;

Task<int> SignalWaiter::wait() {
  const auto [error, number] = co_await impl_->signals.async_wait(asio::as_tuple(asio::use_awaitable));
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) unwind();
  co_return error ? 0 : number;
}

}  // namespace jalousie::io
