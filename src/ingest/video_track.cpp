#include "ingest/video_track.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "base/limits.h"
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

std::optional<codec::VideoFormat> format_of(codec::VideoCodec codec, std::string_view sprop) {
  if (codec == codec::VideoCodec::Jpeg) return std::nullopt;  // its images say it
  const auto sets = codec::parse_sprop_parameter_sets(sprop);
  if (!sets) return std::nullopt;
  for (const auto& nal : *sets) {
    if (codec == codec::VideoCodec::H264) {
      if (const auto sps = codec::h264::parse_sps(nal)) return codec::h264::video_format(*sps);
    } else if (const auto sps = codec::h265::parse_sps(nal)) {
      return codec::h265::video_format(*sps);
    }
  }
  return std::nullopt;
}

VideoTrack track_of(std::size_t media, std::uint8_t payload_type, codec::VideoCodec codec,
                    std::string parameter_sets) {
  auto format = format_of(codec, parameter_sets);
  return {.media = media,
          .payload_type = payload_type,
          .codec = codec,
          .parameter_sets = std::move(parameter_sets),
          .format = std::move(format)};
}

/// RFC 7798 section 7.1: the three kinds of sets have a parameter each.
std::string h265_sets(const sdp::FormatParameters& parameters) {
  std::string all;
  for (const std::string_view name : {"sprop-vps", "sprop-sps", "sprop-pps"}) {
    if (const auto value = sdp::find(parameters, name)) all.append(*value).append(",");
  }
  return all;
}

/// `a=framesize:26 2560-1440` (RFC 6064 section 3.4), `a=x-dimensions:2560,1440`: cameras say so what RTP's
/// own header cannot, above 2040 pixels.
std::optional<codec::JpegSize> size_of(const sdp::Media& media) {
  for (const std::string_view name : {"framesize", "x-dimensions"}) {
    std::string_view text = media.attributes.find(name).value_or("");
    if (const auto blank = text.find(' '); blank != text.npos) text.remove_prefix(blank + 1);
    codec::JpegSize size;
    const char* const end = text.data() + text.size();
    const auto width = std::from_chars(text.data(), end, size.width);
    if (width.ec != std::errc() || width.ptr == end) continue;
    const auto height = std::from_chars(width.ptr + 1, end, size.height);
    if (height.ec != std::errc() || size.width == 0 || size.height == 0) continue;
    if (size.width <= limits::kVideoSamples && size.height <= limits::kVideoSamples) return size;
  }
  return std::nullopt;
}

/// RFC 7798 section 7.1: above 0, every packet carries a decoding order number, and units may be interleaved.
bool is_interleaved(const sdp::FormatParameters& parameters) {
  const auto value = sdp::find(parameters, "sprop-max-don-diff");
  return value && value->find_first_not_of('0') != value->npos;
}

Problem interleaved() {
  return {State::CodecNotSupported,
          "The camera sends H.265 in interleaved packets (sprop-max-don-diff), which are not read here.",
          "Set the video encoding of this stream to H.264 in the camera's own settings."};
}

Problem not_supported(std::string_view name) {
  return {State::CodecNotSupported, fmt::format("The camera sends {}, which browsers cannot show.", name),
          "Set the video encoding of this stream to H.264 in the camera's own settings."};
}

/// How glad we are of a stream: every screen can show H.264, H.265 is smaller than Motion JPEG, and of what
/// is not taken the reason that says most is told.
enum class Rank : std::uint8_t { Nothing, OtherCodec, Interleaved, Jpeg, H265, H264 };

Rank rank_of(std::string_view encoding, const sdp::FormatParameters& parameters) {
  if (encoding == "H264") return Rank::H264;
  if (encoding == "H265" || encoding == "HEVC")
    return is_interleaved(parameters) ? Rank::Interleaved : Rank::H265;
  return encoding == "JPEG" ? Rank::Jpeg : Rank::OtherCodec;
}

/// The stream, or why it is not taken.
std::expected<VideoTrack, Problem> made_of(Rank rank, std::size_t index, const sdp::Media& media,
                                           std::uint8_t payload_type, std::string_view encoding,
                                           const sdp::FormatParameters& parameters) {
  switch (rank) {
    case Rank::H264:
      return track_of(index, payload_type, codec::VideoCodec::H264,
                      std::string(sdp::find(parameters, "sprop-parameter-sets").value_or("")));
    case Rank::H265:
      return track_of(index, payload_type, codec::VideoCodec::H265, h265_sets(parameters));
    case Rank::Jpeg: {
      auto track = track_of(index, payload_type, codec::VideoCodec::Jpeg, "");
      track.size = size_of(media);
      return track;
    }
    case Rank::Interleaved:
      return std::unexpected(interleaved());
    case Rank::Nothing:
    case Rank::OtherCodec:
      break;
  }
  return std::unexpected(not_supported(codec_name(encoding)));
}

}  // namespace

std::expected<VideoTrack, Problem> pick_video(const sdp::Session& description) {
  std::optional<std::expected<VideoTrack, Problem>> best;
  Rank best_rank = Rank::Nothing;
  bool has_video = false;
  for (std::size_t i = 0; i < description.media.size(); ++i) {
    const auto& media = description.media[i];
    if (upper(media.kind) != "VIDEO") continue;
    has_video = true;
    for (const auto& map : media.rtpmaps()) {
      const auto encoding = upper(map.encoding);
      const auto parameters = media.format_parameters(map.payload_type);
      const Rank rank = rank_of(encoding, parameters);
      if (rank <= best_rank) continue;
      best_rank = rank;
      best = made_of(rank, i, media, map.payload_type, encoding, parameters);
    }
  }
  if (best) return *std::move(best);
  if (has_video) return std::unexpected(not_supported(codec_name("")));
  return std::unexpected(
      Problem{State::NoStream, "The camera offers no video at this address.",
              "Check the path of the address in the camera's manual: this one may be for sound alone."});
}

}  // namespace jalousie::ingest
