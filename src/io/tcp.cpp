// TCP on Descriptor: connect, listen, and the plain Stream.
#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/assert.h"
#include "base/log.h"
#include "io/address.h"
#include "io/descriptor.h"
#include "io/errors.h"
#include "io/resolver.h"
#include "io/socket_stream.h"
#include "io/stream.h"

namespace jalousie::io {

namespace {

using SteadyPoint = std::chrono::steady_clock::time_point;
using Side = Descriptor::Side;
using Wake = Descriptor::Wake;

constexpr int kBacklog = 1024;
// Operations that a stream may do at once before it lets the loop's other tasks run.
constexpr int kTurn = 16;
constexpr std::size_t kPartsPerCall = 256;

SteadyPoint due_in(Microseconds timeout) {
  if (timeout > std::chrono::hours(24 * 3650)) return SteadyPoint::max();
  return std::chrono::steady_clock::now() + std::max(timeout, Microseconds::zero());
}

Microseconds left_until(SteadyPoint due) {
  if (due == SteadyPoint::max()) return Microseconds::max();
  return std::max(std::chrono::duration_cast<Microseconds>(due - std::chrono::steady_clock::now()),
                  Microseconds::zero());
}

void set_option(int fd, int level, int name, int value) {
  // Options here are for speed; a socket without them still works.
  static_cast<void>(::setsockopt(fd, level, name, &value, sizeof value));
}

// Where a gathered write stands: parts before `part` are sent, and `offset` bytes of that one.
struct Progress {
  std::span<const ByteView> parts;
  std::size_t part = 0;
  std::size_t offset = 0;

  bool done() const { return part == parts.size(); }
  void advance(std::size_t bytes) {
    while (part < parts.size() && bytes >= parts[part].size() - offset) {
      bytes -= parts[part].size() - offset;
      offset = 0;
      ++part;
    }
    offset += bytes;
  }
};

ssize_t send_some(int fd, const Progress& progress) {
  std::array<iovec, kPartsPerCall> vectors;
  std::size_t count = 0;
  std::size_t offset = progress.offset;
  for (std::size_t i = progress.part; i < progress.parts.size() && count < vectors.size(); ++i) {
    const ByteView rest = progress.parts[i].subspan(offset);
    offset = 0;
    vectors[count++] = {const_cast<std::uint8_t*>(rest.data()), rest.size()};
  }
  msghdr message{};
  message.msg_iov = vectors.data();
  message.msg_iovlen = count;
  return ::sendmsg(fd, &message, MSG_NOSIGNAL);
}

class TcpStream final : public Stream {
 public:
  TcpStream(std::unique_ptr<Descriptor> descriptor, const Endpoint& peer)
      : descriptor_(std::move(descriptor)), peer_(peer), local_(local_endpoint(descriptor_->fd())) {}

  Task<Result<std::size_t>> read_some(MutableBytes target, Microseconds timeout) override {
    JAL_ASSERT(!target.empty());
    const SteadyPoint due = due_in(timeout);
    for (;;) {
      if (!descriptor_->is_open()) co_return fail(ErrorKind::Cancelled, closed_text());
      if (readable_ && ++reads_in_turn_ < kTurn) {
        const ssize_t got = ::recv(descriptor_->fd(), target.data(), target.size(), 0);
        if (got >= 0) {
          // After a short read there is most likely nothing left: waiting first saves a system call.
          readable_ = got == 0 || static_cast<std::size_t>(got) == target.size();
          co_return static_cast<std::size_t>(got);
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN) co_return fail_errno(errno, peer_.to_string());
      }
      reads_in_turn_ = 0;
      const Wake wake = co_await descriptor_->wait(Side::Read, due);
      if (wake != Wake::Ready) co_return interrupted(wake, "nothing came");
      readable_ = true;
    }
  }

