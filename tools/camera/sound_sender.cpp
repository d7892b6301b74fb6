#include "camera/sound_sender.h"

#include "base/assert.h"
#include "camera/facts.h"
#include "rtp/packet.h"

namespace jalousie::camera {

SoundSender::SoundSender(const Tone& tone, RandomSource& random)
    : format_(tone.format()),
      frame_ticks_(tone.frame_ticks()),
      ssrc_(random_u32(random)),
      sequence_(static_cast<std::uint16_t>(random_u32(random))),
      first_time_(random_u32(random)),
      packetizer_(ssrc_, sound_payload_type(format_.codec)),
      reports_(ssrc_) {}

Result<rtp::PacketBatch*> SoundSender::packetize(const CodedSound& sound) {
  batch_.clear();
  std::size_t count = 0;
  if (format_.codec == codec::AudioCodec::Aac) {
    TRY(count, append_aac(sound));
  } else {
    TRY(count,
        packetizer_.packetize({format_, sound.frame}, rtp_time(sound.number), sequence_, begins_, batch_));
  }
  begins_ = false;
  sequence_ = static_cast<std::uint16_t>(sequence_ + count);
  reports_.count(batch_);
  return &batch_;
}

/// One access unit a packet: an AU-headers-length of 16 bits, a size of 13 and an index of 3.
Result<std::size_t> SoundSender::append_aac(const CodedSound& sound) {
  constexpr std::size_t kAuHeaders = 4;
  if (sound.frame.size() > rtp::AudioPacketizer::kPayloadBytes - kAuHeaders)
    return fail(ErrorKind::ResourceExhausted, "an AAC frame that is too long");
  ByteWriter writer(batch_.append(rtp::kHeaderBytes + kAuHeaders + sound.frame.size()));
  rtp::write_header(writer, {.marker = true,
                             .payload_type = sound_payload_type(format_.codec),
                             .sequence = sequence_,
                             .timestamp = rtp_time(sound.number),
                             .ssrc = ssrc_});
  writer.u16(16);
  writer.u16(static_cast<std::uint16_t>(sound.frame.size() << 3));
  writer.bytes(sound.frame);
  JAL_ASSERT(writer.ok() && writer.remaining() == 0);
  return std::size_t{1};
}

}  // namespace jalousie::camera
