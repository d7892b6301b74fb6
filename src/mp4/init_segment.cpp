#include "mp4/init_segment.h"

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "mp4/box_writer.h"

namespace jalousie::mp4 {

namespace {

constexpr std::size_t kSetsOfOneKind = 31;  // numOfSequenceParameterSets has 5 bits
constexpr std::size_t kDecoderConfigBytes =
    64;  // an AudioSpecificConfig is a handful; descriptors have 7-bit lengths

// ISO/IEC 14496-12 clause 8.2.2.3: the unity matrix, in 16.16 and 2.30 fixed point.
constexpr std::array<std::uint32_t, 9> kUnity{0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000};

bool is_video(const SampleEntry& entry) {
  return std::holds_alternative<Avc>(entry) || std::holds_alternative<Hevc>(entry);
}

bool fits(std::span<const Buffer> sets) {
  return sets.size() <= kSetsOfOneKind && std::ranges::all_of(sets, [](const Buffer& set) {
           return !set.empty() && set.size() <= limits::kParameterSetBytes;
         });
}

bool fits(const Avc& avc) { return fits(std::span(&avc.sps, 1)) && avc.sps.size() >= 4 && fits(avc.pps); }
bool fits(const Hevc& hevc) { return fits(hevc.vps) && fits(hevc.sps) && fits(hevc.pps); }
bool fits(const Aac& aac) { return aac.audio_specific_config.size() <= kDecoderConfigBytes; }
bool fits(const Opus& opus) { return opus.channels >= 1 && opus.channels <= 2; }

void write_set(BoxWriter& to, const Buffer& set) {
  to.u16(static_cast<std::uint32_t>(set.size()));
  to.bytes(set);
}

/// ISO/IEC 14496-15 clause 5.3.3.1: AVCDecoderConfigurationRecord.
void write_config(BoxWriter& to, const Avc& avc) {
  const auto box = to.box("avcC");
  to.u8(1);  // configurationVersion
  to.bytes(ByteView(avc.sps).subspan(1, 3));
  to.u8(0b11111100 | 3);  // lengthSizeMinusOne
  to.u8(0b11100000 | 1);  // numOfSequenceParameterSets
  write_set(to, avc.sps);
  to.u8(static_cast<std::uint32_t>(avc.pps.size()));
  for (const Buffer& pps : avc.pps) write_set(to, pps);
  const std::uint8_t profile = avc.sps[1];
  if (profile != 100 && profile != 110 && profile != 122 && profile != 144) return;
  to.u8(0b11111100U | avc.chroma_format_idc);
  to.u8(0b11111000U | (avc.bit_depth_luma - 8U));
  to.u8(0b11111000U | (avc.bit_depth_chroma - 8U));
  to.u8(0);  // numOfSequenceParameterSetExt
}

/// ISO/IEC 14496-15 clause 8.3.3.1: HEVCDecoderConfigurationRecord.
void write_config(BoxWriter& to, const Hevc& hevc) {
  constexpr std::uint8_t kVps = 32;  // nal_unit_type; SPS and PPS follow it
  const auto box = to.box("hvcC");
  to.u8(1);  // configurationVersion
  to.u8(
      static_cast<std::uint32_t>(hevc.profile_space << 6 | (hevc.high_tier ? 1 : 0) << 5 | hevc.profile_idc));
  to.u32(hevc.compatibility_flags);
  to.u48(hevc.constraint_flags);
  to.u8(hevc.level_idc);
  to.u16(0b1111 << 12);  // min_spatial_segmentation_idc: not said
  to.u8(0b11111100);     // parallelismType: not said
  to.u8(0b11111100U | hevc.chroma_format_idc);
  to.u8(0b11111000U | (hevc.bit_depth_luma - 8U));
  to.u8(0b11111000U | (hevc.bit_depth_chroma - 8U));
  to.u16(0);  // avgFrameRate: not said
  to.u8(static_cast<std::uint32_t>(hevc.temporal_layers << 3 | (hevc.temporal_id_nested ? 1 : 0) << 2 | 3));
  to.u8(3);  // numOfArrays
  for (std::uint8_t kind = 0; kind < 3; ++kind) {
    const auto& sets = kind == 0 ? hevc.vps : kind == 1 ? hevc.sps : hevc.pps;
    to.u8(0x80U | (kVps + kind));  // array_completeness: none in the samples
    to.u16(static_cast<std::uint32_t>(sets.size()));
    for (const Buffer& set : sets) write_set(to, set);
  }
}

/// ISO/IEC 14496-14 clause 6.7 and 14496-1 clause 7.2.6: ES_Descriptor, DecoderConfigDescriptor,
/// DecoderSpecificInfo, SLConfigDescriptor; all shorter than 128 bytes.
void write_config(BoxWriter& to, const Aac& aac) {
  const auto config = static_cast<std::uint32_t>(aac.audio_specific_config.size());
  const auto box = to.full_box("esds", 0, 0);
  to.u8(0x03);
  to.u8(3 + (2 + 13 + 2 + config) + 3);
  to.u16(0);  // ES_ID
  to.u8(0);
  to.u8(0x04);
  to.u8(13 + 2 + config);
  to.u8(0x40);          // objectTypeIndication: ISO/IEC 14496-3
  to.u8(5 << 2 | 1);    // streamType: audio
  to.zeros(3 + 4 + 4);  // bufferSizeDB, maxBitrate, avgBitrate: not said
  to.u8(0x05);
  to.u8(config);
  to.bytes(aac.audio_specific_config);
  to.u8(0x06);
  to.u8(1);
  to.u8(2);  // predefined: for MP4
}

/// "Encapsulation of Opus in ISO Base Media File Format", 4.3.2.
void write_config(BoxWriter& to, const Opus& opus) {
  const auto box = to.box("dOps");
  to.u8(0);  // Version
  to.u8(opus.channels);
  to.u16(opus.pre_skip);
  to.u32(opus.input_sample_rate);
  to.u16(0);  // OutputGain
  to.u8(0);   // ChannelMappingFamily
}

// Clause 12.1.3: VisualSampleEntry.
template <class Video>
void write_video(BoxWriter& to, std::string_view type, const Video& video) {
  const auto entry = to.box(type);
  to.zeros(6);
  to.u16(1);  // data_reference_index
  to.zeros(16);
  to.u16(video.width);
  to.u16(video.height);
  to.u32(72 << 16);  // horizontal and vertical resolution
  to.u32(72 << 16);
  to.u32(0);
  to.u16(1);  // frame_count
  to.zeros(32);
  to.u16(24);      // depth
  to.u16(0xFFFF);  // pre_defined = -1
  write_config(to, video);
}

// Clause 12.2.3: AudioSampleEntry.
template <class Audio>
void write_audio(BoxWriter& to, std::string_view type, std::uint32_t rate, const Audio& audio) {
  const auto entry = to.box(type);
  to.zeros(6);
  to.u16(1);  // data_reference_index
  to.zeros(8);
  to.u16(audio.channels);
  to.u16(16);  // samplesize
  to.u32(0);
  to.u32(rate <= 0xFFFF ? rate << 16 : 0);  // 16.16; what does not fit stands in the decoder's configuration
  write_config(to, audio);
}

void write_entry(BoxWriter& to, const Avc& avc) { write_video(to, "avc1", avc); }
void write_entry(BoxWriter& to, const Hevc& hevc) { write_video(to, "hvc1", hevc); }
void write_entry(BoxWriter& to, const Aac& aac) { write_audio(to, "mp4a", aac.sample_rate, aac); }
void write_entry(BoxWriter& to, const Opus& opus) { write_audio(to, "Opus", 48'000, opus); }

void write_matrix(BoxWriter& to) {
  for (const std::uint32_t value : kUnity) to.u32(value);
}

// Clause 8.5: no samples here, they are in the fragments.
void write_sample_table(BoxWriter& to, const SampleEntry& entry) {
  const auto stbl = to.box("stbl");
  {
    const auto stsd = to.full_box("stsd", 0, 0);
    to.u32(1);
    std::visit([&](const auto& of) { write_entry(to, of); }, entry);
  }
  for (const std::string_view empty : {"stts", "stsc", "stco"}) {
    const auto box = to.full_box(empty, 0, 0);
    to.u32(0);
  }
  const auto stsz = to.full_box("stsz", 0, 0);
  to.u32(0);
  to.u32(0);
}

void write_media_information(BoxWriter& to, const SampleEntry& entry) {
  const auto minf = to.box("minf");
  if (is_video(entry)) {
    const auto vmhd = to.full_box("vmhd", 0, 1);
    to.zeros(8);
  } else {
    const auto smhd = to.full_box("smhd", 0, 0);
    to.zeros(4);
  }
  {
    const auto dinf = to.box("dinf");
    const auto dref = to.full_box("dref", 0, 0);
    to.u32(1);
    const auto url = to.full_box("url ", 0, 1);  // the media is in this file
  }
  write_sample_table(to, entry);
}

void write_media(BoxWriter& to, const Track& track) {
  const auto mdia = to.box("mdia");
  {
    const auto mdhd = to.full_box("mdhd", 0, 0);
    to.zeros(8);
    to.u32(track.timescale);
    to.u32(0);
    to.u16(0x55C4);  // language: und
    to.u16(0);
  }
  {
    const auto hdlr = to.full_box("hdlr", 0, 0);
    to.u32(0);
    to.bytes(as_bytes(is_video(track.entry) ? "vide" : "soun"));
    to.zeros(12 + 1);  // and an empty name
  }
  write_media_information(to, track.entry);
}

std::pair<std::uint32_t, std::uint32_t> size_of(const SampleEntry& entry) {
  if (const auto* avc = std::get_if<Avc>(&entry)) return {avc->width, avc->height};
  if (const auto* hevc = std::get_if<Hevc>(&entry)) return {hevc->width, hevc->height};
  return {0, 0};
}

void write_track(BoxWriter& to, const Track& track) {
  const auto trak = to.box("trak");
  {
    const auto tkhd = to.full_box("tkhd", 0, 3);  // enabled, in the presentation
    to.zeros(8);
    to.u32(track.id);
    to.zeros(4 + 4 + 8 + 2 + 2);
    to.u16(is_video(track.entry) ? 0 : 0x100);  // volume
    to.zeros(2);
    write_matrix(to);
    const auto [width, height] = size_of(track.entry);
    to.u32(width << 16);
    to.u32(height << 16);
  }
  write_media(to, track);
}

void write_movie_header(BoxWriter& to, std::uint32_t next_track) {
  const auto mvhd = to.full_box("mvhd", 0, 0);
  to.zeros(8);
  to.u32(1000);  // timescale
  to.u32(0);
  to.u32(0x10000);  // rate
  to.u16(0x100);    // volume
  to.zeros(10);
  write_matrix(to);
  to.zeros(24);
  to.u32(next_track);
}

void write_movie(BoxWriter& to, std::span<const Track> tracks, std::uint32_t next_track) {
  const auto moov = to.box("moov");
  write_movie_header(to, next_track);
  for (const Track& track : tracks) write_track(to, track);
  const auto mvex = to.box("mvex");
  for (const Track& track : tracks) {
    const auto trex = to.full_box("trex", 0, 0);
    to.u32(track.id);
    to.u32(1);  // default_sample_description_index
    to.zeros(12);
  }
}

}  // namespace

Result<Buffer> init_segment(std::span<const Track> tracks) {
  std::uint32_t next_track = 1;
  for (const Track& track : tracks) {
    if (!std::visit([](const auto& of) { return fits(of); }, track.entry))
      return fail(ErrorKind::InvalidArgument, "a decoder's configuration is beyond what MP4 holds");
    next_track = std::max(next_track, track.id + 1);
  }
  Buffer segment;
  segment.reserve(1024);
  BoxWriter to(segment);
  {
    const auto ftyp = to.box("ftyp");
    to.bytes(as_bytes("iso6"));
    to.u32(0);
    to.bytes(as_bytes("iso6mp41"));
  }
  write_movie(to, tracks, next_track);
  return segment;
}

}  // namespace jalousie::mp4
