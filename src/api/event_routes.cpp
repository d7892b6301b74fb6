#include <algorithm>
#include <iterator>

#include "api/impl.h"
#include "api/page_inbox.h"

namespace jalousie::api {

namespace {

constexpr std::string_view kSignedOut = "signed_out";

}  // namespace

void Api::Impl::add_event_routes(http::Router& router) { add(router, "GET", "/events", &Impl::events); }

std::shared_ptr<void> Api::Impl::take_stream_place(SessionId session) {
  const std::lock_guard lock(streams_mutex);
  std::size_t& count = streams[session];
  if (count >= kEventStreamsPerSession) return nullptr;
  ++count;
  return {this, [session](void* impl) {
            auto* self = static_cast<Impl*>(impl);
            const std::lock_guard of_release(self->streams_mutex);
            const auto found = self->streams.find(session);
            if (--found->second == 0) self->streams.erase(found);
          }};
}

io::Task<http::Response> Api::Impl::events(Principal principal, Request) {
  auto place = take_stream_place(principal.session);
  if (!place)
    co_return Response::problem(429, "Too many pages", "Too many pages of one sign-in are open: close some.");
  Response response;
  response.events = [this, principal, place = std::move(place)](http::EventStream& stream) {
    return stream_events(principal, place, stream);
  };
  co_return response;
}

io::Task<std::optional<std::uint64_t>> Api::Impl::changes() {
  const std::int64_t now = parts.clock.steady().time_since_epoch().count();
  std::int64_t read = changes_read_us.load();
  const bool is_fresh = read != 0 && now - read < kLookEvery.count();
  if (is_fresh || !changes_read_us.compare_exchange_strong(read, now)) co_return changes_seen.load();
  const auto counter = co_await io::offload(parts.workers, [this] { return parts.store.change_counter(); });
  if (!counter) co_return std::nullopt;
  changes_seen = *counter;
  co_return *counter;
}

// All cameras of all homes of the principal; on a worker.
Result<Visible> Api::Impl::visible(Principal principal) {
  Visible all;
  TRY(const auto homes, parts.keeper.household().homes(principal));
  for (const keeper::HomeView& home : homes) {
    auto cameras = parts.keeper.household().cameras(principal, home.home.id);
    // No longer a member since a moment ago.
    if (!cameras && cameras.error().kind() == ErrorKind::NotFound) continue;
    if (!cameras) return std::unexpected(cameras.error());
    if (home.until) all.until = std::min(all.until.value_or(*home.until), *home.until);
    std::ranges::move(*cameras, std::back_inserter(all.cameras));
  }
  TRY(all.suspensions, parts.store.suspensions().suspensions());
  return all;
}

/// One event stream; lives in stream_events()'s frame.
struct Api::Impl::Page {
  Page(Principal of, http::EventStream& to, io::Loop& loop)
      : principal(of), stream(to), inbox(std::make_shared<PageInbox>(loop)) {}

  Principal principal;
  http::EventStream& stream;
  std::shared_ptr<PageInbox> inbox;
  std::unique_ptr<CameraSubscription> watched;
  PageCameras cameras;
  std::optional<std::uint64_t> seen;  // the registry's counter when it was asked last
  SteadyTime looked{};
  std::optional<SteadyTime> told;

  bool may_tell(SteadyTime now) const { return !told || now - *told >= kTellEvery; }
  /// Until there may be something to do, if nothing wakes it before.
  Microseconds pause(SteadyTime now) const {
    if (!inbox->has_cameras() || !told) return kLookEvery;
    return std::clamp<Microseconds>(*told + kTellEvery - now, Milliseconds(10), kLookEvery);
  }
  io::Task<bool> send(std::vector<PageCameras::Event> events) {
    for (const auto& event : events) {
      if (!co_await stream.send(event.name, event.data)) co_return false;
    }
    co_return true;
  }
};

// These return false when the stream has come to its end. `page` is the caller's, who waits.

io::Task<bool> Api::Impl::tell_of_viewings(Page& page) {
  const PageInbox::News news = page.inbox->take();
  for (const ViewingEnded& ended : news.ended) {
    if (!co_await page.stream.send("viewing_ended", viewing_ended_json(ended))) co_return false;
  }
  for (const PictureTime& picture : news.pictures) {
    if (!co_await page.stream.send("viewing", picture_time_json(picture, parts.clock.utc()))) co_return false;
  }
  co_return true;
}

// What somebody may see is asked of the keeper when the registry has changed; a camera's state alone changes
// no rights, and costs no look into the registry.
io::Task<bool> Api::Impl::tell_of_cameras(Page& page) {
  const auto counter = co_await changes();
  const SteadyTime now = parts.clock.steady();
  if (!page.seen || counter != page.seen || now - page.looked >= kLookAnewEvery ||
      page.cameras.is_over(parts.clock.utc())) {
    co_return co_await look_anew(page, counter);
  }
  if (!page.may_tell(now)) co_return true;
  const auto changed = page.inbox->take_cameras();
  if (changed.empty()) co_return true;
  page.told = now;
  co_return co_await page.send(page.cameras.look_at(changed, parts.cameras, parts.clock.utc()));
}

io::Task<bool> Api::Impl::look_anew(Page& page, std::optional<std::uint64_t> counter) {
  auto visible = co_await io::offload(parts.workers, [&] { return this->visible(page.principal); });
  if (!visible && visible.error().kind() == ErrorKind::Unauthenticated) {
    static_cast<void>(co_await page.stream.send(kSignedOut, "{}"));
    co_return false;
  }
  page.told = parts.clock.steady();
  if (!visible) co_return true;  // told of nothing until it is known what may be told
  page.seen = counter;
  page.looked = *page.told;
  page.cameras.see(*std::move(visible));
  page.watched->watch(page.cameras.ids());
  page.inbox->take_cameras();  // all are looked at
  co_return co_await page.send(page.cameras.look_at_all(parts.cameras, parts.clock.utc()));
}

// `stream` is the connection's, which waits for us.
io::Task<> Api::Impl::stream_events(Principal principal, std::shared_ptr<void>, http::EventStream& stream) {
  Page page(principal, stream, *co_await io::current_loop());
  page.watched = parts.cameras.subscribe([inbox = page.inbox](CameraId id) { inbox->camera_changed(id); });
  const auto of_viewings = parts.viewings.subscribe(
      principal.session,
      {.on_picture_time = [inbox = page.inbox](const PictureTime& picture) { inbox->picture_time(picture); },
       .on_ended = [inbox = page.inbox](const ViewingEnded& ended) { inbox->viewing_ended(ended); }});
  SteadyTime commented = parts.clock.steady();
  if (!co_await stream.comment("welcome")) co_return;
  if (!co_await stream.send("server", server_json(parts.run, parts.version))) co_return;
  while (true) {
    if (!co_await tell_of_viewings(page)) co_return;
    if (!co_await tell_of_cameras(page)) co_return;
    const SteadyTime now = parts.clock.steady();
    if (now - commented >= kCommentEvery) {
      commented = now;
      if (!co_await stream.comment("still here")) co_return;
    }
    co_await page.inbox->wait(page.pause(now));
  }
}

}  // namespace jalousie::api
