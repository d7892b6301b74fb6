// Frames of sound of one playing session as RTP packets: G.711 (RFC 3551), Opus (RFC 7587), AAC-hbr (RFC 3640
// section 3.3.6), with sender reports. No sockets.
#pragma once

#include <cstdint>
#include <optional>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "camera/sender_reports.h"
#include "camera/sound_stream.h"
#include "rtp/audio_packetizer.h"
#include "rtp/packet_batch.h"

namespace jalousie::camera {

class SoundSender {
 public:
  SoundSender(const Tone& tone, RandomSource& random);

  std::uint32_t ssrc() const { return ssrc_; }
  std::uint16_t next_sequence() const { return sequence_; }
  std::uint32_t rtp_time(std::uint64_t number) const {
    return static_cast<std::uint32_t>(first_time_ + number * frame_ticks_);
  }

  /// The packets of a frame, good until the next call.
  Result<rtp::PacketBatch*> packetize(const CodedSound& sound);
  std::optional<Buffer> report(const CodedSound& sound, SteadyTime now) {
    return reports_.report(sound.taken, rtp_time(sound.number), now);
  }
  Buffer bye() const { return reports_.bye(); }

 private:
  Result<std::size_t> append_aac(const CodedSound& sound);

  codec::AudioFormat format_;
  std::uint32_t frame_ticks_;
  std::uint32_t ssrc_;
  std::uint16_t sequence_;
  std::uint32_t first_time_;  // of frame 0
  rtp::AudioPacketizer packetizer_;
  rtp::PacketBatch batch_;
  bool begins_ = true;
  SenderReports reports_;
};

}  // namespace jalousie::camera
