// What the API asks of rooms that it knows nothing of: cameras' states, the test connection, WHEP, and what a
// page is told about its viewings. The composition root puts the real ones behind. Plain values; safe from
// any loop.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "base/ids.h"
#include "base/time.h"
#include "http/message.h"
#include "keeper/grant.h"
#include "keeper/household.h"

namespace jalousie::api {

struct VideoFacts {
  std::string codec;  // "H.264 Main 4.0" or the like, for people
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  double fps = 0;  // 0: unknown

  friend bool operator==(const VideoFacts&, const VideoFacts&) = default;
};

struct AudioFacts {
  std::string codec;  // "AAC", "PCMU", "PCMA", "Opus"
  std::uint32_t rate = 0;
  std::uint32_t channels = 0;

  friend bool operator==(const AudioFacts&, const AudioFacts&) = default;
};

/// What a camera's small stream is doing; `state` as CameraState's, or "idle" while nobody watches it.
struct SubState {
  std::string state = "idle";
  std::string reason{};
  std::optional<VideoFacts> video{};  // of the last time it was watched
};

/// What a camera is doing; `state` as in docs/ref/api.md.
struct CameraState {
  std::string state;
  std::string reason;
  std::string advice;
  UtcTime since{};
  std::optional<VideoFacts> video;
  std::optional<AudioFacts> audio = {};  // the sound that comes now
  std::optional<UtcTime> newest_capture;
  SubState sub = {};
};

/// A listener that is registered until this object goes; after that it is not called any more.
class Subscription {
 public:
  virtual ~Subscription() = default;
};

/// Of which cameras a listener is told; of none at first.
class CameraSubscription : public Subscription {
 public:
  /// Of these from now on, and of no others. Who looks at their states after this call misses no change.
  virtual void watch(const std::set<CameraId>& cameras) = 0;
};

class CameraStates {
 public:
  virtual ~CameraStates() = default;
  /// Nothing for a camera that is not served (yet), or not in that tenure.
  virtual std::optional<CameraState> state(const seal::Label& of) const = 0;
  /// `changed` is called from any thread after the state of a watched camera changed; it must only post.
  virtual std::unique_ptr<CameraSubscription> subscribe(std::function<void(CameraId)> changed) = 0;
};

/// Found by a test connection, or what is wrong.
struct ProbeOutcome {
  std::optional<VideoFacts> video;  // it works
  std::string state;                // else: as in CameraState
  std::string reason;
  std::string advice;
  std::optional<SubState> sub = {};  // of the small stream, where one was given and the large one works
};

class Prober {
 public:
  virtual ~Prober() = default;
  /// At most 15 s; cancelled with its task. On the caller's loop.
  virtual io::Task<ProbeOutcome> probe(keeper::NewCamera camera) = 0;
};

/// The media side of WHEP: requests come here after the session was authenticated.
class Whep {
 public:
  virtual ~Whep() = default;
  virtual io::Task<http::Response> offer(keeper::Principal principal, CameraId camera, StreamId stream,
                                         http::Request request) = 0;
  virtual io::Task<http::Response> patch(keeper::Principal principal, ViewingId viewing,
                                         http::Request request) = 0;
  virtual io::Task<http::Response> remove(keeper::Principal principal, ViewingId viewing) = 0;
};

/// A JPEG, and when it was taken. `jpeg` lies in what `owner` keeps, which is wiped when it goes.
struct StillPicture {
  ByteView jpeg;
  std::shared_ptr<const void> owner;
  UtcTime capture{};
};

/// Why there is none. `granted`: the asker had the right to see that camera, under this label; nothing: they
/// are told of the error, and nothing of the camera.
struct NoStill {
  Error error;
  std::optional<seal::Label> granted{};
};

class Stills {
 public:
  virtual ~Stills() = default;
  /// `width`: at most; 0: as the picture is. NotFound and Unauthenticated as for any camera,
  /// FailedPrecondition while nobody may see it, ResourceExhausted over a budget; Unavailable and DataLoss
  /// when there is no picture.
  virtual io::Task<std::expected<StillPicture, NoStill>> still(keeper::Principal principal, CameraId camera,
                                                               std::uint16_t width) = 0;
};

/// The media side of MSE over a WebSocket; likewise, and after the origin was checked.
class Mse {
 public:
  virtual ~Mse() = default;
  virtual io::Task<http::Response> open(keeper::Principal principal, CameraId camera, StreamId stream,
                                        http::Request request) = 0;
};

/// A picture with this RTP timestamp was captured then.
struct PictureTime {
  ViewingId viewing;
  std::uint32_t rtp_timestamp = 0;
  UtcTime capture{};
};
struct ViewingEnded {
  ViewingId viewing;
  keeper::EndReason reason{};
};

/// Told about the viewings of one session. Called from any thread; must only post. At most one picture time
/// per viewing and 200 ms comes.
struct ViewingListener {
  std::function<void(const PictureTime&)> on_picture_time;
  std::function<void(const ViewingEnded&)> on_ended;
};

class ViewingEvents {
 public:
  virtual ~ViewingEvents() = default;
  virtual std::unique_ptr<Subscription> subscribe(SessionId session, ViewingListener listener) = 0;
};

}  // namespace jalousie::api
