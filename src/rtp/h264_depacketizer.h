// RTP packets of one H.264 stream to access units: RFC 6184, packetization modes 0 and 1 (single NAL units,
// STAP-A, FU-A). Mode 2 (STAP-B, MTAP, FU-B) is an error: no camera sends it unasked. How units are put
// together is in nal_depacketizer.h.
#pragma once

#include "codec/parameter_sets.h"
#include "rtp/nal_depacketizer.h"

namespace jalousie::rtp {

class H264Depacketizer final : public NalDepacketizer {
 public:
  H264Depacketizer() : NalDepacketizer("H.264") {}

 private:
  Result<Payload> take_apart(ByteView payload) const override;
  Nal look_at(ByteView nal) const override;
  std::optional<PictureStart> picture_start(ByteView nal) const override;
  bool may_be_inside(ByteView nal) const override;
  Result<> store_set(ByteView nal) override { return sets_.store(nal); }
  void clear_sets() override { sets_.clear(); }
  std::optional<Sets> sets_for(std::uint32_t pps_id) const override;

  codec::h264::ParameterSets sets_;
};

}  // namespace jalousie::rtp
