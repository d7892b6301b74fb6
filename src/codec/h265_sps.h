// Sequence parameter sets: ITU-T H.265 (08/2021) clause 7.3.2.2.1, annex E, and 7.3.3 for profile, tier and
// level. What is kept is what size, frame rate, order of pictures, and players' descriptions of the stream
// need (ISO/IEC 14496-15 clause 8.3.3.1: hvcC); all else is stepped over.
#pragma once

#include <array>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace jalousie::codec::h265 {

/// Of the stream as a whole (general_...).
struct ProfileTierLevel {
  std::uint8_t profile_space = 0;
  bool high_tier = false;
  std::uint8_t profile_idc = 0;
  std::uint32_t compatibility = 0;            // flag 0 is the highest bit
  std::array<std::uint8_t, 6> constraints{};  // from progressive_source_flag on
  std::uint8_t level_idc = 0;                 // 30 times the level
};

struct Sps {
  ProfileTierLevel profile;
  std::uint32_t vps_id = 0;  // 0 to 15
  std::uint32_t id = 0;      // 0 to 15
  unsigned sub_layers = 1;   // temporal ones, 1 to 7
  bool temporal_id_nested = false;
  std::uint32_t chroma_format_idc = 1;
  unsigned bit_depth_luma = 8;
  unsigned bit_depth_chroma = 8;
  std::uint32_t width = 0;  // in luma samples, in the conformance window: what is shown
  std::uint32_t height = 0;
  /// Pictures that may go before one in decoding order and after it in output order; 0: none is reordered.
  std::uint32_t max_num_reorder_pics = 0;
  std::uint32_t max_dec_pic_buffering = 1;
  /// VUI timing; both 0 where it is not said, or damaged: decoders go on without it.
  std::uint32_t num_units_in_tick = 0;
  std::uint32_t time_scale = 0;

  bool reorders() const { return max_num_reorder_pics > 0; }
  /// Frames a second by VUI timing; 0 where it is not said.
  double frames_per_second() const;
  /// As ISO/IEC 14496-15 annex E.3 writes it behind "hvc1.": "1.6.L120.90".
  std::string profile_text() const;
};

/// `nal` is the whole NAL unit with its header. InvalidArgument where it is no SPS, ends early, or says what
/// no level allows; Unsupported above limits::kVideoSamples of width or height.
Result<Sps> parse_sps(ByteView nal);

}  // namespace jalousie::codec::h265
