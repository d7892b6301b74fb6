// One viewer by fragmented MP4 over a WebSocket: takes the opened pictures of one viewing, each as a message
// of its own, and holds no more than the one that is being written. While it is, the session is not ready,
// and what comes stays sealed in the ring. The message is wiped when it was written.
//
// Lives on one loop, that of its connection. Ends when the client goes, the viewing is ended from above, or
// the camera begins to send what was not asked about: another codec, or B-frames.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/metrics.h"
#include "codec/wiped_buffer.h"
#include "deliver/video_fit.h"
#include "deliver/viewing_desk.h"
#include "deliver/viewing_events.h"
#include "http/message.h"
#include "mp4/track.h"

namespace jalousie::deliver {

/// Counters that all sessions share.
struct MseMetrics {
  explicit MseMetrics(Metrics& metrics);
  Counter& started;
  Counter& pictures;
  Counter& bytes;
  Counter& skipped;  // blocks that slow viewers missed
};

/// In front of every binary message, big endian:
///
///   kind(1)  flags(1)  0(2)  media time, 90 kHz, low 32 bits(4)  capture, us(8)  server's clock, us(8)
struct MseHeader {
  static constexpr std::size_t kBytes = 24;
  enum class Kind : std::uint8_t { Init = 1, Media = 2 };
  enum : std::uint8_t { kKeyFrame = 1, kLive = 2 };
  Kind kind = Kind::Media;
  std::uint8_t flags = 0;
  std::uint32_t media_90khz = 0;
  UtcTime capture{};
  UtcTime now{};

  void append_to(codec::WipedBuffer& message) const;
};

class MseSession final : public stream::Sink {
 public:
  struct Parts {
    ViewingDesk& desk;
    MseMetrics& metrics;
    ViewingEventSink& events;
  };
  /// How the WebSocket is closed when the viewing was ended from above; the reason is its word.
  static constexpr std::uint16_t kViewingEnded = 4000;

  /// `judged`: what the camera was asked about as.
  MseSession(Parts parts, SessionId owner, StreamId stream, codec::VideoCodec judged,
             ViewingDesk::Admission admission);

  /// Sends until the client is gone or the viewing has ended; once. `socket` is the caller's, who waits.
  io::Task<http::WebSocketEnd> serve(http::WebSocket& socket);

  bool is_ready() const override { return message_.empty(); }
  void on_frame(const stream::Frame& frame) override;
  void on_skipped(std::uint64_t count) override;
  void on_ended(keeper::EndReason reason) override;

 private:
  bool take_parameter_sets(ByteView unit);
  std::uint32_t step_to(std::uint32_t shown_90khz);
  bool has_news() const { return skipped_ > 0 || init_due_ || !message_.empty(); }
  io::Task<Result<>> send_news(http::WebSocket& socket);
  io::Task<Result<>> send_init(http::WebSocket& socket);
  io::Task<Result<>> send_picture(http::WebSocket& socket);

  Parts parts_;
  const Clock& clock_;
  SessionId owner_;
  io::Event event_;
  io::Timer patience_;
  codec::WipedBuffer message_;  // a picture that is not written yet; empty: ready for the next
  std::optional<mp4::SampleEntry> entry_;
  bool init_due_ = false;
  VideoWatch video_;
  bool changed_ = false;       // the camera sends something else now
  std::uint64_t skipped_ = 0;  // and not told yet
  std::optional<std::uint32_t> last_shown_90khz_;
  std::uint64_t next_decode_time_ = 0;
  std::uint32_t next_fragment_ = 1;
  http::WebSocket* socket_ = nullptr;
  std::optional<keeper::EndReason> ended_;
  std::unique_ptr<stream::Viewing> viewing_;
  RevocationLine line_;
};

}  // namespace jalousie::deliver
