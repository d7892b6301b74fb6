// How every door comes to a viewing: the keeper is asked on a worker thread, and a revocation that comes
// meanwhile, or at any time later, reaches the viewing on its own loop. Viewings live on the loop that their
// request came in on. Safe from any of the hub's loops.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "codec/audio_format.h"
#include "codec/video_format.h"
#include "io/workers.h"
#include "stream/hub.h"

namespace jalousie::deliver {

/// What a camera sends on a stream, as far as that is known.
struct Media {
  std::optional<codec::VideoFormat> video = {};
  std::optional<codec::AudioFormat> sound = {};
};
/// NotFound where the asker may not know the camera, or it has no such stream. On a worker thread.
using AskMedia = std::function<Result<Media>(const keeper::Principal&, CameraId, StreamId)>;

/// Asks the keeper; on a worker thread.
using AskGrant = std::function<Result<keeper::Grant>(const keeper::GrantRequest&, keeper::RevokedCall)>;

/// The way by which a revocation comes; cut when it goes. On its viewing's loop.
class RevocationLine {
 public:
  RevocationLine() = default;
  RevocationLine(RevocationLine&&) noexcept = default;
  RevocationLine& operator=(RevocationLine&&) noexcept;
  ~RevocationLine() { hang_up(); }
  RevocationLine(const RevocationLine&) = delete;
  RevocationLine& operator=(const RevocationLine&) = delete;

  /// Ends `viewing` at once when the revocation came before. It must outlive the line.
  void connect(stream::Viewing& viewing);
  /// Called by the keeper, from any thread.
  keeper::RevokedCall call_on(io::Loop& loop) const;

 private:
  struct State {
    stream::Viewing* viewing = nullptr;
    std::optional<keeper::EndReason> revoked;
  };
  void hang_up();
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

class ViewingDesk {
 public:
  /// All outlive the desk.
  struct Parts {
    stream::Hub& hub;
    io::Workers& workers;
    stream::GrantOffice& office;
    AskGrant ask_grant;
    AskMedia ask_media;
  };
  explicit ViewingDesk(Parts parts) : parts_(std::move(parts)) {}

  /// What the camera sends, before anything is judged by it.
  io::Task<Result<Media>> media(keeper::Principal principal, CameraId camera,
                                StreamId stream = StreamId::Main);

  struct Admission {
    keeper::Grant grant;
    RevocationLine line;
  };
  /// NotFound, Unauthenticated and the rest as the keeper says. `door` is for the ledger.
  io::Task<Result<Admission>> admit(keeper::Principal principal, CameraId camera, std::string_view door);
  /// The viewing of a grant, on this loop, for `sink`, which outlives it. A grant is for every stream of its
  /// camera.
  std::unique_ptr<stream::Viewing> watch(StreamId stream, keeper::Grant grant, stream::Sink& sink);
  /// This loop's share of the hub.
  stream::Shard& here() const;
  stream::Hub& hub() { return parts_.hub; }

 private:
  Parts parts_;
};

}  // namespace jalousie::deliver
