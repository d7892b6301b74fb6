#include "rtp/h265_packetizer.h"

#include <algorithm>

#include "codec/access_unit.h"
#include "codec/h265_nal.h"
#include "rtp/h265_payload.h"

namespace jalousie::rtp {

/// NAL units with types 0 to 47 (RFC 7798 section 4.4).
bool H265Packetizer::can_carry(ByteView nal) const {
  const codec::h265::NalHeader header(nal);
  return header.is_valid && static_cast<std::uint8_t>(header.type) < h265::kAggregate;
}

/// Section 4.4.2: the lowest layer id and the lowest temporal id of all.
void H265Packetizer::write_aggregate_header(ByteWriter& writer, ByteView nals) const {
  unsigned layer = 63;
  unsigned temporal_id = 6;
  for (const ByteView nal : codec::NalUnits(nals)) {
    const codec::h265::NalHeader header(nal);
    layer = std::min(layer, header.layer_id);
    temporal_id = std::min(temporal_id, header.temporal_id);
  }
  writer.u16(static_cast<std::uint16_t>(unsigned{h265::kAggregate} << 9 | layer << 3 | (temporal_id + 1)));
}

void H265Packetizer::write_fragment_header(ByteWriter& writer, ByteView nal, bool starts, bool ends) const {
  writer.u8(h265::with_type(nal[0], h265::kFragment));
  writer.u8(nal[1]);
  const auto type = static_cast<unsigned>(codec::h265::nal_type(nal[0]));
  writer.u8(static_cast<std::uint8_t>((starts ? h265::kFuStart : 0U) | (ends ? h265::kFuEnd : 0U) | type));
}

}  // namespace jalousie::rtp
