#include "io/descriptor.h"

#include <array>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/assert.h"
#include "io/errors.h"
#include "io/loop_impl.h"

namespace jalousie::io {

namespace asio = boost::asio;

struct Descriptor::Impl : std::enable_shared_from_this<Impl> {
  explicit Impl(Loop& loop)
      : descriptor(loop.impl().context),
        limits{Limit{asio::steady_timer(loop.impl().context)},
               Limit{asio::steady_timer(loop.impl().context)}} {}

  // A timer that is set anew for every operation costs more than the operation. This one runs on when an
  // operation ends in time, and looks, when it fires, whether a later one is due.
  struct Limit {
    asio::steady_timer timer;
    SteadyPoint due = SteadyPoint::max();    // of the operation under way
    SteadyPoint armed = SteadyPoint::max();  // when the timer fires
  };

  void arm(Side side, SteadyPoint due) {
    Limit& limit = limits[static_cast<std::size_t>(side)];
    limit.due = due;
    if (due >= limit.armed) return;
    limit.armed = due;
    limit.timer.expires_at(due);
    limit.timer.async_wait([weak = weak_from_this(), side](boost::system::error_code error) {
      if (const auto self = weak.lock(); self && !error) self->fired(side);
    });
  }

  void fired(Side side) {
    Limit& limit = limits[static_cast<std::size_t>(side)];
    limit.armed = SteadyPoint::max();
    if (limit.due == SteadyPoint::max()) return;
    if (std::chrono::steady_clock::now() < limit.due) return arm(side, limit.due);
    timed_out = true;
    boost::system::error_code ignored;
    descriptor.cancel(ignored);
  }

  void watch_next() {
    descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                          [weak = weak_from_this()](boost::system::error_code error) {
                            const auto self = weak.lock();
                            if (!self || error || !self->open) return;
                            self->readable();
                            if (self->open) self->watch_next();
                          });
  }

  asio::posix::stream_descriptor descriptor;
  std::array<Limit, 2> limits;
  std::move_only_function<void()> readable;
  bool open = true;
  bool timed_out = false;
};

Result<std::unique_ptr<Descriptor>> Descriptor::open(Loop& loop, int fd) {
  auto impl = std::make_shared<Impl>(loop);
  boost::system::error_code error;
  impl->descriptor.assign(fd, error);
  if (error) {
    ::close(fd);
    return fail_errno(error.value(), "watching a socket");
  }
  return std::make_unique<Descriptor>(std::move(impl));
}

Descriptor::Descriptor(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

Descriptor::~Descriptor() {
  impl_->open = false;
  boost::system::error_code ignored;
  impl_->descriptor.close(ignored);
}

int Descriptor::fd() const { return impl_->descriptor.native_handle(); }
bool Descriptor::is_open() const { return impl_->open; }

Task<Descriptor::Wake> Descriptor::wait(Side side, SteadyPoint due) {
  const auto impl = impl_;
  if (!impl->open) co_return Wake::Closed;
  if (impl->timed_out) co_return Wake::TimedOut;
  impl->arm(side, due);
  const auto what = side == Side::Read ? asio::posix::stream_descriptor::wait_read
                                       : asio::posix::stream_descriptor::wait_write;
  const auto [error] = co_await impl->descriptor.async_wait(what, asio::as_tuple(asio::use_awaitable));
  impl->limits[static_cast<std::size_t>(side)].due = SteadyPoint::max();
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) unwind();
  if (impl->timed_out) co_return Wake::TimedOut;
  co_return error || !impl->open ? Wake::Closed : Wake::Ready;
}

void Descriptor::watch(std::move_only_function<void()> readable) {
  JAL_ASSERT(!impl_->readable);
  impl_->readable = std::move(readable);
  if (impl_->open) impl_->watch_next();
}

void Descriptor::close(bool keep_fd) {
  if (!impl_->open) return;
  impl_->open = false;
  boost::system::error_code ignored;
  if (keep_fd) {
    impl_->descriptor.cancel(ignored);
  } else {
    impl_->descriptor.close(ignored);
  }
}

}  // namespace jalousie::io
