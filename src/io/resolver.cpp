#include "io/resolver.h"

#include <mutex>
#include <netdb.h>
#include <system_error>
#include <thread>

#include <fmt/format.h>

#include "io/address.h"

namespace jalousie::io {

namespace {

// A dead name server holds each thread for half a minute; with more at once, tasks wait for their turn.
constexpr int kLookups = 32;
constexpr Microseconds kLongest = std::chrono::minutes(2);

using Found = Result<std::vector<Endpoint>>;

// What a lookup leaves behind when its task has gone away; the thread and the task share it.
struct Lookup {
  std::mutex mutex;
  bool wanted = true;  // the waiting task, and with it the loop, is still there
  Found found = fail(ErrorKind::Internal, "the lookup has not ended");
};

Found look_up(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int code = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, &::freeaddrinfo);
  if (code == EAI_AGAIN) return fail(ErrorKind::Unavailable, "the name server does not answer");
  if (code != 0) return fail(ErrorKind::NotFound, "name not found");
  std::vector<Endpoint> found;
  for (const addrinfo* one = list; one != nullptr; one = one->ai_next) {
    if (one->ai_family != AF_INET && one->ai_family != AF_INET6) continue;
    SocketAddress address;
    std::memcpy(&address.storage, one->ai_addr, one->ai_addrlen);
    const Endpoint without_port = to_endpoint(address.storage);
    TRY(const Endpoint endpoint, Endpoint::parse(without_port.address_text(), port));
    found.push_back(endpoint);
  }
  if (found.empty()) return fail(ErrorKind::NotFound, "the name has no address");
  return found;
}

bool is_host(std::string_view host) {
  constexpr std::size_t kLongestName = 253;  // RFC 1035 section 2.3.4, without the length bytes
  if (host.empty() || host.size() > kLongestName) return false;
  return std::all_of(host.begin(), host.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

// Clears `wanted` when the task goes away, so that the thread leaves the loop alone from then on.
struct Wanted {
  explicit Wanted(std::shared_ptr<Lookup> of) : lookup(std::move(of)) {}
  ~Wanted() {
    const std::lock_guard lock(lookup->mutex);
    lookup->wanted = false;
  }
  Wanted(const Wanted&) = delete;
  Wanted& operator=(const Wanted&) = delete;
  std::shared_ptr<Lookup> lookup;
};

// On a thread that is detached, since getaddrinfo cannot be interrupted and may take half a minute: neither a
// cancelled task nor the end of the process waits for it. It owns all it touches, and touches the loop only
// while the task is there.
bool start(const std::shared_ptr<Lookup>& lookup, Loop& loop, const std::weak_ptr<Event>& done,
           const std::string& host, std::uint16_t port) {
  const auto running = loop.lookups();
  ++*running;
  try {
    std::thread([=, &loop] {
      Found found = look_up(host, port);
      --*running;
      const std::lock_guard lock(lookup->mutex);
      if (!lookup->wanted) return;
      lookup->found = std::move(found);
      loop.post([done] {
        if (const auto event = done.lock()) event->notify();
      });
    }).detach();
    return true;
  } catch (const std::system_error&) {
    --*running;
    return false;
  }
}

}  // namespace

Task<Found> resolve(std::string host, std::uint16_t port, Microseconds timeout) {
  if (!is_host(host)) co_return fail(ErrorKind::InvalidArgument, "expected a host name or an address");
  if (const auto literal = Endpoint::parse(host, port)) co_return std::vector<Endpoint>{*literal};

  Loop* const loop = co_await current_loop();
  const auto due = std::chrono::steady_clock::now() + std::min<Microseconds>(timeout, kLongest);
  while (*loop->lookups() >= kLookups) {
    if (std::chrono::steady_clock::now() >= due) {
      co_return fail(ErrorKind::Unavailable, "too many names are being looked up");
    }
    co_await sleep_for(Milliseconds(20));
  }
  const auto lookup = std::make_shared<Lookup>();
  const auto done = std::make_shared<Event>(*loop);
  const Wanted wanted(lookup);
  if (!start(lookup, *loop, done, host, port)) {
    co_return fail(ErrorKind::ResourceExhausted, "no thread for looking up the name");
  }
  if (!co_await done->wait(std::chrono::duration_cast<Microseconds>(due - std::chrono::steady_clock::now())))
    co_return fail(ErrorKind::DeadlineExceeded, "the name server does not answer");
  const std::lock_guard lock(lookup->mutex);
  co_return std::move(lookup->found);
}

}  // namespace jalousie::io
