// The size of a JPEG image, from its frame header (ITU-T T.81 annex B). What is in it is for decoders.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"

namespace jalousie::codec {

struct JpegSize {
  std::uint16_t width = 0;
  std::uint16_t height = 0;
  friend bool operator==(const JpegSize&, const JpegSize&) = default;
};

/// InvalidArgument where no SOI, or no frame header before the scan; Unsupported where the height comes after
/// the first scan (DNL) or the image is above limits::kVideoSamples.
Result<JpegSize> jpeg_size(ByteView image);

}  // namespace jalousie::codec
