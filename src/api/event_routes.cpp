#include "api/impl.h"
#include "api/page_inbox.h"

namespace jalousie::api {

namespace {

constexpr std::string_view kSignedOut = "signed_out";

/// What one page was told of its cameras, and what it has to be told now.
class CameraNews {
 public:
  struct Event {
    std::string_view name;
    std::string data;
  };
  std::vector<Event> compare(const std::vector<CameraView>& views, UtcTime now) {
    std::vector<Event> events;
    std::map<CameraId, std::string> present;
    for (const CameraView& view : views) {
      std::string described = camera_json(view, std::nullopt);
      const auto told = told_.find(view.camera.id);
      if (told == told_.end() || told->second != described)
        events.push_back({"camera", camera_json(view, now)});
      present.emplace(view.camera.id, std::move(described));
    }
    for (const auto& [id, described] : told_) {
      if (!present.contains(id)) events.push_back({"camera_gone", gone_json(id)});
    }
    told_ = std::move(present);
    return events;
  }

 private:
  std::map<CameraId, std::string> told_;
};

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
    co_return Response::problem(429, "Too many pages",
                                "Too many pages of this session are open: close some.");
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
Result<std::vector<CameraView>> Api::Impl::all_views(Principal principal) {
  TRY(const auto homes, parts.keeper.household().homes(principal));
  std::vector<CameraView> all;
  for (const keeper::HomeView& home : homes) {
    auto of_home = views(principal, home.home.id);
    // No longer a member since a moment ago.
    if (!of_home && of_home.error().kind() == ErrorKind::NotFound) continue;
    if (!of_home) return of_home;
    std::ranges::move(*of_home, std::back_inserter(all));
  }
  return all;
}

// `stream` is the connection's, which waits for us.
io::Task<> Api::Impl::stream_events(Principal principal, std::shared_ptr<void>, http::EventStream& stream) {
  io::Loop* loop = co_await io::current_loop();
  const auto inbox = std::make_shared<PageInbox>(*loop);
  const auto of_cameras = parts.cameras.subscribe([inbox](CameraId) { inbox->camera_changed(); });
  const auto of_viewings = parts.viewings.subscribe(
      principal.session,
      {.on_picture_time = [inbox](const PictureTime& picture) { inbox->picture_time(picture); },
       .on_ended = [inbox](const ViewingEnded& ended) { inbox->viewing_ended(ended); }});
  CameraNews cameras;
  std::optional<std::uint64_t> seen;
  SteadyTime looked{};
  SteadyTime commented = parts.clock.steady();
  if (!co_await stream.comment("welcome")) co_return;
  while (true) {
    const PageInbox::News news = inbox->take();
    for (const ViewingEnded& ended : news.ended) {
      if (!co_await stream.send("viewing_ended", viewing_ended_json(ended))) co_return;
    }
    for (const PictureTime& picture : news.pictures) {
      if (!co_await stream.send("viewing", picture_time_json(picture, parts.clock.utc()))) co_return;
    }
    const auto counter = co_await changes();
    const SteadyTime now = parts.clock.steady();
    if (news.cameras_changed || !seen || counter != seen || now - looked >= kLookAnewEvery) {
      const auto views = co_await io::offload(parts.workers, [&] { return all_views(principal); });
      if (!views && views.error().kind() == ErrorKind::Unauthenticated) {
        static_cast<void>(co_await stream.send(kSignedOut, "{}"));
        co_return;
      }
      if (views) {
        seen = counter;
        looked = now;
        for (const auto& event : cameras.compare(*views, parts.clock.utc())) {
          if (!co_await stream.send(event.name, event.data)) co_return;
        }
      }
    }
    if (now - commented >= kCommentEvery) {
      commented = now;
      if (!co_await stream.comment("still here")) co_return;
    }
    co_await inbox->wait(kLookEvery);
  }
}

}  // namespace jalousie::api
