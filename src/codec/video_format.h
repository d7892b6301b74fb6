// What a video stream is, for people, for session descriptions and for players.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/h264_sps.h"
#include "codec/h265_sps.h"

namespace jalousie::codec {

enum class VideoCodec : std::uint8_t { H264, H265, Jpeg };
std::string_view to_string(VideoCodec codec);  // "H264", "H265", "JPEG", as in SDP

struct VideoFormat {
  VideoCodec codec = VideoCodec::H264;
  /// What a player must be able to decode: of H.264 profile-level-id, "42e01f"; of H.265 profile, tier, level
  /// and constraints as ISO/IEC 14496-15 annex E.3 writes them, "1.6.L120.90"; of JPEG empty.
  std::string profile;
  std::uint32_t width = 0;  // what is shown
  std::uint32_t height = 0;
  double fps = 0;  // as the stream says; 0 where it does not
  /// The stream reorders pictures, so WebRTC cannot carry it. By H.264's SPS this is a guess (false where it
  /// leaves that open): h264::has_b_slices() on the units of the first GOP settles it.
  bool has_b_frames = false;

  /// As in the codecs parameter of RFC 6381, for players: "avc1.42e01f", "hvc1.1.6.L120.90"; empty where no
  /// player has one.
  std::string codec_string() const;

  friend bool operator==(const VideoFormat&, const VideoFormat&) = default;
};

namespace h264 {

VideoFormat video_format(const Sps& sps);
/// From the first SPS in a unit. NotFound where it has none; else as parse_sps().
Result<VideoFormat> video_format(ByteView unit);

}  // namespace h264

namespace h265 {

VideoFormat video_format(const Sps& sps);
/// From the first SPS in a unit. NotFound where it has none; else as parse_sps().
Result<VideoFormat> video_format(ByteView unit);

}  // namespace h265
}  // namespace jalousie::codec
