// One audio track: RTP packets as they come, by TCP or UDP, to frames; and the receiver reports that go back.
// Whatever comes on it, it gives frames or nothing: there is no fault of the sound that ends a session. Times
// are given in; no sockets. What it holds of sound is wiped when it goes. Private to ingest.
#pragma once

#include <functional>
#include <optional>
#include <variant>

#include "base/time.h"
#include "ingest/audio_track.h"
#include "rtp/frame_depacketizer.h"
#include "rtp/receiver_report.h"
#include "rtp/reorder_buffer.h"
#include "rtp/rtcp.h"

namespace jalousie::ingest {

class AudioReceiver {
 public:
  using UnitCall = std::function<void(const rtp::AudioUnit&)>;

  /// As VideoReceiver's.
  AudioReceiver(AudioTrack track, bool reorder, std::uint32_t ssrc, UnitCall on_unit);

  void on_rtp(ByteView packet, SteadyTime now);
  /// The sender report in it, where there is one.
  std::optional<rtp::SenderReport> on_rtcp(ByteView packet, SteadyTime now);
  std::optional<SteadyTime> next_deadline() const;
  void on_deadline(SteadyTime now);
  std::optional<Buffer> report(SteadyTime now);

  const AudioTrack& track() const { return track_; }

 private:
  void drain(SteadyTime now);
  void take(const rtp::PacketView& packet);

  AudioTrack track_;
  std::uint32_t ssrc_;
  UnitCall on_unit_;
  std::variant<rtp::FrameDepacketizer, rtp::AacDepacketizer> depacketizer_;
  std::optional<rtp::ReorderBuffer> reorder_;
  rtp::ReceptionStatistics reception_;
  std::uint32_t media_ssrc_ = 0;
};

}  // namespace jalousie::ingest
