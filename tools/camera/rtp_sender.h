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
#include "rtp/h264_packetizer.h"
#include "rtp/packet_batch.h"
#include "rtp/rtcp.h"

namespace jalousie::camera {

inline constexpr Seconds kReportEvery{5};
/// A compound of the report and our CNAME.
Buffer sender_report(const rtp::SenderReport& report);
/// The compound that ends a stream.
Buffer goodbye(std::uint32_t ssrc);

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
  /// A compound of sender report and CNAME, when one is due at `now`: before the first frame, then every five
  /// seconds.
  std::optional<Buffer> report(const CodedFrame& frame, SteadyTime now);
  /// The end of the stream.
  Buffer bye() const;

 private:
  unsigned fps_;
  std::uint32_t ssrc_;
  std::uint16_t sequence_;
  std::uint32_t first_time_;  // of frame 0
  rtp::H264Packetizer packetizer_;
  rtp::PacketBatch batch_;
  std::uint32_t packets_ = 0;
  std::uint32_t octets_ = 0;
  std::optional<SteadyTime> next_report_;
};

}  // namespace jalousie::camera
