#include "app/api_doors.h"

#include <fmt/format.h>

#include "app/transport.h"
#include "ingest/probe.h"

namespace jalousie::app {

namespace {

constexpr Microseconds kProbeWithin = Seconds(9);
constexpr Microseconds kProbeSubWithin = Seconds(4);  // of a camera that has just answered

/// ITU-T H.264 A.2: profile_idc, the first byte of profile-level-id.
std::string_view h264_profile(std::string_view profile_level_id) {
  if (profile_level_id.starts_with("42")) return " Baseline";
  if (profile_level_id.starts_with("4d")) return " Main";
  if (profile_level_id.starts_with("64")) return " High";
  return "";
}

/// ITU-T H.265 annex A.3: general_profile_idc, the number in front of the text's first dot.
std::string_view h265_profile(std::string_view profile) {
  if (profile.starts_with("1.") || profile.starts_with("3.")) return " Main";
  if (profile.starts_with("2.")) return " Main 10";
  return "";
}

/// For people; not the same words with B-frames and without, so that a change is seen.
std::string codec_words(const codec::VideoFormat& format) {
  const std::string_view b_frames = format.has_b_frames ? " with B-frames" : "";
  switch (format.codec) {
    case codec::VideoCodec::H264:
      return fmt::format("H.264{}{}", h264_profile(format.profile), b_frames);
    case codec::VideoCodec::H265:
      return fmt::format("H.265{}{}", h265_profile(format.profile), b_frames);
    case codec::VideoCodec::Jpeg:
      break;
  }
  return "Motion JPEG";
}

api::VideoFacts facts_of(const codec::VideoFormat& format) {
  return {.codec = codec_words(format), .width = format.width, .height = format.height, .fps = format.fps};
}

api::AudioFacts facts_of(const codec::AudioFormat& format) {
  return {.codec = std::string(to_string(format.codec)), .rate = format.rate, .channels = format.channels};
}

class BoardSubscription final : public api::CameraSubscription {
 public:
  BoardSubscription(CameraBoard& board, CameraBoard::Listener listener)
      : board_(board), number_(board.listen(std::move(listener))) {}
  ~BoardSubscription() override { board_.unlisten(number_); }
  void watch(const std::set<CameraId>& cameras) override { board_.watch(number_, cameras); }

 private:
  CameraBoard& board_;
  std::uint64_t number_;
};

}  // namespace

std::optional<api::CameraState> BoardStates::state(const seal::Label& of) const {
  const auto seen = board_.seen(of);
  if (!seen) return std::nullopt;
  api::CameraState state;
  state.state = ingest::to_string(seen->status.state);
  state.reason = seen->status.reason;
  state.advice = seen->status.advice;
  state.since = seen->status.since;
  if (seen->status.video) state.video = facts_of(*seen->status.video);
  if (seen->status.sound) state.audio = facts_of(*seen->status.sound);
  state.newest_capture = seen->newest_capture;
  if (seen->sub) {
    if (!seen->sub_is_idle) {
      state.sub.state = ingest::to_string(seen->sub->state);
      state.sub.reason = seen->sub->reason;
    }
    if (seen->sub->video) state.sub.video = facts_of(*seen->sub->video);
  }
  return state;
}

std::unique_ptr<api::CameraSubscription> BoardStates::subscribe(std::function<void(CameraId)> changed) {
  return std::make_unique<BoardSubscription>(board_, std::move(changed));
}

io::Task<api::ProbeOutcome> IngestProber::probe(keeper::NewCamera camera) {
  ingest::Source source{.url = camera.url,
                        .username = camera.credentials.username(),
                        .password = camera.credentials.password(),
                        .transport = transport_of(camera.transport),
                        .sound = false,
                        .reach = reach_};
  ingest::Source small = source;
  small.url = camera.sub_url;
  const ingest::Probe found = co_await ingest::probe(source, kProbeWithin, clock_, random_);
  api::ProbeOutcome outcome;
  if (found.video) {
    outcome.video = facts_of(*found.video);
    if (!small.url.empty()) {
      const ingest::Probe sub = co_await ingest::probe(small, kProbeSubWithin, clock_, random_);
      outcome.sub = api::SubState{
          .state = std::string(ingest::to_string(sub.video ? ingest::State::Live : sub.problem.state)),
          .reason = sub.problem.reason};
      if (sub.video) outcome.sub->video = facts_of(*sub.video);
    }
  } else {
    outcome.state = ingest::to_string(found.problem.state);
    outcome.reason = found.problem.reason;
    outcome.advice = found.problem.advice;
  }
  co_return outcome;
}

io::Task<std::expected<api::StillPicture, api::NoStill>> DeliverStills::still(keeper::Principal principal,
                                                                              CameraId camera,
                                                                              std::uint16_t width) {
  auto made = co_await door_.still(principal, camera, width);
  if (!made) co_return std::unexpected(api::NoStill{std::move(made.error().error), made.error().granted});
  const auto jpeg = std::make_shared<const codec::WipedBuffer>(std::move(made->jpeg));
  co_return api::StillPicture{.jpeg = jpeg->view(), .owner = jpeg, .capture = made->capture};
}

}  // namespace jalousie::app
