#include "ingest/camera_connection.h"

#include "base/assert.h"
#include "base/log.h"
#include "ingest/backoff.h"
#include "ingest/capture_clock.h"
#include "ingest/frame_rate.h"
#include "ingest/ingest_metrics.h"
#include "ingest/problems.h"
#include "ingest/session.h"

namespace jalousie::ingest {

namespace {
// How long close() waits for the goodbye to the camera.
constexpr Microseconds kCloseTimeout = Seconds(1);
constexpr std::int64_t kNone = INT64_MIN;

seal::VideoCoding coding_of(codec::VideoCodec codec) {
  switch (codec) {
    case codec::VideoCodec::H264:
      break;
    case codec::VideoCodec::H265:
      return seal::VideoCoding::H265;
    case codec::VideoCodec::Jpeg:
      return seal::VideoCoding::Jpeg;
  }
  return seal::VideoCoding::H264;
}

/// Of the block that holds the unit.
std::uint16_t flags_of(const rtp::VideoUnit& unit, bool gap,
                       const std::optional<codec::VideoFormat>& format) {
  std::uint16_t flags = format ? seal::coding_flags(coding_of(format->codec)) : std::uint16_t{0};
  if (unit.is_key_frame) flags |= seal::kFlagKeyFrame;
  if (unit.is_disposable) flags |= seal::kFlagDisposable;
  if (gap) flags |= seal::kFlagGap;
  if (unit.refers_past_key) flags |= seal::kFlagRefersPastKey;
  return flags;
}
}  // namespace

class CameraConnection::Impl final : public SessionListener {
 public:
  Impl(Parts parts, Source source)
      : parts_(std::move(parts)),
        source_(std::move(source)),
        metrics_(parts_.metrics),
        backoff_(parts_.timing.backoff_first, parts_.timing.backoff_most),
        tasks_(parts_.loop),
        stop_(parts_.loop),
        stopped_(parts_.loop) {
    status_.since = parts_.clock.utc();
  }

  void start() {
    JAL_ASSERT(!started_);
    started_ = true;
    metrics_.enter(status_.state);
    tasks_.spawn(run());
  }

  io::Task<> close() {
    if (started_ && !closing_) {
      closing_ = true;
      stop_.notify();
      if (session_ != nullptr) session_->stop();
      static_cast<void>(co_await stopped_.wait(kCloseTimeout));
      metrics_.leave(status_.state);
    }
    co_await tasks_.close();
    sealer_.reset();
  }

  io::Task<std::optional<Problem>> on_described(const VideoTrack& track) override;
  std::optional<Problem> on_unit(const rtp::VideoUnit& unit,
                                 const std::optional<codec::VideoFormat>& format) override;
  void on_sound(const rtp::AudioUnit& unit, const AudioTrack& track) override;
  void on_report(TrackKind track, const rtp::SenderReport& report) override {
    capture_clock_.on_report(track, rtp::from_ntp(report.ntp), report.rtp_timestamp);
  }
  void on_pause(const Problem& problem) override { set(problem); }
  void on_certificate(const std::string& fingerprint) override {
    source_.certificate = fingerprint;  // whatever becomes of it elsewhere, the next one must be the same
    if (parts_.on_certificate) parts_.on_certificate(fingerprint);
  }

  const Status& status() const { return status_; }
  std::optional<UtcTime> newest_capture() const {
    const auto us = newest_us_.load(std::memory_order_relaxed);
    return us == kNone ? std::nullopt : std::optional(utc_from_us(us));
  }

 private:
  /// The session under way, for close(); also when its task is cancelled.
  class Current {
   public:
    Current(Session*& slot, Session& session) : slot_(slot) { slot_ = &session; }
    ~Current() { slot_ = nullptr; }
    Current(const Current&) = delete;
    Current& operator=(const Current&) = delete;

   private:
    Session*& slot_;
  };

  io::Task<> run();
  io::Task<Problem> run_session();
  void set(const Problem& problem);
  void update_video(const std::optional<codec::VideoFormat>& format);
  void update_sound(const std::optional<codec::AudioFormat>& format);
  void tell();
  std::string note() const;

