#include "mp4/track.h"

#include <algorithm>

#include <fmt/format.h>

#include "codec/access_unit.h"
#include "codec/h264_nal.h"
#include "codec/h264_sps.h"
#include "codec/h265_nal.h"
#include "codec/h265_sps.h"

namespace jalousie::mp4 {

namespace {

// RFC 6381: profile_idc, the constraint flags and level_idc, as they stand in the SPS.
std::string name_of(const Avc& avc) {
  return fmt::format("avc1.{:02x}{:02x}{:02x}", avc.sps[1], avc.sps[2], avc.sps[3]);
}

std::uint32_t reversed(std::uint32_t bits) {
  std::uint32_t turned = 0;
  for (int i = 0; i < 32; ++i) turned |= (bits >> i & 1U) << (31 - i);
  return turned;
}

// ISO/IEC 14496-15 annex E.3: the compatibility flags in reverse bit order, constraint bytes without zeros at
// their end.
std::string name_of(const Hevc& hevc) {
  constexpr std::string_view kSpaces[] = {"", "A", "B", "C"};
  std::string name =
      fmt::format("hvc1.{}{}.{:X}.{}{}", kSpaces[hevc.profile_space & 3], hevc.profile_idc,
                  reversed(hevc.compatibility_flags), hevc.high_tier ? 'H' : 'L', hevc.level_idc);
  for (std::uint64_t rest = hevc.constraint_flags << 16; rest != 0; rest <<= 8)
    name += fmt::format(".{:X}", rest >> 56);
  return name;
}

// The object type of an AudioSpecificConfig: 5 bits, or 31 and then 6 more.
std::string name_of(const Aac& aac) {
  const ByteView config = aac.audio_specific_config;
  unsigned type = config.empty() ? 2U : config[0] >> 3U;
  if (type == 31 && config.size() > 1) type = 32 + ((config[0] & 7U) << 3U | config[1] >> 5U);
  return fmt::format("mp4a.40.{}", type);
}

std::string name_of(const Opus&) { return "opus"; }

Result<SampleEntry> avc_of(ByteView unit) {
  using codec::h264::NalType;
  Avc avc;
  for (const ByteView nal : codec::NalUnits(unit)) {
    const NalType type = codec::h264::nal_type(nal);
    if (type == NalType::Sps && avc.sps.empty()) avc.sps.assign(nal.begin(), nal.end());
    if (type == NalType::Pps) avc.pps.emplace_back(nal.begin(), nal.end());
  }
  if (avc.sps.empty() || avc.pps.empty())
    return fail(ErrorKind::NotFound, "a key frame without parameter sets");
  TRY(const auto sps, codec::h264::parse_sps(avc.sps));
  avc.width = sps.width;
  avc.height = sps.height;
  avc.chroma_format_idc = static_cast<std::uint8_t>(sps.chroma_format_idc);
  avc.bit_depth_luma = static_cast<std::uint8_t>(sps.bit_depth_luma);
  avc.bit_depth_chroma = static_cast<std::uint8_t>(sps.bit_depth_chroma);
  return avc;
}

Result<SampleEntry> hevc_of(ByteView unit) {
  using codec::h265::NalType;
  Hevc hevc;
  for (const ByteView nal : codec::NalUnits(unit)) {
    const codec::h265::NalHeader header(nal);
    if (!header.is_valid || header.layer_id != 0) continue;
    if (header.type == NalType::Vps) hevc.vps.emplace_back(nal.begin(), nal.end());
    if (header.type == NalType::Sps) hevc.sps.emplace_back(nal.begin(), nal.end());
    if (header.type == NalType::Pps) hevc.pps.emplace_back(nal.begin(), nal.end());
  }
  if (hevc.vps.empty() || hevc.sps.empty() || hevc.pps.empty())
    return fail(ErrorKind::NotFound, "a key frame without parameter sets");
  TRY(const auto sps, codec::h265::parse_sps(hevc.sps.front()));
  hevc.width = sps.width;
  hevc.height = sps.height;
  hevc.profile_space = sps.profile.profile_space;
  hevc.high_tier = sps.profile.high_tier;
  hevc.profile_idc = sps.profile.profile_idc;
  hevc.compatibility_flags = sps.profile.compatibility;
  for (const std::uint8_t byte : sps.profile.constraints)
    hevc.constraint_flags = hevc.constraint_flags << 8 | byte;
  hevc.level_idc = sps.profile.level_idc;
  hevc.chroma_format_idc = static_cast<std::uint8_t>(sps.chroma_format_idc);
  hevc.bit_depth_luma = static_cast<std::uint8_t>(sps.bit_depth_luma);
  hevc.bit_depth_chroma = static_cast<std::uint8_t>(sps.bit_depth_chroma);
  hevc.temporal_layers = static_cast<std::uint8_t>(sps.sub_layers);
  hevc.temporal_id_nested = sps.temporal_id_nested;
  return hevc;
}

}  // namespace

Result<SampleEntry> video_entry(codec::VideoCodec codec, ByteView unit) {
  switch (codec) {
    case codec::VideoCodec::H264:
      return avc_of(unit);
    case codec::VideoCodec::H265:
      return hevc_of(unit);
    case codec::VideoCodec::Jpeg:
      break;
  }
  return fail(ErrorKind::Unsupported, "Motion JPEG has no sample entry");
}

std::optional<PictureSize> picture_size(const SampleEntry& entry) {
  if (const auto* avc = std::get_if<Avc>(&entry)) return PictureSize{avc->width, avc->height};
  if (const auto* hevc = std::get_if<Hevc>(&entry)) return PictureSize{hevc->width, hevc->height};
  return std::nullopt;
}

std::string codec_name(const SampleEntry& entry) {
  return std::visit([](const auto& of) { return name_of(of); }, entry);
}

std::string codec_names(std::span<const Track> tracks) {
  std::string names;
  for (const Track& track : tracks) {
    if (!names.empty()) names += ",";
    names += codec_name(track.entry);
  }
  return names;
}

}  // namespace jalousie::mp4
