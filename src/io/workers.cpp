#include "io/workers.h"

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "base/assert.h"
#include "io/loop.h"

namespace jalousie::io {

struct Workers::Impl {
  void serve() {
    for (;;) {
      std::move_only_function<void()> job;
      {
        std::unique_lock lock(mutex);
        changed.wait(lock, [this] { return ending || !jobs.empty(); });
        if (jobs.empty()) return;
        job = std::move(jobs.front());
        jobs.pop_front();
      }
      job();
    }
  }

  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::move_only_function<void()>> jobs;
  bool ending = false;
  std::vector<std::jthread> threads;
};

Workers::Workers(std::size_t threads) : impl_(std::make_unique<Impl>()) {
  JAL_ASSERT(threads > 0);
  for (std::size_t i = 0; i < threads; ++i)
    impl_->threads.emplace_back([impl = impl_.get()] { impl->serve(); });
}

Workers::~Workers() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->ending = true;
  }
  impl_->changed.notify_all();
  impl_->threads.clear();
}

void Workers::post(std::move_only_function<void()> work) {
  const std::lock_guard lock(impl_->mutex);
  impl_->jobs.push_back(std::move(work));
  impl_->changed.notify_one();
}

Task<> Workers::run(std::move_only_function<void()> work) {
  std::exception_ptr thrown;
  co_await suspend([this, &work, &thrown](std::move_only_function<void()> resume) {
    const std::lock_guard lock(impl_->mutex);
    impl_->jobs.emplace_back([&work, &thrown, resume = std::move(resume)]() mutable {
      try {
        work();
      } catch (...) {
        thrown = std::current_exception();
      }
      resume();
    });
    impl_->changed.notify_one();
  });
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace jalousie::io
