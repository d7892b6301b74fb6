#include "rtp/receiver_report.h"

#include <algorithm>
#include <cstdlib>

#include "rtp/sequence.h"

namespace jalousie::rtp {
namespace {

// RFC 3550 appendix A.1: MAX_DROPOUT and MAX_MISORDER, beyond which the source has started anew.
constexpr std::int32_t kMaxDropout = 3000;
constexpr std::int32_t kMaxMisorder = 100;

}  // namespace

void ReceptionStatistics::restart(std::uint16_t sequence) {
  started_ = true;
  highest_ = sequence;
  base_ = sequence;
  cycles_ = 0;
  received_ = expected_prior_ = received_prior_ = 0;
  transit_.reset();
}

void ReceptionStatistics::on_packet(std::uint16_t sequence, std::uint32_t timestamp, SteadyTime arrival) {
  const std::int32_t ahead = started_ ? sequence_distance(highest_, sequence) : 0;
  if (!started_ || ahead >= kMaxDropout || ahead < -kMaxMisorder) {
    restart(sequence);
  } else if (ahead > 0) {
    if (sequence < highest_) cycles_ += 65'536;
    highest_ = sequence;
  }
  ++received_;

  // Appendix A.8. The clock's microseconds in timestamp units; only differences count, so both may wrap.
  const auto us = static_cast<std::uint64_t>(arrival.time_since_epoch().count());
  const auto now =
      static_cast<std::uint32_t>(us / 1'000'000 * clock_rate_ + us % 1'000'000 * clock_rate_ / 1'000'000);
  const auto transit = static_cast<std::int32_t>(now - timestamp);
  if (transit_) {
    const auto difference = static_cast<std::int32_t>(static_cast<std::uint32_t>(transit) -
                                                      static_cast<std::uint32_t>(*transit_));
    const auto size = static_cast<std::uint32_t>(std::abs(std::int64_t{difference}));
    jitter_16_ += size - ((jitter_16_ + 8) >> 4);
  }
  transit_ = transit;
}

void ReceptionStatistics::on_sender_report(NtpTime ntp, SteadyTime arrival) {
  sender_report_ = Heard{ntp, arrival};
}

std::optional<ReportBlock> ReceptionStatistics::report(std::uint32_t ssrc, SteadyTime now) {
  if (!started_) return std::nullopt;
  const std::uint32_t expected = extended_highest() - base_ + 1;
  const std::int64_t lost = std::int64_t{expected} - received_;
  const std::uint32_t expected_here = expected - expected_prior_;
  const std::int64_t lost_here = std::int64_t{expected_here} - (received_ - received_prior_);
  expected_prior_ = expected;
  received_prior_ = received_;

  ReportBlock block;
  block.ssrc = ssrc;
  if (expected_here != 0 && lost_here > 0) {
    block.fraction_lost =
        static_cast<std::uint8_t>(std::min<std::int64_t>(255, lost_here * 256 / expected_here));
  }
  block.cumulative_lost = static_cast<std::int32_t>(std::clamp<std::int64_t>(lost, -0x800000, 0x7FFFFF));
  block.highest_sequence = extended_highest();
  block.jitter = jitter_16_ >> 4;
  if (sender_report_) {
    block.last_sr = ntp_middle(sender_report_->ntp);
    const std::int64_t us = std::max<std::int64_t>(0, (now - sender_report_->at).count());
    block.delay_since_last_sr = static_cast<std::uint32_t>(us * 65'536 / 1'000'000);
  }
  return block;
}

}  // namespace jalousie::rtp
