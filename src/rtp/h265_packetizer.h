// H.265 access units to RTP packets: RFC 7798 (aggregation packets, section 4.4.2; fragmentation units,
// section 4.4.3), without decoding order numbers, as WebRTC has it. How they are cut is in nal_packetizer.h.
#pragma once

#include "rtp/nal_packetizer.h"

namespace jalousie::rtp {

class H265Packetizer final : public NalPacketizer {
 public:
  H265Packetizer(std::uint32_t ssrc, std::uint8_t payload_type, std::size_t max_payload_bytes = kPayloadBytes)
      : NalPacketizer(ssrc, payload_type, max_payload_bytes, 2) {}

 private:
  bool can_carry(ByteView nal) const override;
  void write_aggregate_header(ByteWriter& writer, ByteView nals) const override;
  void write_fragment_header(ByteWriter& writer, ByteView nal, bool starts, bool ends) const override;
};

}  // namespace jalousie::rtp
