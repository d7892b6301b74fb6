#include "codec/h265_sps.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/limits.h"
#include "codec/bit_reader.h"
#include "codec/h265_nal.h"

namespace jalousie::codec::h265 {
namespace {

constexpr std::uint32_t kExtendedSar = 255;
// Clause 7.4.3.2.1: sps_max_dec_pic_buffering_minus1 is below MaxDpbSize, which is 16 at most (A.4.2).
constexpr std::uint32_t kMaxDpbSize = 16;

std::unexpected<Error> invalid(const char* what) { return fail(ErrorKind::InvalidArgument, what); }

/// Clause 7.3.3: profile_tier_level( 1, sub_layers - 1 ).
ProfileTierLevel read_profile(BitReader& reader, unsigned sub_layers) {
  ProfileTierLevel profile;
  profile.profile_space = static_cast<std::uint8_t>(reader.bits(2));
  profile.high_tier = reader.flag();
  profile.profile_idc = static_cast<std::uint8_t>(reader.bits(5));
  profile.compatibility = reader.bits(32);
  for (std::uint8_t& byte : profile.constraints) byte = static_cast<std::uint8_t>(reader.bits(8));
  profile.level_idc = static_cast<std::uint8_t>(reader.bits(8));
  std::array<bool, 7> has_profile{};
  std::array<bool, 7> has_level{};
  for (unsigned i = 0; i + 1 < sub_layers; ++i) {
    has_profile[i] = reader.flag();
    has_level[i] = reader.flag();
  }
  if (sub_layers > 1) reader.skip(2 * (9 - sub_layers));  // reserved_zero_2bits, up to the eighth
  for (unsigned i = 0; i + 1 < sub_layers; ++i)
    reader.skip((has_profile[i] ? 88 : 0) + (has_level[i] ? 8 : 0));
  return profile;
}

/// Clause 7.3.2.2.1, from chroma_format_idc to the conformance window (semantics: 7.4.3.2.1).
Result<> read_size(BitReader& reader, Sps& sps) {
  sps.chroma_format_idc = reader.unsigned_exp_golomb();
  if (sps.chroma_format_idc > 3) return invalid("SPS: chroma format out of range");
  const bool separate_planes = sps.chroma_format_idc == 3 && reader.flag();
  const std::uint64_t width = reader.unsigned_exp_golomb();
  const std::uint64_t height = reader.unsigned_exp_golomb();
  if (width > limits::kVideoSamples || height > limits::kVideoSamples) {
    return fail(ErrorKind::Unsupported, fmt::format("SPS: pictures of {}x{}, at most {} each way", width,
                                                    height, limits::kVideoSamples));
  }
  const std::uint32_t chroma = separate_planes ? 0 : sps.chroma_format_idc;
  const std::uint64_t unit_x = chroma == 1 || chroma == 2 ? 2 : 1;  // SubWidthC
  const std::uint64_t unit_y = chroma == 1 ? 2 : 1;                 // SubHeightC
  std::uint64_t crop_x = 0;
  std::uint64_t crop_y = 0;
  if (reader.flag()) {  // conformance_window_flag
    crop_x = std::uint64_t{reader.unsigned_exp_golomb()} + reader.unsigned_exp_golomb();  // left, right
    crop_y = std::uint64_t{reader.unsigned_exp_golomb()} + reader.unsigned_exp_golomb();  // top, bottom
  }
  if (crop_x * unit_x >= width || crop_y * unit_y >= height) {
    return invalid("SPS: nothing is left inside the conformance window");
  }
  sps.width = static_cast<std::uint32_t>(width - crop_x * unit_x);
  sps.height = static_cast<std::uint32_t>(height - crop_y * unit_y);
  return {};
}

/// Clause 7.3.2.2.1, from bit_depth_luma_minus8 to the ordering of the sub-layers, of which the last is the
/// whole stream's.
bool read_order(BitReader& reader, Sps& sps, unsigned& poc_lsb_bits) {
  const std::uint32_t luma = reader.unsigned_exp_golomb();      // bit_depth_luma_minus8
  const std::uint32_t chroma = reader.unsigned_exp_golomb();    // bit_depth_chroma_minus8
  const std::uint32_t lsb_bits = reader.unsigned_exp_golomb();  // log2_max_pic_order_cnt_lsb_minus4
  if (luma > 8 || chroma > 8 || lsb_bits > 12) return false;
  sps.bit_depth_luma = luma + 8;
  sps.bit_depth_chroma = chroma + 8;
  poc_lsb_bits = lsb_bits + 4;
  const bool each = reader.flag();  // sps_sub_layer_ordering_info_present_flag
  for (unsigned i = each ? 0 : sps.sub_layers - 1; i < sps.sub_layers; ++i) {
    const std::uint32_t buffering = reader.unsigned_exp_golomb();  // sps_max_dec_pic_buffering_minus1
    sps.max_num_reorder_pics = reader.unsigned_exp_golomb();
    static_cast<void>(reader.unsigned_exp_golomb());  // sps_max_latency_increase_plus1
    if (buffering >= kMaxDpbSize || sps.max_num_reorder_pics > buffering) return false;
    sps.max_dec_pic_buffering = buffering + 1;
  }
  return true;
}

/// Clause 7.3.4: scaling_list_data().
void skip_scaling_lists(BitReader& reader) {
  for (unsigned size = 0; size < 4; ++size) {
    for (unsigned matrix = 0; matrix < 6 && reader.ok(); matrix += size == 3 ? 3 : 1) {
      if (!reader.flag()) {                               // scaling_list_pred_mode_flag
        static_cast<void>(reader.unsigned_exp_golomb());  // scaling_list_pred_matrix_id_delta
        continue;
      }
      const unsigned count = std::min(64U, 1U << (4 + (size << 1)));
      if (size > 1) static_cast<void>(reader.signed_exp_golomb());  // scaling_list_dc_coef_minus8
      for (unsigned i = 0; i < count; ++i)
        static_cast<void>(reader.signed_exp_golomb());  // scaling_list_delta_coef
    }
  }
}

/// Clause 7.3.2.2.1, from log2_min_luma_coding_block_size_minus3 to the PCM.
void skip_coding_tools(BitReader& reader) {
  for (int i = 0; i < 6; ++i) static_cast<void>(reader.unsigned_exp_golomb());  // sizes of blocks, depths
  if (reader.flag() && reader.flag()) skip_scaling_lists(reader);  // scaling_list_enabled_flag, _present_flag
  reader.skip(1 + 1);          // amp_enabled_flag, sample_adaptive_offset_enabled_flag
  if (!reader.flag()) return;  // pcm_enabled_flag
  reader.skip(4 + 4);          // PCM sample bit depths
  static_cast<void>(reader.unsigned_exp_golomb());
  static_cast<void>(reader.unsigned_exp_golomb());
  reader.skip(1);  // pcm_loop_filter_disabled_flag
}

/// Clause 7.3.7: st_ref_pic_set( index ). `count` is NumDeltaPocs of the set before, and becomes this one's.
bool skip_short_term_set(BitReader& reader, bool is_first, std::uint32_t& count) {
  if (!is_first && reader.flag()) {                   // inter_ref_pic_set_prediction_flag
    reader.skip(1);                                   // delta_rps_sign
    static_cast<void>(reader.unsigned_exp_golomb());  // abs_delta_rps_minus1
    const std::uint32_t before = count;
    count = 0;
    for (std::uint32_t i = 0; i <= before && reader.ok(); ++i) {
      if (reader.flag() || reader.flag()) ++count;  // used_by_curr_pic_flag, else use_delta_flag
    }
    return count <= kMaxDpbSize;
  }
  const std::uint32_t negative = reader.unsigned_exp_golomb();  // num_negative_pics
  const std::uint32_t positive = reader.unsigned_exp_golomb();  // num_positive_pics
  if (negative > kMaxDpbSize || positive > kMaxDpbSize - negative) return false;
  count = negative + positive;
  for (std::uint32_t i = 0; i < count && reader.ok(); ++i) {
    static_cast<void>(reader.unsigned_exp_golomb());  // delta_poc_s0_minus1, delta_poc_s1_minus1
    reader.skip(1);                                   // used_by_curr_pic_flag
  }
  return true;
}

/// Clause 7.3.2.2.1, the reference picture sets.
bool skip_reference_sets(BitReader& reader, unsigned poc_lsb_bits) {
  const std::uint32_t short_term = reader.unsigned_exp_golomb();  // num_short_term_ref_pic_sets
  if (short_term > 64) return false;
  std::uint32_t count = 0;
  for (std::uint32_t i = 0; i < short_term && reader.ok(); ++i) {
    if (!skip_short_term_set(reader, i == 0, count)) return false;
  }
  if (!reader.flag()) return true;                               // long_term_ref_pics_present_flag
  const std::uint32_t long_term = reader.unsigned_exp_golomb();  // num_long_term_ref_pics_sps
  if (long_term > 32) return false;
  reader.skip(long_term * (poc_lsb_bits + 1));  // lt_ref_pic_poc_lsb_sps, used_by_curr_pic_lt_sps_flag
  return true;
}

/// Annex E.2.1: vui_parameters(), up to the timing.
void read_timing(BitReader& reader, Sps& sps) {
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
  reader.skip(1 + 1 + 1);  // neutral_chroma_indication_flag, field_seq_flag, frame_field_info_present_flag
  if (reader.flag()) {     // default_display_window_flag
    for (int i = 0; i < 4; ++i) static_cast<void>(reader.unsigned_exp_golomb());
  }
  if (!reader.flag()) return;  // vui_timing_info_present_flag
  const std::uint32_t tick = reader.bits(32);
  const std::uint32_t scale = reader.bits(32);
  if (!reader.ok()) return;
  sps.num_units_in_tick = tick;
  sps.time_scale = scale;
}

}  // namespace

double Sps::frames_per_second() const {
  return num_units_in_tick == 0 ? 0 : static_cast<double>(time_scale) / num_units_in_tick;
}

std::string Sps::profile_text() const {
  std::string text;
  if (profile.profile_space > 0) text += static_cast<char>('A' + profile.profile_space - 1);
  std::uint32_t reversed = 0;
  for (int i = 0; i < 32; ++i) reversed |= (profile.compatibility >> i & 1U) << (31 - i);
  text += fmt::format("{}.{:X}.{}{}", profile.profile_idc, reversed, profile.high_tier ? 'H' : 'L',
                      profile.level_idc);
  std::size_t bytes = profile.constraints.size();
  while (bytes > 0 && profile.constraints[bytes - 1] == 0) --bytes;
  for (std::size_t i = 0; i < bytes; ++i) text += fmt::format(".{:X}", profile.constraints[i]);
  return text;
}

Result<Sps> parse_sps(ByteView nal) {
  const NalHeader header(nal);
  if (!header.is_valid || header.type != NalType::Sps || header.layer_id != 0 ||
      nal.size() > limits::kParameterSetBytes) {
    return invalid("SPS: not one, or of no possible size");
  }
  Sps sps;
  BitReader reader(nal.subspan(kNalHeaderBytes));
  sps.vps_id = reader.bits(4);
  sps.sub_layers = reader.bits(3) + 1;
  if (sps.sub_layers > 7) return invalid("SPS: more than seven sub-layers");
  sps.temporal_id_nested = reader.flag();
  sps.profile = read_profile(reader, sps.sub_layers);
  sps.id = reader.unsigned_exp_golomb();
  if (sps.id > 15) return invalid("SPS: id above 15");
  TRY_VOID(read_size(reader, sps));
  unsigned poc_lsb_bits = 0;
  if (!read_order(reader, sps, poc_lsb_bits)) return invalid("SPS: bit depth or picture order out of range");
  skip_coding_tools(reader);
  if (!skip_reference_sets(reader, poc_lsb_bits)) return invalid("SPS: reference pictures out of range");
  reader.skip(1 + 1);  // sps_temporal_mvp_enabled_flag, strong_intra_smoothing_enabled_flag
  const bool has_vui = reader.flag();
  if (!reader.ok()) return invalid("SPS: ends early");
  if (has_vui) read_timing(reader, sps);
  return sps;
}

}  // namespace jalousie::codec::h265
