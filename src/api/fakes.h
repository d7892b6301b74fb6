// What the app puts behind the API (doors.h), as tests say it is. Tests only.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include <fmt/format.h>

#include "api/doors.h"

namespace jalousie::api {

class FakeCameraStates final : public CameraStates {
 public:
  std::optional<CameraState> state(const seal::Label& of) const override {
    const std::lock_guard lock(mutex_);
    const auto found = states_.find(of.camera);
    return found == states_.end() ? std::nullopt : std::optional(found->second);
  }
  std::unique_ptr<CameraSubscription> subscribe(std::function<void(CameraId)> changed) override {
    const std::lock_guard lock(mutex_);
    const int number = ++last_;
    listeners_.emplace(number, Listening{std::move(changed), {}});
    return std::make_unique<Watching>(*this, number);
  }
  void set(CameraId camera, CameraState state) {
    const std::lock_guard lock(mutex_);
    states_[camera] = std::move(state);
    for (const auto& [number, listener] : listeners_) {
      if (!listener.watched.contains(camera)) continue;
      ++told_;
      listener.call(camera);
    }
  }
  std::size_t told() const {
    const std::lock_guard lock(mutex_);
    return told_;
  }
  std::size_t listeners() const {
    const std::lock_guard lock(mutex_);
    return listeners_.size();
  }

  struct Ends final : Subscription {
    explicit Ends(std::function<void()> at_end) : at_end_(std::move(at_end)) {}
    ~Ends() override { at_end_(); }
    std::function<void()> at_end_;
  };

 private:
  struct Listening {
    std::function<void(CameraId)> call;
    std::set<CameraId> watched;
  };
  struct Watching final : CameraSubscription {
    Watching(FakeCameraStates& of, int its) : states(of), number(its) {}
    ~Watching() override {
      const std::lock_guard lock(states.mutex_);
      states.listeners_.erase(number);
    }
    void watch(const std::set<CameraId>& cameras) override {
      const std::lock_guard lock(states.mutex_);
      states.listeners_.at(number).watched = cameras;
    }
    FakeCameraStates& states;
    int number;
  };

  mutable std::mutex mutex_;
  std::map<CameraId, CameraState> states_;
  std::map<int, Listening> listeners_;
  std::size_t told_ = 0;
  int last_ = 0;
};

class FakeViewingEvents final : public ViewingEvents {
 public:
  std::unique_ptr<Subscription> subscribe(SessionId session, ViewingListener listener) override {
    const std::lock_guard lock(mutex_);
    listeners_[session] = std::move(listener);
    return std::make_unique<FakeCameraStates::Ends>([this, session] {
      const std::lock_guard of_end(mutex_);
      listeners_.erase(session);
    });
  }
  void picture(SessionId session, const PictureTime& picture) {
    const std::lock_guard lock(mutex_);
    if (const auto found = listeners_.find(session); found != listeners_.end())
      found->second.on_picture_time(picture);
  }
  void ended(SessionId session, const ViewingEnded& ended) {
    const std::lock_guard lock(mutex_);
    if (const auto found = listeners_.find(session); found != listeners_.end()) found->second.on_ended(ended);
  }

 private:
  std::mutex mutex_;
  std::map<SessionId, ViewingListener> listeners_;
};

class FakeWhep final : public Whep, public Mse {
 public:
  io::Task<http::Response> open(keeper::Principal principal, CameraId camera, StreamId stream,
                                http::Request) override {
    asked = fmt::format("open {} {}{}", principal.account.to_string(), camera.to_string(), of(stream));
    co_return http::Response::text(200, "a socket");
  }
  io::Task<http::Response> offer(keeper::Principal principal, CameraId camera, StreamId stream,
                                 http::Request request) override {
    asked = fmt::format("offer {} {} {}{}", principal.account.to_string(), camera.to_string(), request.body,
                        of(stream));
    co_return http::Response::text(201, "answer", "application/sdp");
  }
  io::Task<http::Response> patch(keeper::Principal, ViewingId viewing, http::Request) override {
    asked = fmt::format("patch {}", viewing.to_string());
    co_return http::Response::no_content();
  }
  io::Task<http::Response> remove(keeper::Principal, ViewingId viewing) override {
    asked = fmt::format("remove {}", viewing.to_string());
    co_return http::Response::no_content();
  }
  static std::string_view of(StreamId stream) { return stream == StreamId::Sub ? " of sub" : ""; }
  std::string asked;
};

class FakeStills final : public Stills {
 public:
  io::Task<std::expected<StillPicture, NoStill>> still(keeper::Principal principal, CameraId camera,
                                                       std::uint16_t width) override {
    asked = fmt::format("{} {} {}", principal.account.to_string(), camera.to_string(), width);
    if (!made) co_return std::unexpected(NoStill{made.error(), granted});
    StillPicture picture = *made;
    picture.jpeg = as_bytes(*bytes);
    co_return picture;
  }
  std::string asked;
  std::shared_ptr<const std::string> bytes = std::make_shared<const std::string>("JPEG");
  Result<StillPicture> made = fail(ErrorKind::Internal, "not set");
  std::optional<seal::Label> granted;  // where none is made
};

class FakeProber final : public Prober {
 public:
  io::Task<ProbeOutcome> probe(keeper::NewCamera camera) override {
    probed = std::move(camera);
    ++probes;
    co_return outcome;
  }
  int probes = 0;
  std::optional<keeper::NewCamera> probed;
  ProbeOutcome outcome;
};

}  // namespace jalousie::api
