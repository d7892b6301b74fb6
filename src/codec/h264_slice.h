// Picture parameter sets' ids and the start of slice headers: ITU-T H.264 (08/2021) clauses 7.3.2.2
// and 7.3.3.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/h264_sps.h"

namespace jalousie::codec::h264 {

struct Pps {
  std::uint32_t id = 0;      // 0 to 255
  std::uint32_t sps_id = 0;  // 0 to 31
};

/// `nal` is the whole NAL unit. InvalidArgument where it is no PPS, ends early or has an id out of range.
Result<Pps> parse_pps(ByteView nal);

enum class SliceType : std::uint8_t {
  P = 0,
  B = 1,
  I = 2,
  SP = 3,
  SI = 4
};  // slice_type modulo 5, table 7-6

/// What can be read without a parameter set.
struct SliceStart {
  std::uint32_t first_mb = 0;  // 0: the first slice of a picture
  SliceType type = SliceType::P;
  std::uint32_t pps_id = 0;
};

/// `nal` is a NAL unit with a slice header, or its first fragment; nothing where it is not, or is too short.
std::optional<SliceStart> parse_slice_start(ByteView nal);

struct SliceHeader : SliceStart {
  std::uint32_t frame_num = 0;
  bool is_field = false;
  bool is_bottom_field = false;
  std::uint32_t idr_pic_id = 0;         // of IDR pictures
  std::uint32_t pic_order_cnt_lsb = 0;  // where the SPS says type 0
};

/// Up to the picture order count. `sps` is the one that the slice's PPS names.
Result<SliceHeader> parse_slice_header(ByteView nal, const Sps& sps);

}  // namespace jalousie::codec::h264
