// "Test connection": what a camera sends, or why not, within a given time. Nothing of its pictures leaves the
// call.
#pragma once

#include <optional>

#include "base/random.h"
#include "base/time.h"
#include "codec/video_format.h"
#include "ingest/source.h"
#include "ingest/status.h"
#include "io/task.h"

namespace jalousie::ingest {

struct Probe {
  std::optional<codec::VideoFormat> video;  // with its measured rate, where there was time for that
  Problem problem;                          // where there is no video
  bool ok() const { return video.has_value(); }
};

/// On the caller's loop; takes at most about `timeout`. References outlive the call.
io::Task<Probe> probe(Source source, Microseconds timeout, const Clock& clock, RandomSource& random);

}  // namespace jalousie::ingest
