// AudioSpecificConfig of MPEG-4 audio (ISO/IEC 14496-3:2019, 1.6.2.1), as cameras give it in SDP: AAC-LC, and
// AAC-LC with SBR (HE-AAC) or SBR and PS (HE-AAC v2) on top, signalled in either way. Other object types, and
// channels that are laid out by a program config element, are Unsupported: no camera known to us uses them.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/raw_bits.h"

namespace jalousie::codec {

/// Audio object types (table 1.17).
enum class AacObject : std::uint8_t { LowComplexity = 2, Sbr = 5, Ps = 29 };

struct AacConfig {
  AacObject object = AacObject::LowComplexity;
  std::uint32_t rate = 0;              // of what the AAC-LC part decodes to, in Hz
  std::uint32_t output_rate = 0;       // with SBR; else the same
  std::uint8_t channels = 0;           // of the AAC-LC part: PS makes two of one
  std::uint16_t frame_samples = 1024;  // 960 where the broadcast profile is used; at `rate`

  friend bool operator==(const AacConfig&, const AacConfig&) = default;
};

/// InvalidArgument where it is malformed or longer than limits::kAacConfigBytes, Unsupported for what is
/// named above.
Result<AacConfig> parse_aac_config(ByteView bytes);
/// The same from the bits of a longer structure (RFC 6416's StreamMuxConfig); they stand behind it then. The
/// older signalling of SBR, which only the end of the bytes delimits, is not looked for.
Result<AacConfig> parse_aac_config(RawBits& bits);
/// SBR and PS are signalled in the explicit, hierarchical way. The rates need not be among the table's;
/// InvalidArgument for channels that have no number.
Result<Buffer> write_aac_config(const AacConfig& config);

}  // namespace jalousie::codec
