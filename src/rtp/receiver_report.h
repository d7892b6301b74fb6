// What a receiver counts about one source, for its reports: RFC 3550 appendices A.1 (sequence numbers,
// without the probation of new sources, who were asked for here), A.3 (loss) and A.8 (jitter). Times are
// given in.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"
#include "rtp/rtcp.h"

namespace jalousie::rtp {

class ReceptionStatistics {
 public:
  /// `clock_rate`: of the RTP timestamps, 90'000 for video.
  explicit ReceptionStatistics(std::uint32_t clock_rate) : clock_rate_(clock_rate) {}

  void on_packet(std::uint16_t sequence, std::uint32_t timestamp, SteadyTime arrival);
  void on_sender_report(NtpTime ntp, SteadyTime arrival);
  /// The block about the source `ssrc`, at `now`; begins the interval of the next one. Nothing before the
  /// first packet.
  std::optional<ReportBlock> report(std::uint32_t ssrc, SteadyTime now);

 private:
  void restart(std::uint16_t sequence);
  std::uint32_t extended_highest() const { return cycles_ + highest_; }

  std::uint32_t clock_rate_;
  bool started_ = false;
  std::uint16_t highest_ = 0;
  std::uint32_t cycles_ = 0;  // counts 65536 a wrap
  std::uint32_t base_ = 0;    // first sequence number
  std::uint32_t received_ = 0;
  std::uint32_t expected_prior_ = 0;
  std::uint32_t received_prior_ = 0;

  std::optional<std::int32_t> transit_;
  std::uint32_t jitter_16_ = 0;  // scaled by 16
  struct Heard {
    NtpTime ntp;
    SteadyTime at;
  };
  std::optional<Heard> sender_report_;
};

}  // namespace jalousie::rtp
