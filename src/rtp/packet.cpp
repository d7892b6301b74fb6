#include "rtp/packet.h"

namespace jalousie::rtp {
namespace {

constexpr std::uint8_t kVersionBits = 2 << 6;

}  // namespace

Result<PacketView> PacketView::parse(ByteView packet) {
  ByteReader reader(packet);
  const std::uint8_t first = reader.u8();
  const std::uint8_t second = reader.u8();
  PacketView view;
  view.marker = (second & 0x80) != 0;
  view.payload_type = second & 0x7F;
  view.sequence = reader.u16();
  view.timestamp = reader.u32();
  view.ssrc = reader.u32();
  reader.skip(std::size_t{first & 0x0FU} * 4);  // CSRCs
  if ((first & 0x10) != 0) {
    reader.skip(2);  // "defined by profile"
    reader.skip(std::size_t{reader.u16()} * 4);
  }
  if (!reader.ok() || (first & 0xC0) != kVersionBits) {
    return fail(ErrorKind::InvalidArgument, "RTP: not version 2, or a header that ends early");
  }
  view.header_bytes = reader.position();
  view.payload = reader.rest();
  if ((first & 0x20) != 0) {
    const std::size_t padding = view.payload.empty() ? 0 : view.payload.back();
    if (padding == 0 || padding > view.payload.size()) {
      return fail(ErrorKind::InvalidArgument, "RTP: the padding does not fit");
    }
    view.payload = view.payload.first(view.payload.size() - padding);
  }
  return view;
}

void write_header(ByteWriter& writer, const PacketHeader& header) {
  writer.u8(kVersionBits);
  writer.u8(static_cast<std::uint8_t>((header.marker ? 0x80 : 0) | (header.payload_type & 0x7F)));
  writer.u16(header.sequence);
  writer.u32(header.timestamp);
  writer.u32(header.ssrc);
}

bool is_rtcp(ByteView packet) { return packet.size() >= 2 && packet[1] >= 192 && packet[1] <= 223; }

}  // namespace jalousie::rtp
