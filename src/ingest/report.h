// What a camera hears of how its packets arrive (RFC 3550 section 6.4.2). Private to ingest.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "base/time.h"
#include "rtp/receiver_report.h"

namespace jalousie::ingest {

/// The compound packet from `ssrc`, which is ours, about the camera's `media_ssrc`; nothing before its first
/// packet.
std::optional<Buffer> write_report(rtp::ReceptionStatistics& reception, std::uint32_t ssrc,
                                   std::uint32_t media_ssrc, SteadyTime now);

}  // namespace jalousie::ingest
