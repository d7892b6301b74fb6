// The parameter sets of one stream, as they are in force: a later one with the same id replaces the earlier.
// ITU-T H.264 (08/2021) clause 7.4.1.2.1, ITU-T H.265 (08/2021) clause 7.4.2.4.2. Holds a few of each; the
// one stored longest ago makes room for another id.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/result.h"
#include "codec/h264_slice.h"
#include "codec/h264_sps.h"
#include "codec/h265_slice.h"
#include "codec/h265_sps.h"
#include "codec/sets_by_id.h"

namespace jalousie::codec {

/// The NAL units in an SDP's sprop-parameter-sets (RFC 6184 section 8.1), sprop-vps, sprop-sps or sprop-pps
/// (RFC 7798 section 7.1): Base64, split by commas. Empty parts and start codes in front, as some cameras
/// write them, are left out. InvalidArgument where a part is no Base64 or over a limit.
Result<std::vector<Buffer>> parse_sprop_parameter_sets(std::string_view text);

namespace h264 {

class ParameterSets {
 public:
  /// An SPS or PPS NAL unit. Errors as parse_sps() and parse_pps(); then nothing changes.
  Result<> store(ByteView nal);

  struct Active {
    const Sps* sps;
    ByteView sps_nal;
    std::vector<ByteView> pps_nals;  // all that name the SPS, by id
  };
  /// What a slice with this PPS id needs; nothing where it is not all there. Good until the next store().
  std::optional<Active> for_slice(std::uint32_t pps_id) const;
  /// An SPS and a PPS that names it are there.
  bool complete() const;
  void clear();

 private:
  SetsById<Sps> sps_{limits::kSpsPerStream};
  SetsById<Pps> pps_{limits::kPpsPerStream};
};

}  // namespace h264

namespace h265 {

class ParameterSets {
 public:
  /// A VPS, SPS or PPS NAL unit. Errors as their parsers; then nothing changes.
  Result<> store(ByteView nal);

  struct Active {
    const Sps* sps;
    ByteView vps_nal;
    ByteView sps_nal;
    std::vector<ByteView> pps_nals;  // all that name the SPS, by id
  };
  /// What a slice with this PPS id needs; nothing where it is not all there. Good until the next store().
  std::optional<Active> for_slice(std::uint32_t pps_id) const;
  /// The most temporal sub-layers that an SPS here says; 7, the most there can be, where there is none.
  unsigned sub_layers() const;
  void clear();

 private:
  SetsById<Vps> vps_{limits::kVpsPerStream};
  SetsById<Sps> sps_{limits::kSpsPerStream};
  SetsById<Pps> pps_{limits::kPpsPerStream};
};

}  // namespace h265
}  // namespace jalousie::codec
