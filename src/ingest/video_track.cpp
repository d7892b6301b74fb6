#include "ingest/video_track.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "codec/parameter_sets.h"

namespace jalousie::ingest {

namespace {

std::string upper(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return result;
}

/// For people. What is not known is not repeated: a camera chose that text.
std::string_view codec_name(std::string_view encoding) {
  static constexpr std::pair<std::string_view, std::string_view> kNames[] = {
      {"H265", "H.265 (HEVC)"},
      {"HEVC", "H.265 (HEVC)"},
      {"H266", "H.266 (VVC)"},
      {"JPEG", "Motion JPEG"},
      {"MP4V-ES", "MPEG-4 Part 2"},
      {"MPV", "MPEG video"},
      {"MP2T", "an MPEG transport stream"},
      {"H263", "H.263"},
      {"H263-1998", "H.263"},
      {"H263-2000", "H.263"},
      {"H261", "H.261"},
      {"AV1", "AV1"},
      {"VP8", "VP8"},
      {"VP9", "VP9"},
      {"H264-SVC", "H.264 SVC"}};
  const auto wanted = upper(encoding);
  for (const auto& [code, name] : kNames) {
    if (code == wanted) return name;
  }
  return "a video format that is not known here";
}

std::optional<codec::VideoFormat> format_of(std::string_view sprop) {
  const auto sets = codec::parse_sprop_parameter_sets(sprop);
  if (!sets) return std::nullopt;
  for (const auto& nal : *sets) {
    if (const auto sps = codec::h264::parse_sps(nal)) return codec::h264::video_format(*sps);
  }
  return std::nullopt;
}

}  // namespace

std::expected<VideoTrack, Problem> pick_video(const sdp::Session& description) {
  std::optional<std::string_view> other;
  bool has_video = false;
  for (std::size_t i = 0; i < description.media.size(); ++i) {
    const auto& media = description.media[i];
    if (upper(media.kind) != "VIDEO") continue;
    has_video = true;
    for (const auto& map : media.rtpmaps()) {
      if (upper(map.encoding) != "H264") {
        if (!other) other = codec_name(map.encoding);
        continue;
      }
      VideoTrack track{.media = i,
                       .payload_type = map.payload_type,
                       .codec = codec::VideoCodec::H264,
                       .parameter_sets = {},
                       .format = {}};
      const auto parameters = media.format_parameters(map.payload_type);
      if (const auto sprop = sdp::find(parameters, "sprop-parameter-sets")) {
        track.parameter_sets = *sprop;
        track.format = format_of(*sprop);
      }
      return track;
    }
  }
  if (!has_video) {
    return std::unexpected(
        Problem{State::NoStream, "The camera offers no video at this address.",
                "Check the path of the address in the camera's manual: this one may be for sound alone."});
  }
  return std::unexpected(
      Problem{State::CodecNotSupported,
              fmt::format("The camera sends {}, which browsers cannot show.", other.value_or(codec_name(""))),
              "Set the video encoding of this stream to H.264 in the camera's own settings."});
}

}  // namespace jalousie::ingest
