// Which stream of a camera's session description is taken: the first that is H.264 (RFC 6184), which every
// screen can show; where there is none, the first that is H.265 (RFC 7798), then Motion JPEG (RFC 2435), in
// whatever order the description has them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "codec/jpeg.h"
#include "codec/video_format.h"
#include "ingest/status.h"
#include "sdp/sdp.h"

namespace jalousie::ingest {

struct VideoTrack {
  std::size_t media = 0;  // its place in the description
  std::uint8_t payload_type = 0;
  codec::VideoCodec codec = codec::VideoCodec::H264;
  std::string parameter_sets;                // as the description has them, joined by commas; may be empty
  std::optional<codec::JpegSize> size = {};  // of MJPEG, where it is said
  std::optional<codec::VideoFormat> format;  // by those, where they can be read
};

/// The problem names the codec that was found instead.
std::expected<VideoTrack, Problem> pick_video(const sdp::Session& description);

}  // namespace jalousie::ingest
