#include "rtp/h264_packetizer.h"

#include <algorithm>

#include "codec/access_unit.h"
#include "rtp/h264_payload.h"

namespace jalousie::rtp {

/// NAL units with types 1 to 23 (RFC 6184 table 1).
bool H264Packetizer::can_carry(ByteView nal) const {
  const std::uint8_t type = nal[0] & kTypeBits;
  return type != 0 && type < kStapA;
}

void H264Packetizer::write_aggregate_header(ByteWriter& writer, ByteView nals) const {
  std::uint8_t forbidden = 0;
  std::uint8_t importance = 0;
  for (const ByteView nal : codec::NalUnits(nals)) {
    forbidden |= nal[0] & kForbiddenBit;
    importance = std::max<std::uint8_t>(importance, nal[0] & kImportanceBits);
  }
  writer.u8(static_cast<std::uint8_t>(forbidden | importance | kStapA));
}

void H264Packetizer::write_fragment_header(ByteWriter& writer, ByteView nal, bool starts, bool ends) const {
  writer.u8(static_cast<std::uint8_t>((nal[0] & (kForbiddenBit | kImportanceBits)) | kFuA));
  writer.u8(static_cast<std::uint8_t>((starts ? kFuStart : 0) | (ends ? kFuEnd : 0) | (nal[0] & kTypeBits)));
}

}  // namespace jalousie::rtp
