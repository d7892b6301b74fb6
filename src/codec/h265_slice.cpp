#include "codec/h265_slice.h"

#include "base/limits.h"
#include "codec/bit_reader.h"
#include "codec/h265_nal.h"

namespace jalousie::codec::h265 {
namespace {

bool is_whole(ByteView nal, NalType type) {
  const NalHeader header(nal);
  return header.is_valid && header.type == type && nal.size() > kNalHeaderBytes &&
         nal.size() <= limits::kParameterSetBytes;
}

}  // namespace

Result<Vps> parse_vps(ByteView nal) {
  if (!is_whole(nal, NalType::Vps))
    return fail(ErrorKind::InvalidArgument, "VPS: not one, or of no possible size");
  BitReader reader(nal.subspan(kNalHeaderBytes));
  return Vps{reader.bits(4)};
}

Result<Pps> parse_pps(ByteView nal) {
  if (!is_whole(nal, NalType::Pps))
    return fail(ErrorKind::InvalidArgument, "PPS: not one, or of no possible size");
  BitReader reader(nal.subspan(kNalHeaderBytes));
  Pps pps;
  pps.id = reader.unsigned_exp_golomb();
  pps.sps_id = reader.unsigned_exp_golomb();
  if (!reader.ok() || pps.id > 63 || pps.sps_id > 15) {
    return fail(ErrorKind::InvalidArgument, "PPS: ends early, or an id is out of range");
  }
  return pps;
}

std::optional<SliceStart> parse_slice_start(ByteView nal) {
  const NalHeader header(nal);
  if (!is_picture_data(header)) return std::nullopt;
  BitReader reader(nal.subspan(kNalHeaderBytes));
  SliceStart start;
  start.is_first = reader.flag();                     // first_slice_segment_in_pic_flag
  if (is_random_access(header.type)) reader.skip(1);  // no_output_of_prior_pics_flag
  start.pps_id = reader.unsigned_exp_golomb();        // slice_pic_parameter_set_id
  if (!reader.ok() || start.pps_id > 63) return std::nullopt;
  return start;
}

}  // namespace jalousie::codec::h265
