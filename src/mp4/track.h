// Tracks of a fragmented MP4 as values: what stands in their sample entries. ISO/IEC 14496-12 (boxes),
// 14496-15 (H.264 and H.265 in them), 14496-14 (AAC), "Encapsulation of Opus in ISO Base Media File Format".
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/video_format.h"

namespace jalousie::mp4 {

/// H.264 whose parameter sets stand here and not in the samples ("avc1").
struct Avc {
  Buffer sps;  // whole NAL units
  std::vector<Buffer> pps;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint8_t chroma_format_idc = 1;
  std::uint8_t bit_depth_luma = 8;
  std::uint8_t bit_depth_chroma = 8;

  friend bool operator==(const Avc&, const Avc&) = default;
};

/// H.265 likewise ("hvc1"). The fields are those of profile_tier_level() in the SPS (ITU-T H.265 clause
/// 7.3.3).
struct Hevc {
  std::vector<Buffer> vps;
  std::vector<Buffer> sps;
  std::vector<Buffer> pps;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::uint8_t profile_space = 0;  // 0 to 3
  bool high_tier = false;
  std::uint8_t profile_idc = 1;           // 0 to 31
  std::uint32_t compatibility_flags = 0;  // flag 0 is the highest bit
  std::uint64_t constraint_flags = 0;     // 48 bits
  std::uint8_t level_idc = 0;             // thirty times the level
  std::uint8_t chroma_format_idc = 1;
  std::uint8_t bit_depth_luma = 8;
  std::uint8_t bit_depth_chroma = 8;
  std::uint8_t temporal_layers = 1;
  bool temporal_id_nested = true;

  friend bool operator==(const Hevc&, const Hevc&) = default;
};

struct Aac {
  Buffer audio_specific_config;  // ISO/IEC 14496-3 clause 1.6.2.1: 2 to 64 bytes
  std::uint32_t sample_rate = 0;
  std::uint16_t channels = 0;

  friend bool operator==(const Aac&, const Aac&) = default;
};

/// One or two channels (mapping family 0). Its timescale is 48000 whatever the encoder was fed with.
struct Opus {
  std::uint16_t channels = 2;
  std::uint16_t pre_skip = 0;  // samples at 48 kHz to leave out at the start
  std::uint32_t input_sample_rate = 48'000;

  friend bool operator==(const Opus&, const Opus&) = default;
};

using SampleEntry = std::variant<Avc, Hevc, Aac, Opus>;

struct Track {
  std::uint32_t id = 1;  // from 1
  std::uint32_t timescale = 90'000;
  SampleEntry entry;

  friend bool operator==(const Track&, const Track&) = default;
};

/// From the parameter sets in a key frame (codec/access_unit.h). NotFound where it lacks one; else as
/// parse_sps() of its codec. Unsupported for Motion JPEG, which has no sample entry here.
Result<SampleEntry> video_entry(codec::VideoCodec codec, ByteView unit);

/// What is shown, in pixels; nothing of sound.
struct PictureSize {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  friend bool operator==(const PictureSize&, const PictureSize&) = default;
};
std::optional<PictureSize> picture_size(const SampleEntry& entry);

/// What players call it (RFC 6381 section 3.3, ISO/IEC 14496-15 annex E): "avc1.64001f",
/// "hvc1.1.6.L93.B0", "mp4a.40.2", "opus".
std::string codec_name(const SampleEntry& entry);
/// Of all tracks, with commas between.
std::string codec_names(std::span<const Track> tracks);

}  // namespace jalousie::mp4
