#include "deliver/video_fit.h"

#include <fmt/format.h>

#include "codec/access_unit.h"
#include "codec/h265_nal.h"
#include "codec/h265_sps.h"

namespace jalousie::deliver {

namespace {

// One may be a bit that flipped on the way to us; so many are how the camera is.
constexpr int kBFramesToBeSure = 3;

// Of those that a door carries.
seal::VideoCoding coding_of(codec::VideoCodec codec) {
  return codec == codec::VideoCodec::H265 ? seal::VideoCoding::H265 : seal::VideoCoding::H264;
}

/// By the SPS of an H.265 key frame, as ingest judges it. One that cannot be read says nothing.
bool says_that_pictures_change_places(ByteView unit) {
  for (const ByteView nal : codec::NalUnits(unit)) {
    const codec::h265::NalHeader header(nal);
    if (!header.is_valid || header.type != codec::h265::NalType::Sps) continue;
    if (const auto sps = codec::h265::parse_sps(nal); sps && sps->reorders()) return true;
  }
  return false;
}

std::string with_b_frames(codec::VideoCodec codec, Carrier carrier) {
  const bool is_h265 = codec == codec::VideoCodec::H265;
  return fmt::format(
      "The camera sends {} with B-frames, of which live video in browsers{} shows one picture in six. Turn "
      "B-frames off in the camera's own video settings{}.",
      is_h265 ? "H.265" : "H.264", carrier == Carrier::WebRtc ? " (WebRTC)" : "",
      is_h265 ? "" : ", or choose the Baseline profile there");
}

}  // namespace

std::string cannot_show(const codec::VideoFormat& video, Carrier carrier) {
  if (video.has_b_frames) return with_b_frames(video.codec, carrier);
  const bool is_h265 = video.codec == codec::VideoCodec::H265;
  const std::string_view why = carrier == Carrier::WebRtc ? "which this browser does not take as live video"
                                                          : "which browsers do not take as live video";
  return fmt::format("The camera sends {}, {}. Set the video encoding to H.264 in the camera's own settings.",
                     is_h265 ? "H.265 (HEVC)" : "Motion JPEG", why);
}

bool VideoWatch::still_fits(const stream::Frame& frame) {
  const auto coding = frame.block->header().video_coding();
  if (coding != coding_of(judged_)) return false;
  const bool is_key = frame.block->header().is_key_frame();
  if (coding == seal::VideoCoding::H265) return !is_key || !says_that_pictures_change_places(frame.clear);
  if (is_key) b_frames_ = 0;  // it is a camera's habit that counts, not what flips in a day
  if (codec::h264::has_b_slices(frame.clear)) ++b_frames_;
  return b_frames_ < kBFramesToBeSure;
}

}  // namespace jalousie::deliver
