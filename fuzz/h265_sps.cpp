// Parameter sets and slice headers of H.265: sizes stay within the limits, and the texts about them can be
// made.
#include <cstdlib>

#include "base/limits.h"
#include "codec/annex_b.h"
#include "codec/h265_slice.h"
#include "codec/parameter_sets.h"
#include "codec/video_format.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace jalousie;
  using namespace jalousie::codec;
  const ByteView bytes(data, size);
  h265::ParameterSets sets;
  AnnexBNals nals(bytes);
  for (auto nal = nals.next(); nal; nal = nals.next()) {
    if (const auto sps = h265::parse_sps(*nal)) {
      if (sps->width == 0 || sps->height == 0 || sps->width > limits::kVideoSamples ||
          sps->height > limits::kVideoSamples)
        std::abort();
      if (sps->sub_layers > 7 || sps->max_num_reorder_pics >= sps->max_dec_pic_buffering) std::abort();
      if (!h265::video_format(*sps).codec_string().starts_with("hvc1.")) std::abort();
      if (!sets.store(*nal)) std::abort();
    }
    if (h265::parse_vps(*nal) && !sets.store(*nal)) std::abort();
    if (h265::parse_pps(*nal) && !sets.store(*nal)) std::abort();
    if (const auto start = h265::parse_slice_start(*nal)) {
      const auto active = sets.for_slice(start->pps_id);
      if (active && (active->pps_nals.empty() || active->sps == nullptr)) std::abort();
    }
  }
  return 0;
}
