// Video and picture parameter sets' ids and the start of slice segment headers: ITU-T H.265 (08/2021) clauses
// 7.3.2.1, 7.3.2.3.1 and 7.3.6.1.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"

namespace jalousie::codec::h265 {

struct Vps {
  std::uint32_t id = 0;  // 0 to 15
};
/// `nal` is the whole NAL unit. InvalidArgument where it is no VPS or of no possible size.
Result<Vps> parse_vps(ByteView nal);

struct Pps {
  std::uint32_t id = 0;      // 0 to 63
  std::uint32_t sps_id = 0;  // 0 to 15
};
/// InvalidArgument where it is no PPS, ends early or has an id out of range.
Result<Pps> parse_pps(ByteView nal);

/// What can be read without a parameter set.
struct SliceStart {
  bool is_first = false;  // of its picture
  std::uint32_t pps_id = 0;
};
/// `nal` is a NAL unit with picture data, or its first fragment; nothing where it is not, or is too short.
std::optional<SliceStart> parse_slice_start(ByteView nal);

}  // namespace jalousie::codec::h265
