#include "camera/tone_coder.h"

#include <algorithm>
#include <cstdlib>

#include "base/assert.h"
#include "camera/bit_writer.h"

namespace jalousie::camera {
namespace {

constexpr std::uint8_t kSliceHeader = 0x61;  // nal_ref_idc 3
constexpr std::uint8_t kIdrHeader = 0x65;
constexpr std::uint8_t kSeiHeader = 0x06;
constexpr std::uint8_t kSpsHeader = 0x67;
constexpr std::uint8_t kPpsHeader = 0x68;

constexpr std::size_t kBlocks = 4;  // of 4 x 4 pixels, across a macroblock
constexpr std::size_t kMacroblockColumns = kToneColumns / kBlocks;
constexpr std::size_t kMacroblockRows = kToneRows / kBlocks;
// With flat scaling a DC coefficient of 1 at this quantiser is 10 * 2^6 / 64 = 10 steps of brightness
// (section 8.5.12), without a remainder.
constexpr int kQuantiser = 36;
constexpr int kStep = 10;

// Section 9.1.2, table 9-4: codeNum by coded_block_pattern, luma alone.
constexpr std::array<std::uint8_t, 16> kIntraPattern = {3,  29, 30, 17, 31, 18, 37, 8,
                                                        32, 38, 19, 9,  20, 10, 11, 2};
constexpr std::array<std::uint8_t, 16> kInterPattern = {0, 2,  3, 7,  4,  8,  17, 13,
                                                        5, 18, 9, 14, 10, 15, 16, 11};

struct Place {
  std::size_t x, y;
};
/// Of block `index` within a macroblock: figure 6-10.
constexpr Place block_at(std::size_t index) {
  return {(index & 1) + ((index >> 1) & 2), ((index >> 1) & 1) + ((index >> 2) & 2)};
}

/// Levels by block index, and which quarters have any.
struct Macroblock {
  std::array<int, kBlocks * kBlocks> levels{};
  unsigned pattern = 0;
};

/// What a decoder makes of `predicted` and `level`.
std::uint8_t rebuilt(int predicted, int level) {
  return static_cast<std::uint8_t>(std::clamp(predicted + level * kStep, 0, 255));
}

int level_for(int difference) { return (difference + (difference < 0 ? -kStep / 2 : kStep / 2)) / kStep; }

/// residual_block_cavlc() of a block with one coefficient, the first, or none (section 9.2). No neighbour has
/// more, so nC is 0 or 1.
void write_block(BitWriter& writer, int level) {
  if (level == 0) return writer.bits(1, 1);
  if (std::abs(level) == 1) {
    writer.bits(1, 2);                  // coeff_token: one coefficient, a trailing one
    writer.bits(level < 0 ? 1 : 0, 1);  // its sign
  } else {
    writer.bits(5, 6);  // coeff_token: one coefficient, no trailing one
    const auto code = static_cast<unsigned>(level > 0 ? 2 * level - 4 : -2 * level - 3);
    if (code < 14) {
      writer.bits(1, code + 1);  // level_prefix
    } else if (code < 30) {
      writer.bits(1, 15);  // level_prefix 14, four bits of suffix
      writer.bits(code - 14, 4);
    } else {
      writer.bits(1, 16);  // level_prefix 15, twelve bits
      writer.bits(code - 30, 12);
    }
  }
  writer.bits(1, 1);  // total_zeros: none
}

void write_blocks(BitWriter& writer, const Macroblock& macroblock) {
  if (macroblock.pattern == 0) return;
  writer.se(0);  // mb_qp_delta
  for (std::size_t i = 0; i < macroblock.levels.size(); ++i) {
    if ((macroblock.pattern >> (i / 4) & 1) != 0) write_block(writer, macroblock.levels[i]);
  }
}

Buffer make_sps() {
  BitWriter writer(kSpsHeader);
  writer.bits(66, 8);    // profile_idc: Baseline
  writer.bits(0xc0, 8);  // and Main may decode it
  writer.bits(30, 8);    // level_idc 3
  writer.ue(0);          // seq_parameter_set_id
  writer.ue(4);          // frame_num has 8 bits
  writer.ue(2);          // pic_order_cnt_type: as decoded
  writer.ue(1);          // max_num_ref_frames
  writer.bits(0, 1);     // gaps_in_frame_num_value_allowed_flag
  writer.ue(kMacroblockColumns - 1);
  writer.ue(kMacroblockRows - 1);
  writer.bits(1, 1);  // frame_mbs_only_flag
  writer.bits(1, 1);  // direct_8x8_inference_flag
  writer.bits(0, 1);  // frame_cropping_flag
  writer.bits(0, 1);  // vui_parameters_present_flag
  return writer.finish();
}

Buffer make_pps() {
  BitWriter writer(kPpsHeader);
  writer.ue(0);       // pic_parameter_set_id
  writer.ue(0);       // seq_parameter_set_id
  writer.bits(0, 2);  // CAVLC, no field order
  writer.ue(0);       // one slice group
  writer.ue(0);       // num_ref_idx_l0_default_active_minus1
  writer.ue(0);
  writer.bits(0, 3);  // no weighted prediction
  writer.se(kQuantiser - 26);
  writer.se(0);       // pic_init_qs
  writer.se(0);       // chroma_qp_index_offset
  writer.bits(4, 3);  // deblocking_filter_control_present_flag
  return writer.finish();
}

void append(ByteView nal, Buffer& unit) {
  std::array<std::uint8_t, 4> length{};
  ByteWriter(length).u32(static_cast<std::uint32_t>(nal.size()));
  unit.insert(unit.end(), length.begin(), length.end());
  unit.insert(unit.end(), nal.begin(), nal.end());
}

/// user_data_unregistered() (annex D.1.7) of about `bytes` bytes in all, when that is possible.
void append_filling(std::size_t bytes, Buffer& unit) {
  constexpr std::size_t kUuid = 16, kAround = 4 + 1 + 1 + 1;
  if (bytes < kAround + kUuid) return;
  auto size = bytes - kAround;
  size -= size / 255;  // as many bytes say how long it is
  Buffer nal{kSeiHeader, 5};
  for (auto left = size;; left -= 255) {
    nal.push_back(static_cast<std::uint8_t>(std::min<std::size_t>(left, 255)));
    if (left < 255) break;
  }
  nal.insert(nal.end(), size, 0x4a);  // nothing to escape
  nal.push_back(0x80);
  append(nal, unit);
}

}  // namespace

const std::vector<Buffer>& ToneCoder::parameter_sets() {
  static const std::vector<Buffer> sets{make_sps(), make_pps()};
  return sets;
}

void ToneCoder::encode(const Tones& tones, bool key_frame, std::size_t least_bytes, Buffer& unit) {
  unit.clear();
  if (key_frame) {
    frame_number_ = 0;
    odd_key_ = !odd_key_;
    for (const auto& set : parameter_sets()) append(set, unit);
  } else {
    ++frame_number_;
  }
  const auto slice = key_frame ? intra_slice(tones) : inter_slice(tones);
  const auto own = unit.size() + slice.size() + 4;
  if (own < least_bytes) append_filling(least_bytes - own, unit);
  append(slice, unit);
}

Buffer ToneCoder::intra_slice(const Tones& tones) {
  BitWriter writer(kIdrHeader);
  writer.ue(0);                 // first_mb_in_slice
  writer.ue(7);                 // slice_type: I, all
  writer.ue(0);                 // pic_parameter_set_id
  writer.bits(0, 8);            // frame_num
  writer.ue(odd_key_ ? 1 : 0);  // idr_pic_id
  writer.bits(0, 2);            // dec_ref_pic_marking()
  writer.se(0);                 // slice_qp_delta
  writer.ue(1);                 // disable_deblocking_filter_idc
  for (std::size_t row = 0; row < kToneRows; row += kBlocks) {
    for (std::size_t column = 0; column < kToneColumns; column += kBlocks) {
      Macroblock macroblock;
      for (std::size_t i = 0; i < macroblock.levels.size(); ++i) {
        const auto x = column + block_at(i).x, y = row + block_at(i).y;
        const auto at = y * kToneColumns + x;
        // Intra_4x4_DC: the mean of four pixels above and four to the left, as far as there are any.
        const int above = y > 0 ? shown_[at - kToneColumns] : -1, left = x > 0 ? shown_[at - 1] : -1;
        const int predicted = above >= 0 && left >= 0 ? (above + left + 1) / 2
                              : above >= 0            ? above
                              : left >= 0             ? left
                                                      : 128;
        macroblock.levels[i] = level_for(tones[at] - predicted);
        if (macroblock.levels[i] != 0) macroblock.pattern |= 1U << (i / 4);
        shown_[at] = rebuilt(predicted, macroblock.levels[i]);
      }
      writer.ue(0);             // mb_type: I_NxN
      writer.bits(0xffff, 16);  // prev_intra4x4_pred_mode_flag: DC, as everywhere
      writer.ue(0);             // intra_chroma_pred_mode: DC
      writer.ue(kIntraPattern[macroblock.pattern]);
      write_blocks(writer, macroblock);
    }
  }
  return writer.finish();
}

Buffer ToneCoder::inter_slice(const Tones& tones) {
  BitWriter writer(kSliceHeader);
  writer.ue(0);  // first_mb_in_slice
  writer.ue(5);  // slice_type: P, all
  writer.ue(0);  // pic_parameter_set_id
  writer.bits(frame_number_, 8);
  writer.bits(0, 1);  // num_ref_idx_active_override_flag
  writer.bits(0, 1);  // ref_pic_list_modification_flag_l0
  writer.bits(0, 1);  // adaptive_ref_pic_marking_mode_flag
  writer.se(0);       // slice_qp_delta
  writer.ue(1);       // disable_deblocking_filter_idc
  std::uint32_t skipped = 0;
  for (std::size_t row = 0; row < kToneRows; row += kBlocks) {
    for (std::size_t column = 0; column < kToneColumns; column += kBlocks) {
      Macroblock macroblock;
      for (std::size_t i = 0; i < macroblock.levels.size(); ++i) {
        const auto at = (row + block_at(i).y) * kToneColumns + column + block_at(i).x;
        const auto level = level_for(tones[at] - shown_[at]);
        if (level == 0) continue;
        macroblock.levels[i] = level;
        macroblock.pattern |= 1U << (i / 4);
        shown_[at] = rebuilt(shown_[at], level);
      }
      if (macroblock.pattern == 0) {
        ++skipped;
        continue;
      }
      writer.ue(skipped);  // mb_skip_run
      skipped = 0;
      writer.ue(0);  // mb_type: P_L0_16x16
      writer.se(0);  // mvd_l0: nothing moves, nor does what it is predicted from
      writer.se(0);
      writer.ue(kInterPattern[macroblock.pattern]);
      write_blocks(writer, macroblock);
    }
  }
  if (skipped > 0) writer.ue(skipped);
  return writer.finish();
}

}  // namespace jalousie::camera