  Task<Result<>> write(std::span<const ByteView> parts, Microseconds timeout) override {
    const SteadyPoint due = due_in(timeout);
    Progress progress{parts};
    progress.advance(0);  // past empty parts
    while (!progress.done()) {
      if (!descriptor_->is_open()) co_return fail(ErrorKind::Cancelled, closed_text());
      if (++writes_in_turn_ < kTurn) {
        const ssize_t sent = send_some(descriptor_->fd(), progress);
        if (sent >= 0) {
          progress.advance(static_cast<std::size_t>(sent));
          continue;
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN) co_return fail_errno(errno, peer_.to_string());
      }
      writes_in_turn_ = 0;
      const Wake wake = co_await descriptor_->wait(Side::Write, due);
      if (wake != Wake::Ready) co_return interrupted(wake, "the peer does not read");
    }
    co_return Result<>();
  }

  Task<Result<>> end_writing(Microseconds) override {
    if (!descriptor_->is_open()) co_return fail(ErrorKind::Cancelled, closed_text());
    if (::shutdown(descriptor_->fd(), SHUT_WR) != 0) co_return fail_errno(errno, peer_.to_string());
    co_return Result<>();
  }

  void limit_unsent(std::size_t bytes) override {
    set_option(descriptor_->fd(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, static_cast<int>(bytes));
  }
  void close() override { descriptor_->close(); }
  Endpoint peer() const override { return peer_; }
  Endpoint local() const override { return local_; }
  bool is_secure() const override { return false; }

 private:
  std::string closed_text() const { return fmt::format("{}: the stream was closed", peer_.to_string()); }

  std::unexpected<Error> interrupted(Wake wake, std::string_view what) const {
    if (wake == Wake::Closed) return fail(ErrorKind::Cancelled, closed_text());
    return fail(ErrorKind::DeadlineExceeded, fmt::format("{}: {} in time", peer_.to_string(), what));
  }

  std::unique_ptr<Descriptor> descriptor_;
  Endpoint peer_;
  Endpoint local_;
  bool readable_ = true;
  int reads_in_turn_ = 0;
  int writes_in_turn_ = 0;
};

Task<Result<std::unique_ptr<Stream>>> connect_one(Loop* loop, Endpoint to, SteadyPoint due) {
  const SocketAddress address = SocketAddress::of(to);
  const int fd = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) co_return fail_errno(errno, "socket");
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  CO_TRY(auto descriptor, Descriptor::open(*loop, fd));
  int error = ::connect(fd, address.get(), address.size) == 0 ? 0 : errno;
  if (error == EINPROGRESS) {
    const Wake wake = co_await descriptor->wait(Side::Write, due);
    if (wake != Wake::Ready) co_return fail(ErrorKind::DeadlineExceeded, "no answer");
    socklen_t size = sizeof error;
    if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  }
  if (error != 0) {
    auto failed = fail_errno(error, "");
    co_return fail(failed.error().kind(), failed.error().message().substr(2));
  }
  co_return std::make_unique<TcpStream>(std::move(descriptor), to);
}

Task<Result<std::unique_ptr<Stream>>> connect_any(std::string host, std::uint16_t port, Microseconds timeout,
                                                  std::function<bool(const Endpoint&)> may_connect) {
  const SteadyPoint due = due_in(timeout);
  Loop* const loop = co_await current_loop();
  CO_TRY(std::vector<Endpoint> addresses, co_await resolve(host, port, timeout));
  if (may_connect) {
    std::erase_if(addresses, [&](const Endpoint& address) { return !may_connect(address); });
    if (addresses.empty()) co_return fail(ErrorKind::PermissionDenied, "an address that is not allowed");
  }
  Error last(ErrorKind::Internal, "no address");
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    // An address that swallows everything must leave time for the others.
    const Microseconds left = left_until(due);
    const SteadyPoint own = left == Microseconds::max()
                                ? due_in(Seconds(30))
                                : due_in(left / static_cast<std::int64_t>(addresses.size() - i));
    auto stream = co_await connect_one(loop, addresses[i], i + 1 == addresses.size() ? due : own);
    if (stream) co_return std::move(stream);
    last = std::move(stream).error();
  }
  co_return std::unexpected(std::move(last));
}

}  // namespace

Result<std::unique_ptr<Stream>> stream_of(Loop& loop, int fd) {
  TRY(auto descriptor, Descriptor::open(loop, fd));
  return std::make_unique<TcpStream>(std::move(descriptor), Endpoint());
}

