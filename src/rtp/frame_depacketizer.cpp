#include "rtp/frame_depacketizer.h"

#include <utility>

#include "base/assert.h"
#include "base/limits.h"
#include "codec/opus.h"

namespace jalousie::rtp {

FrameDepacketizer::FrameDepacketizer(codec::AudioCodec codec, std::uint8_t channels)
    : codec_(codec), channels_(channels) {
  JAL_ASSERT(codec != codec::AudioCodec::Aac && channels > 0);
}

Result<> FrameDepacketizer::check(ByteView frame) const {
  if (frame.size() > limits::kAudioFrameBytes)
    return fail(ErrorKind::ResourceExhausted, "sound: a frame that is too long");
  if (codec_ == codec::AudioCodec::Opus) {
    TRY_VOID(codec::opus_facts(frame));
  } else if (frame.size() % channels_ != 0) {
    return fail(ErrorKind::InvalidArgument, "G.711: samples of some channels only");
  }
  return {};
}

Result<> FrameDepacketizer::push(const PacketView& packet) {
  unit_.reset();
  ++stats_.packets;
  const auto place = order_.place(packet);
  if (place == PacketOrder::Place::Late) return {};
  if (place == PacketOrder::Place::AfterGap) gap_pending_ = true;
  const std::int64_t timestamp = timestamps_.unwrap(packet.timestamp);
  if (packet.payload.empty()) return {};
  if (auto checked = check(packet.payload); !checked) {
    ++stats_.malformed_packets;
    gap_pending_ = true;
    return checked;
  }
  unit_ = AudioUnit{packet.payload, timestamp, std::exchange(gap_pending_, false)};
  return {};
}

std::optional<AudioUnit> FrameDepacketizer::pull() {
  if (unit_) ++stats_.units;
  return std::exchange(unit_, std::nullopt);
}

AudioStats FrameDepacketizer::stats() const {
  AudioStats stats = stats_;
  stats.lost_packets = order_.lost();
  stats.late_packets = order_.late();
  return stats;
}

}  // namespace jalousie::rtp
