#include "deliver/still_door.h"

#include <algorithm>
#include <vector>

#include "base/limits.h"
#include "base/log.h"
#include "io/call_on.h"

namespace jalousie::deliver {

namespace {

/// What a decoder is to make of a unit; nothing where it is coded in a way that is not known here.
std::optional<decode::Codec> codec_of(const seal::BlockHeader& header) {
  const auto coding = header.video_coding();
  if (!coding) return std::nullopt;
  switch (*coding) {
    case seal::VideoCoding::H264:
      return decode::Codec::H264;
    case seal::VideoCoding::H265:
      return decode::Codec::H265;
    case seal::VideoCoding::Jpeg:
      return decode::Codec::Mjpeg;
  }
  return std::nullopt;
}

}  // namespace

/// A glimpse and the revocation that may meet it; touched on the request's loop only.
struct StillDoor::Pending {
  stream::Glimpse* glimpse = nullptr;
  std::optional<keeper::EndReason> revoked;
};

/// Gives a session's place back when its request ends, however it does.
class StillDoor::Admitted {
 public:
  Admitted(StillDoor& door, SessionId session) : door_(door), session_(session) {}
  Admitted(const Admitted&) = delete;
  Admitted& operator=(const Admitted&) = delete;
  ~Admitted() {
    door_.parts_.hub.shards().front()->loop().post(
        [&door = door_, session = session_] { door.budget_.release(session); });
  }

 private:
  StillDoor& door_;
  SessionId session_;
};

StillDoor::StillDoor(Parts parts)
    : parts_(std::move(parts)),
      shown_(parts_.metrics.counter("jalousie_deliver_stills_total", "Stills that were asked for",
                                    {{"outcome", "shown"}})),
      not_shown_(parts_.metrics.counter("jalousie_deliver_stills_total", "Stills that were asked for",
                                        {{"outcome", "not_shown"}})) {}

io::Task<std::expected<Still, NoStill>> StillDoor::still(keeper::Principal principal, CameraId camera,
                                                         std::uint16_t width) {
  const SessionId session = principal.session;
  auto within = co_await io::call_on(parts_.hub.shards().front()->loop(), [this, session] {
    return budget_.admit(session, parts_.clock.steady());
  });
  if (!within) co_return std::unexpected(NoStill{std::move(within).error()});
  const Admitted admitted(*this, session);
  auto made = co_await make(principal, camera, width);
  (made ? shown_ : not_shown_).add();
  co_return std::move(made);
}

io::Task<std::expected<Still, NoStill>> StillDoor::make(keeper::Principal principal, CameraId camera,
                                                        std::uint16_t width) {
  io::Loop* const loop = co_await io::current_loop();
  auto pending = std::make_shared<Pending>();
  auto revoked = [pending, loop](keeper::EndReason reason) {
    loop->post([pending, reason] {
      pending->revoked = reason;
      if (pending->glimpse != nullptr) pending->glimpse->end(reason);
    });
  };
  auto granted = co_await io::offload(parts_.workers, [&] {
    return parts_.ask_grant({.principal = principal, .camera = camera, .door = "still"}, std::move(revoked));
  });
  if (!granted) co_return std::unexpected(NoStill{std::move(granted).error()});
  const seal::Label label = granted->label;

  // The glimpse goes with this frame, also when the client does; a revocation finds it until then.
  struct Looking {
    Looking(Pending& of, stream::Shard& home, const Clock& clock, keeper::Grant grant,
            stream::GrantOffice& office)
        : pending(of), glimpse(home, clock, StreamId::Main, std::move(grant), office) {
      pending.glimpse = &glimpse;
    }
    Looking(const Looking&) = delete;
    Looking& operator=(const Looking&) = delete;
    ~Looking() { pending.glimpse = nullptr; }
    Pending& pending;
    stream::Glimpse glimpse;
  };
  stream::Shard& home = parts_.hub.shard_of(granted->label.camera);
  Looking looking(*pending, home, parts_.clock, *std::move(granted), parts_.office);
  if (pending->revoked) looking.glimpse.end(*pending->revoked);
  auto drawn = co_await draw(looking.glimpse, width);
  if (drawn) co_return *std::move(drawn);
  NoStill none{std::move(drawn).error()};
  // Who lost the right meanwhile is told of that alone.
  if (!looking.glimpse.objection()) none.granted = label;
  co_return std::unexpected(std::move(none));
}

// `glimpse` is the caller's, who waits.
io::Task<Result<Still>> StillDoor::draw(stream::Glimpse& glimpse, std::uint16_t width) {
  std::optional<decode::Codec> codec;  // of the key frame: what follows in another is for the next still
  std::optional<decode::Request> request;
  std::vector<UtcTime> captures;
  const stream::Glimpse::Take take = [&](const seal::BlockHeader& header, ByteView clear) {
    const auto coded = codec_of(header);
    if (!request) {
      codec = coded;
      if (!codec) return false;
      request.emplace(*codec, width);
    }
    if (coded != codec || !request->add(clear)) return false;
    captures.push_back(header.capture);
    return true;
  };
  CO_TRY_VOID(co_await glimpse.look(take));
  if (!request)
    co_return fail(ErrorKind::Unavailable, "The camera's video is coded in a way that stills do not know.");
  if (request->empty()) co_return fail(ErrorKind::DataLoss, "The camera's picture is too large.");
  auto picture = co_await parts_.decoders.decode(glimpse.label().home, *std::move(request));
  // What was asked under a right is shown under it, or not at all.
  if (const auto no = glimpse.objection()) co_return std::unexpected(*no);
  if (!picture) co_return std::unexpected(std::move(picture).error());
  co_return Still{std::move(picture->jpeg), captures.at(picture->unit)};
}

}  // namespace jalousie::deliver