  Parts parts_;
  Source source_;
  IngestMetrics metrics_;
  Backoff backoff_;
  CaptureClock capture_clock_;
  std::optional<seal::Sealer> sealer_;
  Status status_;
  std::atomic<std::int64_t> newest_us_{kNone};

  // Of the session under way.
  Session* session_ = nullptr;
  FrameRate frame_rate_;
  rtp::VideoDepacketizer::Stats counted_;
  std::optional<SteadyTime> live_since_;
  bool gap_due_ = false;
  bool session_lost_ = false;
  bool password_refused_ = false;
  bool sound_gap_due_ = true;
  std::optional<SteadyTime> cut_over_sound_;  // when a connection was, last
  bool is_without_sound_ = false;             // because of that
  codec::WipedBuffer sound_block_;

  bool started_ = false;
  bool closing_ = false;
  io::TaskGroup tasks_;
  io::Event stop_;
  io::Event stopped_;
};

io::Task<> CameraConnection::Impl::run() {
  while (!closing_) {
    const auto problem = co_await run_session();
    if (closing_) break;
    metrics_.session_ended(problem.state);
    set(problem);
    const auto lived = live_since_ ? parts_.clock.steady() - *live_since_ : Microseconds(0);
    if (lived >= parts_.timing.backoff_reset) backoff_.reset();
    // It is well, and has only forgotten us. One that forgets at once is taken like any other trouble.
    if (session_lost_ && lived >= parts_.timing.session_lost_least) continue;
    const auto wait = password_refused_ ? parts_.timing.wrong_password : backoff_.next(parts_.random);
    static_cast<void>(co_await stop_.wait(wait));
  }
  stopped_.notify();
}

io::Task<Problem> CameraConnection::Impl::run_session() {
  capture_clock_.restart();
  frame_rate_ = {};
  counted_ = {};
  live_since_.reset();
  gap_due_ = newest_capture().has_value();
  sound_gap_due_ = true;
  status_.sound.reset();
  is_without_sound_ = source_.sound && cut_over_sound_ &&
                      parts_.clock.steady() - *cut_over_sound_ < parts_.timing.sound_again;
  Session session(parts_.loop, source_, parts_.timing, parts_.clock, parts_.random, *this);
  if (is_without_sound_) session.leave_sound_out();
  const Current current(session_, session);
  auto problem = co_await session.run();
  // There are cameras that end the connection over a SETUP that they do not like.
  if (session.was_cut_over_sound()) cut_over_sound_ = parts_.clock.steady();
  update_sound(std::nullopt);
  sound_block_.wipe();
  if (session.receiver() != nullptr) metrics_.packets(counted_, session.receiver()->stats());
  session_lost_ = session.is_session_lost();
  password_refused_ = session.is_password_refused();
  if (problem.state == State::Connecting && !live_since_) {
    problem.state = State::Refused;
    problem.reason = "The camera ends the connection before it sends a picture.";
    problem.advice = "Restart the camera; close other programs that watch it.";
  }
  co_return problem;
}

io::Task<std::optional<Problem>> CameraConnection::Impl::on_described(const VideoTrack&) {
  if (sealer_) co_return std::nullopt;
  auto made = co_await parts_.sealer();
  if (!made) {
    log::error("ingest", "no sealer for a camera", {{"reason", made.error().message()}});
    co_return problems::cannot_seal();
  }
  sealer_ = *std::move(made);
  co_return std::nullopt;
}

std::optional<Problem> CameraConnection::Impl::on_unit(const rtp::VideoUnit& unit,
                                                       const std::optional<codec::VideoFormat>& format) {
  const auto capture = capture_clock_.capture_of(unit.timestamp, parts_.clock.utc(), parts_.clock.steady());
  const bool gap = unit.gap_before || gap_due_;
  auto block = sealer_->seal(seal::BlockKind::Video, flags_of(unit, gap, format), capture, unit.payload);
  if (!block) {
    log::error("ingest", "a picture could not be sealed", {{"reason", block.error().message()}});
    sealer_.reset();
    return problems::cannot_seal();
  }
  gap_due_ = false;
  metrics_.unit(unit.payload.size());
  parts_.publish(*std::move(block));
  newest_us_.store(to_us(capture), std::memory_order_relaxed);

  const bool had_rate = frame_rate_.fps().has_value();
  frame_rate_.on_unit(unit.timestamp, gap);
  const bool reorders = format && format->has_b_frames;
  const bool was_said = status_.video && status_.video->has_b_frames == reorders;
  if (unit.is_key_frame || had_rate != frame_rate_.fps().has_value() || !was_said) update_video(format);
  if (!live_since_) live_since_ = parts_.clock.steady();
  if (unit.is_key_frame) metrics_.packets(counted_, session_->receiver()->stats());
  set({State::Live, note(), ""});
  return std::nullopt;
}

/// Sealed by the same sealer as the pictures, in the order of coming. What goes wrong with it is left out:
/// what is wrong with the sealer, the next picture says.
void CameraConnection::Impl::on_sound(const rtp::AudioUnit& unit, const AudioTrack& track) {
  if (!sealer_ || !live_since_) return;
  capture_clock_.set_sound_rate(track.clock_rate);
  const auto capture =
      capture_clock_.capture_of(TrackKind::Sound, unit.timestamp, parts_.clock.utc(), parts_.clock.steady());
  sound_block_.clear();
  sound_gap_due_ = sound_gap_due_ || unit.gap_before;
  if (!codec::write_audio_frame(track.format, unit.payload, sound_block_)) {
    sound_gap_due_ = true;
    return;
  }
  auto flags = seal::coding_flags(static_cast<seal::AudioCoding>(track.format.codec));
  if (sound_gap_due_) flags |= seal::kFlagGap;
  auto block = sealer_->seal(seal::BlockKind::Audio, flags, capture, sound_block_.view());
  sound_gap_due_ = !block;
  if (!block) return;
  metrics_.sound();
  parts_.publish(*std::move(block));
  update_sound(track.format);
}

void CameraConnection::Impl::update_sound(const std::optional<codec::AudioFormat>& format) {
  if (format == status_.sound) return;
  status_.sound = format;
  if (status_.state == State::Live) tell();
}

void CameraConnection::Impl::update_video(const std::optional<codec::VideoFormat>& format) {
  auto video = format;
  if (video && frame_rate_.fps()) video->fps = *frame_rate_.fps();
  // Until it has been measured again, what was measured before the connection broke is better than what the
  // stream says.
  else if (video && status_.video && status_.video->width == video->width &&
           status_.video->height == video->height)
    video->fps = status_.video->fps;
  if (!video || video == status_.video) return;
  status_.video = std::move(video);
  if (status_.state == State::Live) tell();
}

void CameraConnection::Impl::set(const Problem& problem) {
  if (problem.state == status_.state && problem.reason == status_.reason && problem.advice == status_.advice)
    return;
  if (problem.state != status_.state) {
    metrics_.leave(status_.state);
    metrics_.enter(problem.state);
    status_.since = parts_.clock.utc();
    log::info("ingest", "camera changed state",
              {{"state", std::string(to_string(problem.state))}, {"reason", problem.reason}});
  }
  status_.state = problem.state;
  status_.reason = problem.reason;
  status_.advice = problem.advice;
  tell();
}

/// What its owner may want to know while all is well.
std::string CameraConnection::Impl::note() const {
  const std::string& of_session = session_->note();
  if (!is_without_sound_) return of_session;
  return of_session.empty() ? problems::without_sound() : of_session + " " + problems::without_sound();
}

void CameraConnection::Impl::tell() {
  status_.newest_capture = newest_capture();
  parts_.on_status(status_);
}

CameraConnection::CameraConnection(Parts parts, Source source)
    : impl_(std::make_unique<Impl>(std::move(parts), std::move(source))) {}

CameraConnection::~CameraConnection() = default;
void CameraConnection::start() { impl_->start(); }
io::Task<> CameraConnection::close() { co_await impl_->close(); }
const Status& CameraConnection::status() const { return impl_->status(); }
std::optional<UtcTime> CameraConnection::newest_capture() const { return impl_->newest_capture(); }

}  // namespace jalousie::ingest
