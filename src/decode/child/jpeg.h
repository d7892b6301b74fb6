// A decoded picture as a JPEG: scaled down where asked, in the colours that JFIF means (full range, BT.601),
// whatever the camera's are.
#pragma once

#include "decode/child/picture_decoder.h"

extern "C" {
struct AVFrame;
}

namespace jalousie::decode {

/// `width`: of the JPEG, at most; 0: the picture's. Never larger than the picture.
Drawn encode_jpeg(const AVFrame& frame, std::uint16_t width);

}  // namespace jalousie::decode
