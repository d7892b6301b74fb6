#include "http/server.h"

#include <algorithm>
#include <mutex>
#include <unordered_map>

#include "base/assert.h"
#include "base/log.h"
#include "http/connection.h"
#include "io/loop_thread.h"
#include "io/task_group.h"

namespace jalousie::http {

namespace {

// How many connections there are, in all and per address (IPv6: per /64, which is what one customer has).
class Census {
 public:
  Census(std::size_t most, std::size_t most_per_address) : most_(most), most_per_address_(most_per_address) {}

  bool enter(const std::string& address) {
    const std::lock_guard lock(mutex_);
    if (total_ >= most_) return false;
    std::size_t& here = by_address_[address];
    if (here >= most_per_address_) return false;
    ++here;
    ++total_;
    return true;
  }
  void leave(const std::string& address) {
    const std::lock_guard lock(mutex_);
    --total_;
    const auto found = by_address_.find(address);
    if (--found->second == 0) by_address_.erase(found);
  }

  static std::string key_of(const Endpoint& peer) {
    const ByteView address = peer.address();
    return std::string(as_text(address.first(std::min<std::size_t>(address.size(), 8))));
  }

 private:
  const std::size_t most_;
  const std::size_t most_per_address_;
  std::mutex mutex_;
  std::size_t total_ = 0;
  std::unordered_map<std::string, std::size_t> by_address_;
};

// A place among the connections; given back however the connection ends, or never starts.
class Place {
 public:
  Place(Census& census, std::string address) : census_(&census), address_(std::move(address)) {}
  Place(Place&& other) noexcept
      : census_(std::exchange(other.census_, nullptr)), address_(std::move(other.address_)) {}
  ~Place() {
    if (census_ != nullptr) census_->leave(address_);
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  Place& operator=(Place&&) = delete;

 private:
  Census* census_;
  std::string address_;
};

// The connections of one loop.
struct Shard {
  explicit Shard(io::Loop& on) : loop(on) {}
  io::Loop& loop;
  std::unique_ptr<io::TaskGroup> tasks = std::make_unique<io::TaskGroup>(loop);
};

io::Task<> serve_in(Service& service, std::unique_ptr<io::Stream> stream, Place place) {
  const Place held = std::move(place);
  co_await serve(service, std::move(stream));
}

io::Task<> close_shard(Shard& shard) {
  co_await shard.tasks->close();
  shard.tasks.reset();
}

}  // namespace

struct Server::Impl {
  Impl(const Router& router, Metrics& metrics, Options options)
      : service(router, metrics, std::move(options)),
        census(service.options.connections, service.options.connections_per_address) {}

  io::Task<> accept();
  void admit(Shard& shard, std::unique_ptr<io::Stream> stream);

  Service service;
  Census census;
  std::vector<std::unique_ptr<Shard>> shards;
  std::unique_ptr<io::TcpListener> listener;
  std::unique_ptr<io::TaskGroup> accepting;
  Endpoint local;
  bool closed = false;
};

io::Task<> Server::Impl::accept() {
  for (std::size_t next = 0;; next = (next + 1) % shards.size()) {
    Shard& shard = *shards[next];
    auto stream = co_await listener->accept_for(shard.loop);
    if (!stream) {
      log::error("http", "cannot accept connections", {{"why", stream.error().message()}});
      co_await io::sleep_for(Milliseconds(200));
      continue;
    }
    shard.loop.post(
        [this, &shard, accepted = *std::move(stream)]() mutable { admit(shard, std::move(accepted)); });
  }
}

void Server::Impl::admit(Shard& shard, std::unique_ptr<io::Stream> stream) {
  std::string address = Census::key_of(stream->peer());
  if (census.enter(address)) {
    shard.tasks->spawn(serve_in(service, std::move(stream), Place(census, std::move(address))));
  } else {
    shard.tasks->spawn(turn_away(service, std::move(stream)));
  }
}

Result<std::unique_ptr<Server>> Server::start(std::span<io::Loop* const> loops, const Router& router,
                                              Metrics& metrics, Options options) {
  JAL_ASSERT(!loops.empty());
  if (!options.presence.tls && !options.listen.is_loopback()) {
    return fail(ErrorKind::FailedPrecondition,
                "plain HTTP is served on loopback only; give --tls-certificate and --tls-key, or listen on "
                "127.0.0.1");
  }
  TRY(auto listener, io::TcpListener::listen(*loops.front(), options.listen));
  auto impl = std::make_unique<Impl>(router, metrics, std::move(options));
  impl->local = listener->local();
  impl->listener = std::move(listener);
  for (io::Loop* const loop : loops) impl->shards.push_back(std::make_unique<Shard>(*loop));
  impl->accepting = std::make_unique<io::TaskGroup>(*loops.front());
  loops.front()->post([raw = impl.get()] { raw->accepting->spawn(raw->accept()); });
  return std::make_unique<Server>(std::move(impl));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() { close(); }
Endpoint Server::local() const { return impl_->local; }

Result<> Server::present(Presence presence) {
  if ((presence.tls != nullptr) != (impl_->service.options.presence.tls != nullptr))
    return fail(ErrorKind::FailedPrecondition, "going from plain HTTP to TLS, or back, needs a new start");
  impl_->service.present(std::move(presence));
  return {};
}

void Server::close() {
  if (std::exchange(impl_->closed, true)) return;
  io::run_and_wait(impl_->shards.front()->loop, [](Impl& impl) -> io::Task<> {
    co_await impl.accepting->close();
    impl.accepting.reset();
    impl.listener.reset();
  }(*impl_));
  // What the acceptor posted runs before this.
  for (const auto& shard : impl_->shards) io::run_and_wait(shard->loop, close_shard(*shard));
}

}  // namespace jalousie::http
