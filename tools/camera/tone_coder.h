// H.264 (constrained Baseline) for pictures of 96 x 60 flat tones, at the cost of a few microseconds each: a
// place of the identity code is one 4 x 4 block. Uses of the standard (ITU-T H.264, 08/2024) only: Intra 4x4
// by DC and P_L0_16x16 without motion, blocks of one coefficient at most, CAVLC, no loop filter, no colour,
// one slice. What a decoder shows is known exactly, so nothing drifts. docs/design/camera-fleet.md says why.
//
// Units are in the format of codec/access_unit.h. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "identity/code.h"

namespace jalousie::camera {

inline constexpr std::size_t kToneColumns = identity::kTileColumns * identity::kPlaceColumns;
inline constexpr std::size_t kToneRows = identity::kTileRows * identity::kPlaceRows;
inline constexpr std::size_t kTonePixels = 4;  // a tone's width and height in the picture
/// Brightness by place, row by row.
using Tones = std::array<std::uint8_t, kToneColumns * kToneRows>;

class ToneCoder {
 public:
  /// SPS and PPS, without lengths.
  static const std::vector<Buffer>& parameter_sets();

  /// Replaces `unit` by that of the next picture, a key frame with its parameter sets in front where asked
  /// for; the first must be one. Filled up to about `least_bytes`. Tones come out within 5 of what they are.
  void encode(const Tones& tones, bool key_frame, std::size_t least_bytes, Buffer& unit);

  /// What a decoder shows now.
  const Tones& shown() const { return shown_; }

 private:
  Buffer intra_slice(const Tones& tones);
  Buffer inter_slice(const Tones& tones);

  Tones shown_{};
  std::uint8_t frame_number_ = 0;
  bool odd_key_ = false;
};

}  // namespace jalousie::camera
