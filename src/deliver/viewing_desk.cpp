#include "deliver/viewing_desk.h"

#include <algorithm>

#include "base/assert.h"

namespace jalousie::deliver {

RevocationLine& RevocationLine::operator=(RevocationLine&& other) noexcept {
  hang_up();
  state_ = std::move(other.state_);
  return *this;
}

void RevocationLine::hang_up() {
  if (state_) state_->viewing = nullptr;
}

void RevocationLine::connect(stream::Viewing& viewing) {
  state_->viewing = &viewing;
  if (state_->revoked) viewing.end(*state_->revoked);
}

keeper::RevokedCall RevocationLine::call_on(io::Loop& loop) const {
  return [state = state_, &loop](keeper::EndReason reason) {
    loop.post([state, reason] {
      state->revoked = reason;
      if (state->viewing != nullptr) state->viewing->end(reason);
    });
  };
}

io::Task<Result<Media>> ViewingDesk::media(keeper::Principal principal, CameraId camera, StreamId stream) {
  co_return co_await io::offload(parts_.workers, [&] { return parts_.ask_media(principal, camera, stream); });
}

io::Task<Result<ViewingDesk::Admission>> ViewingDesk::admit(keeper::Principal principal, CameraId camera,
                                                            std::string_view door) {
  RevocationLine line;
  auto revoked = line.call_on(here().loop());
  auto granted = co_await io::offload(parts_.workers, [&] {
    return parts_.ask_grant({.principal = principal, .camera = camera, .door = door}, std::move(revoked));
  });
  if (!granted) co_return std::unexpected(std::move(granted).error());
  co_return Admission{*std::move(granted), std::move(line)};
}

std::unique_ptr<stream::Viewing> ViewingDesk::watch(StreamId stream, keeper::Grant grant,
                                                    stream::Sink& sink) {
  stream::Shard& home = parts_.hub.shard_of(grant.label.camera);
  return here().watch(home, stream, std::move(grant), parts_.office, sink);
}

stream::Shard& ViewingDesk::here() const {
  const auto shards = parts_.hub.shards();
  const auto found =
      std::ranges::find_if(shards, [](const auto& shard) { return shard->loop().on_this_thread(); });
  JAL_ASSERT(found != shards.end());
  return **found;
}

}  // namespace jalousie::deliver
