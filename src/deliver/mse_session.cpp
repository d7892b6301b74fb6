#include "deliver/mse_session.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/log.h"
#include "mp4/init_segment.h"
#include "mp4/media_segment.h"

namespace jalousie::deliver {

namespace {

constexpr std::uint32_t kTrack = 1;
// How long the first picture lasts, of which nothing is known: 25 a second.
constexpr std::uint32_t kFirstStep_90khz = 3600;
// Players round times to milliseconds: less is nothing. More than a second is a camera that was away.
constexpr std::uint32_t kShortestStep_90khz = 90;
constexpr std::uint32_t kLongestStep_90khz = 90'000;
// What a write that is under way may still take when the viewing was ended: pictures stop within 1 s.
constexpr Microseconds kCutAfter = Milliseconds(500);

}  // namespace

MseMetrics::MseMetrics(Metrics& metrics)
    : started(metrics.counter("jalousie_deliver_mse_sessions_total", "MSE sessions that were begun")),
      pictures(metrics.counter("jalousie_deliver_mse_pictures_total", "Pictures sent to MSE viewers")),
      bytes(metrics.counter("jalousie_deliver_mse_bytes_total", "Bytes of messages sent to MSE viewers")),
      skipped(metrics.counter("jalousie_deliver_mse_skipped_blocks_total",
                              "Pictures, and sound between, that slow MSE viewers missed")) {}

void MseHeader::append_to(codec::WipedBuffer& message) const {
  ByteWriter writer(message.extend(kBytes));
  writer.u8(static_cast<std::uint8_t>(kind));
  writer.u8(flags);
  writer.u16(0);
  writer.u32(media_90khz);
  writer.u64(static_cast<std::uint64_t>(to_us(capture)));
  writer.u64(static_cast<std::uint64_t>(to_us(now)));
}

MseSession::MseSession(Parts parts, SessionId owner, StreamId stream, codec::VideoCodec judged,
                       ViewingDesk::Admission admission)
    : parts_(parts),
      clock_(parts.desk.here().clock()),
      owner_(owner),
      event_(parts.desk.here().loop()),
      patience_(parts.desk.here().loop()),
      video_(judged),
      viewing_(parts.desk.watch(stream, std::move(admission.grant), *this)),
      line_(std::move(admission.line)) {
  parts_.metrics.started.add();
  line_.connect(*viewing_);
}

io::Task<http::WebSocketEnd> MseSession::serve(http::WebSocket& socket) {
  socket_ = &socket;
  const std::string hello = fmt::format(R"({{"type":"viewing","id":"{}"}})", viewing_->id().to_string());
  bool there = (co_await socket.send_text(hello)).has_value();
  viewing_->start();
  while (there && !ended_ && !changed_) {
    if (has_news()) {
      there = (co_await send_news(socket)).has_value();
    } else {
      co_await event_.wait(Microseconds::max());
    }
  }
  socket_ = nullptr;
  patience_.cancel();
  message_.wipe();
  if (!ended_) co_return http::WebSocketEnd{};
  co_return http::WebSocketEnd{kViewingEnded, std::string(keeper::to_string(*ended_))};
}

// In the order in which the client needs them.
io::Task<Result<>> MseSession::send_news(http::WebSocket& socket) {
  if (skipped_ > 0) {
    const std::string text = fmt::format(R"({{"type":"skipped","blocks":{}}})", std::exchange(skipped_, 0));
    co_return co_await socket.send_text(text);
  }
  if (std::exchange(init_due_, false)) co_return co_await send_init(socket);
  co_return co_await send_picture(socket);
}

io::Task<Result<>> MseSession::send_init(http::WebSocket& socket) {
  const mp4::Track track{.id = kTrack, .entry = *entry_};
  const auto size = mp4::picture_size(track.entry).value_or(mp4::PictureSize{});
  CO_TRY(const Buffer segment, mp4::init_segment(std::span(&track, 1)));
  const std::string text = fmt::format(R"({{"type":"init","codecs":"{}","width":{},"height":{}}})",
                                       mp4::codec_name(track.entry), size.width, size.height);
  CO_TRY_VOID(co_await socket.send_text(text));
  codec::WipedBuffer message;
  MseHeader{.kind = MseHeader::Kind::Init, .now = clock_.utc()}.append_to(message);
  message.append(segment);
  co_return co_await socket.send_binary(message.view());
}

io::Task<Result<>> MseSession::send_picture(http::WebSocket& socket) {
  auto sent = co_await socket.send_binary(message_.view());
  parts_.metrics.pictures.add();
  parts_.metrics.bytes.add(static_cast<double>(message_.size()));
  message_.wipe();
  if (sent) viewing_->pump();
  co_return sent;
}

// Whether the session knows what the pictures from here on need.
bool MseSession::take_parameter_sets(ByteView unit) {
  auto entry = mp4::video_entry(video_.codec(), unit);
  if (!entry) {
    log::error("deliver", "a key frame that cannot be written as MP4",
               {{"viewing", viewing_->id().to_string()}, {"why", entry.error().message()}});
    entry_.reset();
  } else if (entry_ != *entry) {
    entry_ = *std::move(entry);
    init_due_ = true;
  }
  return entry_.has_value();
}

std::uint32_t MseSession::step_to(std::uint32_t shown_90khz) {
  const auto last = std::exchange(last_shown_90khz_, shown_90khz);
  if (!last) return kFirstStep_90khz;
  return std::clamp(shown_90khz - *last, kShortestStep_90khz, kLongestStep_90khz);
}

void MseSession::on_frame(const stream::Frame& frame) {
  const seal::BlockHeader& header = frame.block->header();
  if (ended_ || changed_) return;
  if (!video_.still_fits(frame)) {
    log::info("deliver", "the camera sends something else now; its viewers ask again",
              {{"viewing", viewing_->id().to_string()}});
    changed_ = true;
    event_.notify();
    return;
  }
  if (header.is_key_frame() ? !take_parameter_sets(frame.clear) : !entry_) return;
  const std::uint32_t step = step_to(frame.rtp_timestamp);
  const auto flags = static_cast<std::uint8_t>((header.is_key_frame() ? MseHeader::kKeyFrame : 0) |
                                               (frame.is_live ? MseHeader::kLive : 0));
  MseHeader{.flags = flags,
            .media_90khz = static_cast<std::uint32_t>(next_decode_time_),
            .capture = header.capture,
            .now = clock_.utc()}
      .append_to(message_);
  if (!mp4::append_picture(message_, {next_fragment_, kTrack, next_decode_time_},
                           {.duration = step, .is_key = header.is_key_frame()}, video_.codec(),
                           frame.clear)) {
    message_.clear();
    return;
  }
  ++next_fragment_;
  next_decode_time_ += step;
  event_.notify();
}

void MseSession::on_skipped(std::uint64_t count) {
  skipped_ += count;
  parts_.metrics.skipped.add(static_cast<double>(count));
  log::info("deliver", "viewer fell behind; going on at the newest key frame",
            {{"viewing", viewing_->id().to_string()}, {"blocks", std::to_string(count)}});
}

void MseSession::on_ended(keeper::EndReason reason) {
  ended_ = reason;
  parts_.events.viewing_ended(owner_, viewing_->id(), reason);
  event_.notify();
  patience_.start(kCutAfter, [this] {
    if (socket_ != nullptr) socket_->cut();
  });
}

}  // namespace jalousie::deliver
