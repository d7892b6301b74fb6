// Which section of a camera's description is taken in for sound. Private to ingest.
#pragma once

#include <optional>

#include "codec/audio_format.h"
#include "rtp/aac_depacketizer.h"
#include "sdp/sdp.h"

namespace jalousie::ingest {

struct AudioTrack {
  std::size_t media = 0;  // its place in the description
  std::uint8_t payload_type = 0;
  std::uint32_t clock_rate = 0;  // of its RTP timestamps
  codec::AudioFormat format;
  rtp::AacPayload payload{};      // of AAC
  std::uint32_t frame_ticks = 0;  // of AAC: how long a frame is, at the clock rate
};

/// The first format of the first audio section that can be taken: AAC by RFC 3640, PCMU, PCMA, Opus. Nothing
/// where there is none.
std::optional<AudioTrack> pick_audio(const sdp::Session& description);

}  // namespace jalousie::ingest
