// RTP packets of one H.265 stream to access units: RFC 7798, single NAL units, aggregation packets and
// fragmentation units. Without decoding order numbers: a stream whose session description says
// sprop-max-don-diff above 0 must not come here. PACI packets are an error: no camera sends them. How units
// are put together is in nal_depacketizer.h.
//
// A key frame is any random access point (IDR, BLA, CRA). Its leading pictures that refer to what came before
// it (RASL) are passed on only where that was passed on, too.
#pragma once

#include "codec/parameter_sets.h"
#include "rtp/nal_depacketizer.h"

namespace jalousie::rtp {

class H265Depacketizer final : public NalDepacketizer {
 public:
  H265Depacketizer() : NalDepacketizer("H.265") {}

 private:
  Result<Payload> take_apart(ByteView payload) const override;
  Nal look_at(ByteView nal) const override;
  std::optional<PictureStart> picture_start(ByteView nal) const override;
  bool may_be_inside(ByteView nal) const override;
  Result<> store_set(ByteView nal) override { return sets_.store(nal); }
  void clear_sets() override { sets_.clear(); }
  std::optional<Sets> sets_for(std::uint32_t pps_id) const override;

  codec::h265::ParameterSets sets_;
};

}  // namespace jalousie::rtp
