// RTCP: RFC 3550 section 6 (SR, RR, SDES, BYE), RFC 4585 section 6 (NACK, PLI), RFC 5104 section 4.3.1 (FIR).
// Other packet types and feedback formats (APP, XR, REMB, transport-wide congestion control, ...) are stepped
// over. What comes first in a compound packet is not insisted on: RFC 5506 allows feedback alone, and cameras
// send what they like.
//
// Writing appends one RTCP packet to a ByteWriter; several in a row are a compound packet. The writer is
// sticky: ask ok() at the end.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace jalousie::rtp {

/// 64 bits of NTP timestamp: seconds since 1900 and their fraction (RFC 3550 section 4).
using NtpTime = std::uint64_t;
NtpTime to_ntp(UtcTime time);
/// Seconds below 2^31 are of the era that begins in 2036 (RFC 5905 section 6).
UtcTime from_ntp(NtpTime ntp);
/// The middle 32 bits, as reports carry it.
constexpr std::uint32_t ntp_middle(NtpTime ntp) { return static_cast<std::uint32_t>(ntp >> 16); }

struct ReportBlock {
  std::uint32_t ssrc = 0;                 // of whom it speaks
  std::uint8_t fraction_lost = 0;         // in 256ths, since the last report
  std::int32_t cumulative_lost = 0;       // 24 bits
  std::uint32_t highest_sequence = 0;     // with the count of wraps above
  std::uint32_t jitter = 0;               // in timestamp units
  std::uint32_t last_sr = 0;              // ntp_middle() of the last SR; 0 where none came
  std::uint32_t delay_since_last_sr = 0;  // in 1/65536 s

  friend bool operator==(const ReportBlock&, const ReportBlock&) = default;
};

struct SenderReport {
  std::uint32_t ssrc = 0;
  NtpTime ntp = 0;
  std::uint32_t rtp_timestamp = 0;  // of the same moment
  std::uint32_t packets = 0;
  std::uint32_t octets = 0;           // of payload
  std::vector<ReportBlock> blocks{};  // at most 31
};
struct ReceiverReport {
  std::uint32_t ssrc = 0;
  std::vector<ReportBlock> blocks{};
};
struct SourceDescription {  // one chunk; others of its items are left out
  std::uint32_t ssrc = 0;
  std::string cname;
};
struct Bye {
  std::vector<std::uint32_t> ssrcs;
  std::string reason;
};
struct Nack {
  std::uint32_t sender_ssrc = 0;
  std::uint32_t media_ssrc = 0;
  std::vector<std::uint16_t>
      sequences;  // PID and BLP spread out; what is above limits::kNackSequences is left out
};
struct PictureLoss {
  std::uint32_t sender_ssrc = 0;
  std::uint32_t media_ssrc = 0;
};
struct FullIntraRequest {
  struct Entry {
    std::uint32_t media_ssrc = 0;
    std::uint8_t sequence = 0;  // the same again is a repetition, not a new request
  };
  std::uint32_t sender_ssrc = 0;
  std::vector<Entry> entries;
};

using RtcpPacket =
    std::variant<SenderReport, ReceiverReport, SourceDescription, Bye, Nack, PictureLoss, FullIntraRequest>;

/// All packets of a compound one. InvalidArgument where a version or length does not fit (then nothing of it
/// is used), ResourceExhausted above limits::kRtcpPackets.
Result<std::vector<RtcpPacket>> parse_rtcp(ByteView compound);

void write_sender_report(ByteWriter& writer, const SenderReport& report);
void write_receiver_report(ByteWriter& writer, std::uint32_t ssrc, std::span<const ReportBlock> blocks);
/// SDES with one CNAME of at most 255 bytes.
void write_cname(ByteWriter& writer, std::uint32_t ssrc, std::string_view cname);
/// `sequences` in the order of sending; neighbours up to 16 apart share an entry.
void write_nack(ByteWriter& writer, std::uint32_t sender_ssrc, std::uint32_t media_ssrc,
                std::span<const std::uint16_t> sequences);
void write_picture_loss(ByteWriter& writer, std::uint32_t sender_ssrc, std::uint32_t media_ssrc);
void write_bye(ByteWriter& writer, std::uint32_t ssrc);

/// RFC 3550 section 6.4.1: the way there and back, from a report block about us that arrived at `now`.
/// Nothing where the block names no SR, or the sum is negative.
std::optional<Microseconds> round_trip(const ReportBlock& block, NtpTime now);

}  // namespace jalousie::rtp
