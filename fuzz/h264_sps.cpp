// Parameter sets and slice headers: the first byte chooses; sizes stay within the limits, and the texts about
// them can be made.
#include <cstdlib>

#include "base/limits.h"
#include "codec/annex_b.h"
#include "codec/h264_slice.h"
#include "codec/parameter_sets.h"
#include "codec/video_format.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace jalousie;
  using namespace jalousie::codec;
  const ByteView bytes(data, size);
  static_cast<void>(parse_sprop_parameter_sets(as_text(bytes)));
  h264::ParameterSets sets;
  std::optional<h264::Sps> last;
  AnnexBNals nals(bytes);
  for (auto nal = nals.next(); nal; nal = nals.next()) {
    if (const auto sps = h264::parse_sps(*nal)) {
      if (sps->width == 0 || sps->height == 0 || sps->width > limits::kVideoSamples ||
          sps->height > limits::kVideoSamples)
        std::abort();
      if (h264::video_format(*sps).profile.size() != 6) std::abort();
      if (!sets.store(*nal)) std::abort();
      last = *sps;
    }
    if (h264::parse_pps(*nal) && !sets.store(*nal)) std::abort();
    const auto start = h264::parse_slice_start(*nal);
    if (start) static_cast<void>(sets.for_slice(start->pps_id));
    if (last) {
      const auto header = h264::parse_slice_header(*nal, *last);
      if (header && (!start || header->first_mb != start->first_mb)) std::abort();
    }
  }
  return 0;
}
