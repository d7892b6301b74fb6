#include "ingest/probe.h"

#include <algorithm>

#include "ingest/frame_rate.h"
#include "ingest/problems.h"
#include "ingest/session.h"

namespace jalousie::ingest {

namespace {

class ProbeListener final : public SessionListener {
 public:
  io::Task<std::optional<Problem>> on_described(const VideoTrack& track) override {
    described_ = track.format;
    co_return std::nullopt;
  }
  std::optional<Problem> on_unit(const rtp::VideoUnit& unit,
                                 const std::optional<codec::VideoFormat>& format) override {
    seen_ = format;
    rate_.on_unit(unit.timestamp, unit.gap_before);
    return rate_.fps() ? std::optional(Problem{}) : std::nullopt;  // all is known
  }
  void on_sound(const rtp::AudioUnit&, const AudioTrack&) override {}
  void on_report(TrackKind, const rtp::SenderReport&) override {}
  void on_pause(const Problem&) override {}
  void on_certificate(const std::string&) override {}

  /// What a camera said of itself counts only when it has sent something: a GOP may be longer than the test.
  std::optional<codec::VideoFormat> found(bool has_packets) const {
    auto format = seen_;
    if (!format && has_packets) format = described_;
    if (format && rate_.fps()) format->fps = *rate_.fps();
    return format;
  }

 private:
  std::optional<codec::VideoFormat> described_;
  std::optional<codec::VideoFormat> seen_;
  FrameRate rate_;
};

}  // namespace

io::Task<Probe> probe(Source source, Microseconds timeout, const Clock& clock, RandomSource& random) {
  io::Loop& loop = *co_await io::current_loop();
  Timing timing;
  timing.connect = std::min(timing.connect, timeout);
  ProbeListener listener;
  Session session(loop, source, timing, clock, random, listener);
  io::Timer timer(loop);
  bool timed_out = false;
  timer.start(timeout, [&] {
    timed_out = true;
    session.stop();
  });
  auto problem = co_await session.run();
  timer.cancel();

  Probe result;
  const bool refused = !timed_out && problem != Problem{};
  if (!refused) result.video = listener.found(session.has_packets());
  if (result.video) co_return result;
  if (refused)
    result.problem = std::move(problem);
  else if (session.has_packets())
    result.problem = problems::no_key_frame(timeout);
  else if (session.receiver() != nullptr)
    result.problem = problems::no_packets(source.transport);
  else
    result.problem = problems::nothing_there(source.transport);
  co_return result;
}

}  // namespace jalousie::ingest
