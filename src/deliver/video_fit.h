// What a camera sends, held against what a door carries: before a viewing, in words for the camera's owner,
// and picture by picture during one.
#pragma once

#include <string>

#include "codec/video_format.h"
#include "stream/viewing.h"

namespace jalousie::deliver {

/// How pictures come to a browser.
enum class Carrier : std::uint8_t { WebRtc, Mse };

/// For the camera's owner: why this video cannot be shown that way, and what to do.
std::string cannot_show(const codec::VideoFormat& video, Carrier carrier);

/// A viewing was judged by what its camera sent then, or before it had sent a picture.
class VideoWatch {
 public:
  explicit VideoWatch(codec::VideoCodec judged) : judged_(judged) {}
  /// False from the picture on by which the camera sends something else: another codec, or B-frames.
  bool still_fits(const stream::Frame& frame);
  codec::VideoCodec codec() const { return judged_; }

 private:
  codec::VideoCodec judged_;
  int b_frames_ = 0;  // pictures with B slices since the last key frame
};

}  // namespace jalousie::deliver
