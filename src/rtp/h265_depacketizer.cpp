#include "rtp/h265_depacketizer.h"

#include "codec/h265_nal.h"
#include "codec/h265_slice.h"
#include "rtp/h265_payload.h"

namespace jalousie::rtp {

using codec::h265::NalHeader;
using codec::h265::NalType;

/// RFC 7798 sections 4.4.1 to 4.4.4.
Result<NalDepacketizer::Payload> H265Depacketizer::take_apart(ByteView payload) const {
  constexpr std::size_t kHeader = codec::h265::kNalHeaderBytes;
  if (payload.size() < kHeader) return malformed("a payload without its header");
  const auto type = static_cast<std::uint8_t>(codec::h265::nal_type(payload[0]));
  if (type == h265::kFragment) {
    if (payload.size() < h265::kFuHeaderBytes) return malformed("a fragment without its header");
    const std::uint8_t fu = payload[2];
    return Payload{.kind = Payload::Kind::Fragment,
                   .data = payload.subspan(h265::kFuHeaderBytes),
                   .starts = (fu & h265::kFuStart) != 0,
                   .ends = (fu & h265::kFuEnd) != 0,
                   .header = {h265::with_type(payload[0], fu & h265::kFuTypeBits), payload[1]},
                   .header_bytes = kHeader};
  }
  if (type == h265::kAggregate)
    return Payload{.kind = Payload::Kind::Aggregate, .data = payload.subspan(kHeader)};
  if (type == h265::kPaci) return refused(ErrorKind::Unsupported, "PACI packets are not supported");
  return Payload{.data = payload};
}

NalDepacketizer::Nal H265Depacketizer::look_at(ByteView nal) const {
  const NalHeader header(nal);
  if (!header.is_valid) return {.kind = Nal::Kind::Invalid};
  if (header.type == NalType::EndOfSequence) return {.kind = Nal::Kind::EndOfSequence};
  if (!codec::h265::is_kept(header)) return {.kind = Nal::Kind::LeftOut};
  if (codec::h265::is_parameter_set(header.type))
    return {.kind = Nal::Kind::ParameterSet, .is_sequence_set = header.type == NalType::Sps};
  if (!codec::h265::is_picture_data(header)) return {.kind = Nal::Kind::Sei};
  return {.kind = Nal::Kind::Picture,
          .is_key = codec::h265::is_random_access(header.type),
          .is_disposable = codec::h265::is_unreferred(header, sets_.sub_layers()),
          .refers_past_key = codec::h265::is_rasl(header.type),
          .forgets_before = codec::h265::is_broken_link(header.type)};
}

std::optional<NalDepacketizer::PictureStart> H265Depacketizer::picture_start(ByteView nal) const {
  const auto start = codec::h265::parse_slice_start(nal);
  if (!start) return std::nullopt;
  return PictureStart{start->is_first, start->pps_id};
}

bool H265Depacketizer::may_be_inside(ByteView nal) const {
  return static_cast<std::uint8_t>(codec::h265::nal_type(nal[0])) < h265::kAggregate;
}

std::optional<NalDepacketizer::Sets> H265Depacketizer::sets_for(std::uint32_t pps_id) const {
  auto active = sets_.for_slice(pps_id);
  if (!active) return std::nullopt;
  Sets sets{{active->vps_nal, active->sps_nal}, codec::h265::video_format(*active->sps)};
  sets.nals.insert(sets.nals.end(), active->pps_nals.begin(), active->pps_nals.end());
  return sets;
}

}  // namespace jalousie::rtp
