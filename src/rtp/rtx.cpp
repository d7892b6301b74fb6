#include "rtp/rtx.h"

#include "rtp/packet.h"

namespace jalousie::rtp {

Result<> append_rtx(PacketBatch& batch, ByteView original, std::uint32_t ssrc, std::uint8_t payload_type,
                    std::uint16_t sequence) {
  TRY(const PacketView packet, PacketView::parse(original));
  ByteWriter writer(batch.append(kHeaderBytes + 2 + packet.payload.size()));
  write_header(writer, {.marker = packet.marker,
                        .payload_type = payload_type,
                        .sequence = sequence,
                        .timestamp = packet.timestamp,
                        .ssrc = ssrc});
  writer.u16(packet.sequence);
  writer.bytes(packet.payload);
  return {};
}

}  // namespace jalousie::rtp
