// From the access units of a key frame and what follows it to one JPEG: libavcodec decodes, libswscale
// scales, libjpeg-turbo encodes. Each call has a decoder of its own; nothing is kept. Runs inside the
// compartment only, so that what a camera sent reaches libavcodec nowhere else.
#pragma once

#include <span>

#include "base/bytes.h"
#include "decode/message.h"

namespace jalousie::decode {

struct Drawn {
  Outcome outcome = Outcome::NoPicture;
  std::uint16_t unit = 0;
  std::uint16_t width = 0;
  std::uint16_t height = 0;
  Buffer jpeg;  // in JFIF: no metadata
};

/// The newest undamaged picture that the units give within the request's work limit.
Drawn draw(const RequestHeader& request, std::span<const ByteView> units);

/// Has every library do each of its parts once, on a picture of its own making, while it still may open what
/// it likes.
bool warm_up();

}  // namespace jalousie::decode