Task<Result<>> Stream::write(ByteView bytes, Microseconds timeout) {
  co_return co_await write(std::span<const ByteView>(&bytes, 1), timeout);
}

Task<Result<>> Stream::end_writing(Microseconds) {
  co_return fail(ErrorKind::Unsupported, "this stream cannot end one direction alone");
}

Task<Result<std::unique_ptr<Stream>>> connect_tcp(std::string host, std::uint16_t port,
                                                  Microseconds timeout) {
  return connect_tcp(std::move(host), port, timeout, nullptr);
}

Task<Result<std::unique_ptr<Stream>>> connect_tcp(std::string host, std::uint16_t port, Microseconds timeout,
                                                  std::function<bool(const Endpoint&)> may_connect) {
  auto stream = co_await connect_any(host, port, timeout, std::move(may_connect));
  if (stream) co_return std::move(stream);
  const bool bare_v6 = host.find(':') != std::string::npos;
  const std::string to = fmt::format("{}{}{}:{}", bare_v6 ? "[" : "", host, bare_v6 ? "]" : "", port);
  co_return std::unexpected(std::move(stream).error().within(to));
}

struct TcpListener::Impl {
  Loop& loop;
  std::unique_ptr<Descriptor> descriptor;
  Endpoint local;
  int in_turn = 0;
};

Result<std::unique_ptr<TcpListener>> TcpListener::listen(Loop& loop, const Endpoint& at) {
  const SocketAddress address = SocketAddress::of(at);
  const std::string context = fmt::format("listening on {}", at.to_string());
  const int fd = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return fail_errno(errno, context);
  set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  if (!at.is_v4()) set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, at.is_unspecified() ? 0 : 1);
  if (::bind(fd, address.get(), address.size) != 0 || ::listen(fd, kBacklog) != 0) {
    const int error = errno;
    ::close(fd);
    if (error == EACCES) {
      return fail(
          ErrorKind::PermissionDenied,
          fmt::format(
              "{}: not permitted; choose a port from 1024 on, or give the program CAP_NET_BIND_SERVICE",
              context));
    }
    return fail_errno(error, context);
  }
  TRY(auto descriptor, Descriptor::open(loop, fd));
  const Endpoint local = local_endpoint(fd);
  return std::make_unique<TcpListener>(
      std::unique_ptr<Impl>(new Impl{loop, std::move(descriptor), local, 0}));
}

TcpListener::TcpListener(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TcpListener::~TcpListener() = default;
Endpoint TcpListener::local() const { return impl_->local; }
void TcpListener::close() { impl_->descriptor->close(); }

Task<Result<std::unique_ptr<Stream>>> TcpListener::accept() { co_return co_await accept_for(impl_->loop); }

Task<Result<std::unique_ptr<Stream>>> TcpListener::accept_for(Loop& on) {
  const std::string where = impl_->local.to_string();
  for (;;) {
    if (!impl_->descriptor->is_open()) co_return fail(ErrorKind::Cancelled, fmt::format("{}: closed", where));
    if (++impl_->in_turn >= kTurn) {
      impl_->in_turn = 0;
      static_cast<void>(co_await impl_->descriptor->wait(Side::Read, SteadyPoint::max()));
      continue;
    }
    SocketAddress from;
    from.size = sizeof from.storage;
    const int fd = ::accept4(impl_->descriptor->fd(), from.get(), &from.size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
      CO_TRY(auto descriptor, Descriptor::open(on, fd));
      co_return std::make_unique<TcpStream>(std::move(descriptor), to_endpoint(from.storage));
    }
    switch (errno) {
      case EAGAIN:
        impl_->in_turn = kTurn;
        break;
      case EMFILE:
      case ENFILE:
      case ENOBUFS:
      case ENOMEM:
        // The connection stays in the backlog: asking again at once would spin.
        log::warn("io", "cannot accept connections",
                  {{"at", where}, {"why", fail_errno(errno, "accept").error().message()}});
        co_await sleep_for(Milliseconds(200));
        break;
      default:
        // Linux hands over errors that wait on the new connection (accept(2)): they concern that one alone.
        if (errno == EBADF || errno == EINVAL || errno == ENOTSOCK) co_return fail_errno(errno, where);
    }
  }
}

}  // namespace jalousie::io
