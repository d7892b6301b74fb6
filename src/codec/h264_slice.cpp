#include "codec/h264_slice.h"

#include "base/limits.h"
#include "codec/bit_reader.h"
#include "codec/h264_nal.h"

namespace jalousie::codec::h264 {
namespace {

/// Clause 7.3.3, the first three elements.
std::optional<SliceStart> read_slice_start(BitReader& reader) {
  SliceStart start;
  start.first_mb = reader.unsigned_exp_golomb();
  const std::uint32_t type = reader.unsigned_exp_golomb();
  start.pps_id = reader.unsigned_exp_golomb();
  if (!reader.ok() || type > 9 || start.pps_id > 255) return std::nullopt;
  start.type = static_cast<SliceType>(type % 5);
  return start;
}

}  // namespace

Result<Pps> parse_pps(ByteView nal) {
  if (nal_type(nal) != NalType::Pps || nal.size() < 2 || nal.size() > limits::kParameterSetBytes) {
    return fail(ErrorKind::InvalidArgument, "PPS: not one, or of no possible size");
  }
  BitReader reader(nal.subspan(1));
  Pps pps;
  pps.id = reader.unsigned_exp_golomb();
  pps.sps_id = reader.unsigned_exp_golomb();
  if (!reader.ok() || pps.id > 255 || pps.sps_id > 31) {
    return fail(ErrorKind::InvalidArgument, "PPS: ends early, or an id is out of range");
  }
  return pps;
}

std::optional<SliceStart> parse_slice_start(ByteView nal) {
  if (!has_slice_header(nal_type(nal))) return std::nullopt;
  BitReader reader(nal.subspan(1));
  return read_slice_start(reader);
}

Result<SliceHeader> parse_slice_header(ByteView nal, const Sps& sps) {
  if (!has_slice_header(nal_type(nal))) return fail(ErrorKind::InvalidArgument, "slice header: not a slice");
  BitReader reader(nal.subspan(1));
  const auto start = read_slice_start(reader);
  if (!start) return fail(ErrorKind::InvalidArgument, "slice header: ends early, or a value is out of range");
  SliceHeader header{*start};
  if (sps.separate_colour_planes) reader.skip(2);  // colour_plane_id
  header.frame_num = reader.bits(sps.frame_num_bits);
  if (!sps.frames_only) {
    header.is_field = reader.flag();
    if (header.is_field) header.is_bottom_field = reader.flag();
  }
  if (nal_type(nal) == NalType::IdrSlice) header.idr_pic_id = reader.unsigned_exp_golomb();
  if (sps.pic_order_cnt_type == 0) header.pic_order_cnt_lsb = reader.bits(sps.pic_order_cnt_lsb_bits);
  if (!reader.ok()) return fail(ErrorKind::InvalidArgument, "slice header: ends early");
  return header;
}

}  // namespace jalousie::codec::h264
