// RTCP's numbers: packet types (RFC 3550 section 12.1, RFC 4585 section 6.1) and feedback formats.
#pragma once

#include <cstddef>
#include <cstdint>

namespace jalousie::rtp {

inline constexpr std::uint8_t kSenderReport = 200;
inline constexpr std::uint8_t kReceiverReport = 201;
inline constexpr std::uint8_t kSourceDescription = 202;
inline constexpr std::uint8_t kBye = 203;
inline constexpr std::uint8_t kTransportFeedback = 205;  // RTPFB
inline constexpr std::uint8_t kPayloadFeedback = 206;    // PSFB

inline constexpr std::uint8_t kNackFormat = 1;         // RFC 4585 section 6.2.1
inline constexpr std::uint8_t kPictureLossFormat = 1;  // RFC 4585 section 6.3.1
inline constexpr std::uint8_t kFullIntraFormat = 4;    // RFC 5104 section 4.3.1

inline constexpr std::uint8_t kCnameItem = 1;
inline constexpr std::size_t kReportBlockBytes = 24;
inline constexpr std::size_t kReportBlocks = 31;

}  // namespace jalousie::rtp
