#include "codec/h264_sps.h"

#include <array>

#include <fmt/format.h>

#include "base/limits.h"
#include "codec/bit_reader.h"
#include "codec/h264_nal.h"

namespace jalousie::codec::h264 {
namespace {

constexpr std::uint32_t kExtendedSar = 255;

/// The profiles whose SPS has chroma format, bit depth and scaling lists (clause 7.3.2.1.1).
bool has_chroma_format(std::uint8_t profile_idc) {
  constexpr std::array<std::uint8_t, 13> kProfiles{100, 110, 122, 244, 44,  83, 86,
                                                   118, 128, 138, 139, 134, 135};
  for (const std::uint8_t profile : kProfiles) {
    if (profile == profile_idc) return true;
  }
  return false;
}

/// Clause 7.3.2.1.1.1: scaling_list().
void skip_scaling_list(BitReader& reader, unsigned size) {
  std::int64_t last = 8;
  std::int64_t next = 8;
  for (unsigned i = 0; i < size && reader.ok(); ++i) {
    if (next != 0) next = (last + reader.signed_exp_golomb() + 256) & 0xFF;  // delta_scale
    if (next != 0) last = next;
  }
}

/// Clause 7.3.2.1.1, from chroma_format_idc to the scaling matrix. False where a value is out of its range.
bool read_chroma_format(BitReader& reader, Sps& sps) {
  sps.chroma_format_idc = reader.unsigned_exp_golomb();
  if (sps.chroma_format_idc > 3) return false;
  if (sps.chroma_format_idc == 3) sps.separate_colour_planes = reader.flag();
  sps.bit_depth_luma = 8 + reader.unsigned_exp_golomb();
  sps.bit_depth_chroma = 8 + reader.unsigned_exp_golomb();
  if (sps.bit_depth_luma < 8 || sps.bit_depth_luma > 14) return false;  // below 8: it wrapped around
  if (sps.bit_depth_chroma < 8 || sps.bit_depth_chroma > 14) return false;
  reader.skip(1);                   // qpprime_y_zero_transform_bypass_flag
  if (!reader.flag()) return true;  // seq_scaling_matrix_present_flag
  const unsigned lists = sps.chroma_format_idc == 3 ? 12 : 8;
  for (unsigned i = 0; i < lists; ++i) {
    if (reader.flag()) skip_scaling_list(reader, i < 6 ? 16 : 64);
  }
  return true;
}

/// Clause 7.3.2.1.1, from log2_max_frame_num_minus4 to gaps_in_frame_num_value_allowed_flag.
bool read_picture_order(BitReader& reader, Sps& sps) {
  const std::uint32_t frame_num_bits = reader.unsigned_exp_golomb();  // log2_max_frame_num_minus4
  if (frame_num_bits > 12) return false;
  sps.frame_num_bits = frame_num_bits + 4;
  sps.pic_order_cnt_type = reader.unsigned_exp_golomb();
  if (sps.pic_order_cnt_type > 2) return false;
  if (sps.pic_order_cnt_type == 0) {
    const std::uint32_t lsb_bits = reader.unsigned_exp_golomb();  // log2_max_pic_order_cnt_lsb_minus4
    if (lsb_bits > 12) return false;
    sps.pic_order_cnt_lsb_bits = lsb_bits + 4;
  } else if (sps.pic_order_cnt_type == 1) {
    reader.skip(1);                                 // delta_pic_order_always_zero_flag
    static_cast<void>(reader.signed_exp_golomb());  // offset_for_non_ref_pic
    static_cast<void>(reader.signed_exp_golomb());  // offset_for_top_to_bottom_field
    const std::uint32_t cycle = reader.unsigned_exp_golomb();
    if (cycle > 255) return false;  // num_ref_frames_in_pic_order_cnt_cycle
    for (std::uint32_t i = 0; i < cycle; ++i) static_cast<void>(reader.signed_exp_golomb());
  }
  sps.max_num_ref_frames = reader.unsigned_exp_golomb();
  reader.skip(1);  // gaps_in_frame_num_value_allowed_flag
  return sps.max_num_ref_frames <= 16;
}

/// Clause 7.3.2.1.1, from pic_width_in_mbs_minus1 to the cropping, with the equations 7-13 to 7-22.
Result<> read_size(BitReader& reader, Sps& sps) {
  const std::uint64_t width = (std::uint64_t{reader.unsigned_exp_golomb()} + 1) * 16;
  const std::uint64_t map_units = std::uint64_t{reader.unsigned_exp_golomb()} + 1;
  sps.frames_only = reader.flag();
  const std::uint64_t fields = sps.frames_only ? 1 : 2;
  const std::uint64_t height = map_units * 16 * fields;
  if (!sps.frames_only) reader.skip(1);  // mb_adaptive_frame_field_flag
  reader.skip(1);                        // direct_8x8_inference_flag
  if (width > limits::kVideoSamples || height > limits::kVideoSamples) {
    return fail(ErrorKind::Unsupported, fmt::format("SPS: pictures of {}x{}, at most {} each way", width,
                                                    height, limits::kVideoSamples));
  }
  const std::uint32_t chroma = sps.separate_colour_planes ? 0 : sps.chroma_format_idc;
  const std::uint64_t unit_x = chroma == 1 || chroma == 2 ? 2 : 1;
  const std::uint64_t unit_y = (chroma == 1 ? 2 : 1) * fields;
  std::uint64_t crop_x = 0;
  std::uint64_t crop_y = 0;
  if (reader.flag()) {  // frame_cropping_flag
    crop_x = std::uint64_t{reader.unsigned_exp_golomb()} + reader.unsigned_exp_golomb();  // left, right
    crop_y = std::uint64_t{reader.unsigned_exp_golomb()} + reader.unsigned_exp_golomb();  // top, bottom
  }
  if (crop_x * unit_x >= width || crop_y * unit_y >= height) {
    return fail(ErrorKind::InvalidArgument, "SPS: nothing is left after cropping");
  }
  sps.width = static_cast<std::uint32_t>(width - crop_x * unit_x);
  sps.height = static_cast<std::uint32_t>(height - crop_y * unit_y);
  return {};
}

/// Annex E.1.2: hrd_parameters().
bool skip_hrd(BitReader& reader) {
  const std::uint32_t count = reader.unsigned_exp_golomb();  // cpb_cnt_minus1
  if (count > 31) return false;
  reader.skip(4 + 4);  // bit_rate_scale, cpb_size_scale
  for (std::uint32_t i = 0; i <= count; ++i) {
    static_cast<void>(reader.unsigned_exp_golomb());  // bit_rate_value_minus1
    static_cast<void>(reader.unsigned_exp_golomb());  // cpb_size_value_minus1
    reader.skip(1);                                   // cbr_flag
  }
  reader.skip(5 + 5 + 5 + 5);  // lengths of delays and of the time offset
  return true;
}

/// Annex E.1.1, up to the timing.
void skip_vui_picture_fields(BitReader& reader) {
  if (reader.flag() && reader.bits(8) == kExtendedSar)
    reader.skip(16 + 16);                       // aspect_ratio_idc, sar_width, sar_height
  if (reader.flag()) reader.skip(1);            // overscan_appropriate_flag
  if (reader.flag()) {                          // video_signal_type_present_flag
    reader.skip(3 + 1);                         // video_format, video_full_range_flag
    if (reader.flag()) reader.skip(8 + 8 + 8);  // colour description
  }
  if (reader.flag()) {  // chroma_loc_info_present_flag
    static_cast<void>(reader.unsigned_exp_golomb());
    static_cast<void>(reader.unsigned_exp_golomb());
  }
}

/// Annex E.1.1: vui_parameters().
std::optional<Vui> read_vui(BitReader& reader) {
  Vui vui;
  skip_vui_picture_fields(reader);
  if (reader.flag()) {  // timing_info_present_flag
    vui.num_units_in_tick = reader.bits(32);
    vui.time_scale = reader.bits(32);
    reader.skip(1);  // fixed_frame_rate_flag
  }
  const bool nal_hrd = reader.flag();
  if (nal_hrd && !skip_hrd(reader)) return std::nullopt;
  const bool vcl_hrd = reader.flag();
  if (vcl_hrd && !skip_hrd(reader)) return std::nullopt;
  if (nal_hrd || vcl_hrd) reader.skip(1);  // low_delay_hrd_flag
  reader.skip(1);                          // pic_struct_present_flag
  if (reader.flag()) {                     // bitstream_restriction_flag
    reader.skip(1);                        // motion_vectors_over_pic_boundaries_flag
    for (int i = 0; i < 4; ++i)
      static_cast<void>(reader.unsigned_exp_golomb());  // denominators, vector lengths
    vui.max_num_reorder_frames = reader.unsigned_exp_golomb();
    if (*vui.max_num_reorder_frames > 16) return std::nullopt;
    static_cast<void>(reader.unsigned_exp_golomb());  // max_dec_frame_buffering
  }
  if (!reader.ok()) return std::nullopt;
  return vui;
}

}  // namespace

std::optional<bool> Sps::reorders() const {
  if (profile_idc == 66 || pic_order_cnt_type == 2)
    return false;  // Baseline has no B slices; type 2 is output in order
  if (vui && vui->max_num_reorder_frames) return *vui->max_num_reorder_frames > 0;
  return std::nullopt;
}

double Sps::frames_per_second() const {
  if (!vui || vui->num_units_in_tick == 0) return 0;
  return static_cast<double>(vui->time_scale) /
         (2.0 * vui->num_units_in_tick);  // a tick is a field's: equation D-2
}

std::string Sps::profile_level_id() const {
  return fmt::format("{:02x}{:02x}{:02x}", profile_idc, constraint_flags, level_idc);
}

Result<Sps> parse_sps(ByteView nal) {
  if (nal_type(nal) != NalType::Sps || nal.size() < 4 || nal.size() > limits::kParameterSetBytes) {
    return fail(ErrorKind::InvalidArgument, "SPS: not one, or of no possible size");
  }
  Sps sps;
  BitReader reader(nal.subspan(1));
  sps.profile_idc = static_cast<std::uint8_t>(reader.bits(8));
  sps.constraint_flags = static_cast<std::uint8_t>(reader.bits(8));
  sps.level_idc = static_cast<std::uint8_t>(reader.bits(8));
  sps.id = reader.unsigned_exp_golomb();
  if (sps.id > 31) return fail(ErrorKind::InvalidArgument, "SPS: id above 31");
  if (has_chroma_format(sps.profile_idc) && !read_chroma_format(reader, sps)) {
    return fail(ErrorKind::InvalidArgument, "SPS: chroma format or bit depth out of range");
  }
  if (!read_picture_order(reader, sps)) {
    return fail(ErrorKind::InvalidArgument, "SPS: frame number or picture order out of range");
  }
  TRY_VOID(read_size(reader, sps));
  const bool has_vui = reader.flag();
  if (!reader.ok()) return fail(ErrorKind::InvalidArgument, "SPS: ends early");
  if (has_vui) sps.vui = read_vui(reader);
  return sps;
}

}  // namespace jalousie::codec::h264
