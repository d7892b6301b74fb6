// Media segments: moof and mdat, appended to the caller's own buffer. ISO/IEC 14496-12 (2022) clause 8.8.
//
//   moof [ mfhd sequence | traf [ tfhd track | tfdt decode time | trun samples ] ]  mdat [ their bytes ]
#pragma once

#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "codec/video_format.h"
#include "codec/wiped_buffer.h"

namespace jalousie::mp4 {

struct Sample {
  std::uint32_t bytes = 0;
  std::uint32_t duration = 0;           // in the track's timescale, as all times here
  std::int32_t composition_offset = 0;  // shown this much after it is decoded
  bool is_key = false;
};

struct Fragment {
  std::uint32_t sequence = 1;  // counts up from 1 over a stream's fragments
  std::uint32_t track = 1;
  std::uint64_t decode_time = 0;  // of the first sample
};

/// Appends all but the samples' bytes, which the caller appends behind, in order.
void append_fragment_head(codec::WipedBuffer& to, const Fragment& fragment, std::span<const Sample> samples);

/// Appends a fragment with one picture: `unit` (codec/access_unit.h) without its parameter sets, which stand
/// in the sample entry. `picture` says all but the number of bytes. False, and nothing appended, where
/// nothing is left of the unit.
bool append_picture(codec::WipedBuffer& to, const Fragment& fragment, Sample picture, codec::VideoCodec codec,
                    ByteView unit);

}  // namespace jalousie::mp4
