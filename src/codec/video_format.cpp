#include "codec/video_format.h"

#include "codec/access_unit.h"
#include "codec/h264_nal.h"
#include "codec/h265_nal.h"

namespace jalousie::codec {

std::string_view to_string(VideoCodec codec) {
  switch (codec) {
    case VideoCodec::H264:
      return "H264";
    case VideoCodec::H265:
      return "H265";
    case VideoCodec::Jpeg:
      return "JPEG";
  }
  return "unknown";
}

std::string VideoFormat::codec_string() const {
  switch (codec) {
    case VideoCodec::H264:
      return "avc1." + profile;
    case VideoCodec::H265:
      return "hvc1." + profile;
    case VideoCodec::Jpeg:
      break;
  }
  return {};
}

namespace h264 {

VideoFormat video_format(const Sps& sps) {
  return {.codec = VideoCodec::H264,
          .profile = sps.profile_level_id(),
          .width = sps.width,
          .height = sps.height,
          .fps = sps.frames_per_second(),
          .has_b_frames = sps.reorders().value_or(false)};
}

Result<VideoFormat> video_format(ByteView unit) {
  for (const ByteView nal : NalUnits(unit)) {
    if (nal_type(nal) != NalType::Sps) continue;
    TRY(const Sps sps, parse_sps(nal));
    return video_format(sps);
  }
  return fail(ErrorKind::NotFound, "access unit: no SPS");
}

}  // namespace h264

namespace h265 {

VideoFormat video_format(const Sps& sps) {
  return {.codec = VideoCodec::H265,
          .profile = sps.profile_text(),
          .width = sps.width,
          .height = sps.height,
          .fps = sps.frames_per_second(),
          .has_b_frames = sps.reorders()};
}

Result<VideoFormat> video_format(ByteView unit) {
  for (const ByteView nal : NalUnits(unit)) {
    if (NalHeader(nal).type != NalType::Sps) continue;
    TRY(const Sps sps, parse_sps(nal));
    return video_format(sps);
  }
  return fail(ErrorKind::NotFound, "access unit: no SPS");
}

}  // namespace h265
}  // namespace jalousie::codec
