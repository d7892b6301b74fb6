// Coded frames of one playing session as RTP packets (RFC 3550, RFC 6184), with sender reports for its RTCP.
// No sockets.
#pragma once

#include <cstdint>
#include <optional>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "camera/facts.h"
#include "camera/feed.h"
#include "camera/sender_reports.h"
#include "rtp/h264_packetizer.h"
#include "rtp/packet_batch.h"

namespace jalousie::camera {

class RtpSender {
 public:
  RtpSender(unsigned fps, RandomSource& random);

  std::uint32_t ssrc() const { return ssrc_; }
  std::uint16_t next_sequence() const { return sequence_; }
  std::uint32_t rtp_time(std::uint64_t frame_number) const {
    return static_cast<std::uint32_t>(first_time_ + frame_number * kVideoClock / fps_);
  }

  /// The packets of a frame, good until the next call.
  Result<rtp::PacketBatch*> packetize(const CodedFrame& frame);
  std::optional<Buffer> report(const CodedFrame& frame, SteadyTime now) {
    return reports_.report(frame.taken, rtp_time(frame.number), now);
  }
  Buffer bye() const { return reports_.bye(); }

 private:
  unsigned fps_;
  std::uint32_t ssrc_;
  std::uint16_t sequence_;
  std::uint32_t first_time_;  // of frame 0
  rtp::H264Packetizer packetizer_;
  rtp::PacketBatch batch_;
  SenderReports reports_;
};

}  // namespace jalousie::camera
