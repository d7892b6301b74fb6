#include "rtp/audio_packetizer.h"

#include <algorithm>

#include "base/assert.h"
#include "rtp/packet.h"

namespace jalousie::rtp {

Result<std::size_t> AudioPacketizer::packetize(const codec::AudioFrame& frame, std::uint32_t timestamp,
                                               std::uint16_t first_sequence, bool begins,
                                               PacketBatch& batch) const {
  const bool is_opus = frame.format.codec == codec::AudioCodec::Opus;
  if (frame.format.codec == codec::AudioCodec::Aac) return fail(ErrorKind::Unsupported, "sound: AAC");
  if (!is_opus && frame.format.channels != 1)
    return fail(ErrorKind::Unsupported, "sound: G.711 of several channels");
  if (is_opus && frame.bytes.size() > kPayloadBytes)
    return fail(ErrorKind::ResourceExhausted, "sound: an Opus packet that is too long");
  ByteView rest = frame.bytes;
  std::size_t count = 0;
  while (!rest.empty()) {
    const ByteView part = rest.first(std::min(rest.size(), kPayloadBytes));
    rest = rest.subspan(part.size());
    const MutableBytes packet = batch.append(kHeaderBytes + part.size());
    ByteWriter writer(packet);
    write_header(writer, {.marker = begins && count == 0,
                          .payload_type = payload_type_,
                          .sequence = static_cast<std::uint16_t>(first_sequence + count),
                          .timestamp = timestamp,
                          .ssrc = ssrc_});
    writer.bytes(part);
    JAL_ASSERT(writer.ok() && writer.remaining() == 0);
    timestamp += static_cast<std::uint32_t>(part.size());
    ++count;
  }
  return count;
}

}  // namespace jalousie::rtp
