#include "rtp/h264_depacketizer.h"

#include "codec/h264_nal.h"
#include "codec/h264_slice.h"
#include "rtp/h264_payload.h"

namespace jalousie::rtp {

namespace h264 = codec::h264;
using h264::NalType;

/// RFC 6184 sections 5.2, 5.7.1 and 5.8.
Result<NalDepacketizer::Payload> H264Depacketizer::take_apart(ByteView payload) const {
  const std::uint8_t type = payload[0] & kTypeBits;
  if (type == kFuA) {
    if (payload.size() < kFuHeaderBytes) return malformed("FU-A without its header");
    return Payload{
        .kind = Payload::Kind::Fragment,
        .data = payload.subspan(kFuHeaderBytes),
        .starts = (payload[1] & kFuStart) != 0,
        .ends = (payload[1] & kFuEnd) != 0,
        .header = {static_cast<std::uint8_t>((payload[0] & ~kTypeBits) | (payload[1] & kTypeBits))},
        .header_bytes = 1};
  }
  if (type == kStapA) return Payload{.kind = Payload::Kind::Aggregate, .data = payload.subspan(1)};
  if (type > kStapA && type <= kFuB) {
    return refused(ErrorKind::Unsupported, "packetization mode 2 (interleaved) is not supported");
  }
  return Payload{.data = payload};
}

NalDepacketizer::Nal H264Depacketizer::look_at(ByteView nal) const {
  const NalType type = h264::nal_type(nal);
  if (type == NalType{}) return {.kind = Nal::Kind::Invalid};
  if (!h264::is_kept(type)) return {.kind = Nal::Kind::LeftOut};
  if (h264::is_parameter_set(type))
    return {.kind = Nal::Kind::ParameterSet, .is_sequence_set = type == NalType::Sps};
  if (!h264::is_picture_data(type)) return {.kind = Nal::Kind::Sei};
  return {.kind = Nal::Kind::Picture,
          .is_key = type == NalType::IdrSlice,
          .is_disposable = h264::nal_ref_idc(nal[0]) == 0};
}

std::optional<NalDepacketizer::PictureStart> H264Depacketizer::picture_start(ByteView nal) const {
  const auto start = h264::parse_slice_start(nal);
  if (!start) return std::nullopt;
  return PictureStart{start->first_mb == 0, start->pps_id};
}

bool H264Depacketizer::may_be_inside(ByteView nal) const { return (nal[0] & kTypeBits) < kStapA; }

std::optional<NalDepacketizer::Sets> H264Depacketizer::sets_for(std::uint32_t pps_id) const {
  auto active = sets_.for_slice(pps_id);
  if (!active) return std::nullopt;
  Sets sets{{active->sps_nal}, h264::video_format(*active->sps)};
  sets.nals.insert(sets.nals.end(), active->pps_nals.begin(), active->pps_nals.end());
  return sets;
}

}  // namespace jalousie::rtp
