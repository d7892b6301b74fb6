// One video track: RTP packets as they come, by TCP or UDP, to whole units; and the receiver reports that go
// back. Times are given in; no sockets. What it holds of pictures is wiped when it goes.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "base/time.h"
#include "ingest/status.h"
#include "ingest/video_track.h"
#include "rtp/receiver_report.h"
#include "rtp/reorder_buffer.h"
#include "rtp/rtcp.h"
#include "rtp/video_depacketizer.h"

namespace jalousie::ingest {

class VideoReceiver {
 public:
  using UnitCall = std::function<void(const rtp::VideoUnit&)>;

  /// `reorder`: packets come by UDP. `ssrc` is ours, for reports. `on_unit` is called from on_rtp() and
  /// on_deadline(); the unit is good during the call.
  VideoReceiver(const VideoTrack& track, bool reorder, std::uint32_t ssrc, UnitCall on_unit);

  /// False when it was no packet of this track.
  bool on_rtp(ByteView packet, SteadyTime now);
  /// The sender report of this track in it, where there is one.
  std::optional<rtp::SenderReport> on_rtcp(ByteView packet, SteadyTime now);
  /// When a hole is no longer waited for.
  std::optional<SteadyTime> next_deadline() const;
  void on_deadline(SteadyTime now);

  /// RR and SDES for what came until now; nothing before the first packet.
  std::optional<Buffer> report(SteadyTime now);

  /// Why this stream cannot be taken, once that is sure.
  const std::optional<Problem>& problem() const { return problem_; }
  /// Of what comes; B-frames as they were seen, not as the parameter sets allow them.
  const std::optional<codec::VideoFormat>& format() const { return format_; }
  const rtp::VideoDepacketizer::Stats& stats() const { return depacketizer_->stats(); }

 private:
  void drain(SteadyTime now);
  void take(const rtp::PacketView& packet);
  void note_format(const rtp::VideoUnit& unit);

  std::uint8_t payload_type_;
  std::uint32_t ssrc_;
  UnitCall on_unit_;
  std::unique_ptr<rtp::VideoDepacketizer> depacketizer_;
  std::optional<codec::VideoFormat> format_;
  std::optional<rtp::ReorderBuffer> reorder_;
  rtp::ReceptionStatistics reception_{90'000};
  std::uint32_t media_ssrc_ = 0;
  int units_over_limit_ = 0;
  int unsupported_packets_ = 0;  // since the last unit
  int units_with_b_slices_ = 0;  // since the last key frame
  bool has_b_frames_ = false;
  std::optional<Problem> problem_;
};

}  // namespace jalousie::ingest
