// Retransmission in a stream of its own: RFC 4588 section 4. The packet is as the original but for SSRC,
// payload type and sequence number; in front of its payload stands the original sequence number (OSN).
//
//    | RTP header, own SSRC and sequence | OSN (2 bytes) | original payload ... |
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "rtp/packet_batch.h"

namespace jalousie::rtp {

/// Appends to `batch` the retransmission of `original`, a clear RTP packet that does not lie in `batch`.
/// InvalidArgument where that is no RTP packet.
Result<> append_rtx(PacketBatch& batch, ByteView original, std::uint32_t ssrc, std::uint8_t payload_type,
                    std::uint16_t sequence);

}  // namespace jalousie::rtp
