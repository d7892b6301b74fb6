// The init segment of a fragmented MP4: ftyp and moov, with one trak per track and no samples. ISO/IEC
// 14496-12 (2022).
#pragma once

#include <span>

#include "base/bytes.h"
#include "base/result.h"
#include "mp4/track.h"

namespace jalousie::mp4 {

/// InvalidArgument where a track holds more than its sample entry has room for: parameter sets above
/// limits::kParameterSetBytes or too many of them, or a decoder's configuration above 64 bytes.
Result<Buffer> init_segment(std::span<const Track> tracks);

}  // namespace jalousie::mp4
