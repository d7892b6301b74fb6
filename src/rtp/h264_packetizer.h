// H.264 access units to RTP packets: RFC 6184, packetization mode 1 (STAP-A, section 5.7.1; FU-A, section
// 5.8). How they are cut is in nal_packetizer.h.
#pragma once

#include "rtp/nal_packetizer.h"

namespace jalousie::rtp {

class H264Packetizer final : public NalPacketizer {
 public:
  H264Packetizer(std::uint32_t ssrc, std::uint8_t payload_type, std::size_t max_payload_bytes = kPayloadBytes)
      : NalPacketizer(ssrc, payload_type, max_payload_bytes, 1) {}

 private:
  bool can_carry(ByteView nal) const override;
  void write_aggregate_header(ByteWriter& writer, ByteView nals) const override;
  void write_fragment_header(ByteWriter& writer, ByteView nal, bool starts, bool ends) const override;
};

}  // namespace jalousie::rtp
