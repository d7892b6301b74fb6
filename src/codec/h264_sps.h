// Sequence parameter sets: ITU-T H.264 (08/2021) clause 7.3.2.1.1 and annex E. What is kept is what size,
// frame rate, order of pictures and slice headers need; all else is stepped over.
#pragma once

#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace jalousie::codec::h264 {

/// The part of VUI (annex E.1.1) that we use.
struct Vui {
  std::uint32_t num_units_in_tick = 0;  // both 0 where timing is not said
  std::uint32_t time_scale = 0;
  /// Nothing where bitstream_restriction is missing.
  std::optional<std::uint32_t> max_num_reorder_frames;
};

struct Sps {
  std::uint8_t profile_idc = 0;
  std::uint8_t constraint_flags = 0;  // constraint_set0_flag is the highest bit
  std::uint8_t level_idc = 0;
  std::uint32_t id = 0;  // 0 to 31
  std::uint32_t chroma_format_idc = 1;
  bool separate_colour_planes = false;
  std::uint32_t bit_depth_luma = 8;
  std::uint32_t bit_depth_chroma = 8;
  unsigned frame_num_bits = 4;
  std::uint32_t pic_order_cnt_type = 0;
  unsigned pic_order_cnt_lsb_bits = 4;  // for type 0
  std::uint32_t max_num_ref_frames = 0;
  bool frames_only = true;  // no interlaced pictures
  std::uint32_t width = 0;  // in luma samples, cropped: what is shown
  std::uint32_t height = 0;
  /// Nothing where it is missing, or damaged: some cameras end it early, and decoders go on without it.
  std::optional<Vui> vui;

  /// Whether pictures may be shown in another order than sent; nothing where the parameter set leaves it
  /// open, so that only slice types tell.
  std::optional<bool> reorders() const;
  /// Frames a second by VUI timing; 0 where it is not said.
  double frames_per_second() const;
  /// profile_idc, constraint flags and level_idc as six hex digits: "42e01f", as in avc1.42e01f (RFC 6381
  /// section 3.3).
  std::string profile_level_id() const;
};

/// `nal` is the whole NAL unit with its header byte. InvalidArgument where it is no SPS, ends early, or says
/// what no level allows; Unsupported above limits::kVideoSamples of width or height.
Result<Sps> parse_sps(ByteView nal);

}  // namespace jalousie::codec::h264
