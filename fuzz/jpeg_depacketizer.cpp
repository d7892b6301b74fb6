// A camera that sends any images: a row of packets as in h264_depacketizer.cpp. What comes out has the size
// that is said of it, and ends.
#include "rtp/jpeg_depacketizer.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace jalousie;
  ByteReader input({data, size});
  rtp::JpegDepacketizer depacketizer;
  if ((input.u8() & 1) != 0) depacketizer.set_size({4096, 2160});
  static_cast<void>(codec::jpeg_size({data, size}));
  rtp::PacketView packet;
  while (input.remaining() > 1) {
    const std::uint8_t control = input.u8();
    packet.marker = (control & 1) != 0;
    if ((control & 2) != 0) packet.timestamp += 3600;
    if ((control & 4) == 0) ++packet.sequence;
    if ((control & 8) != 0) packet.sequence = static_cast<std::uint16_t>(packet.sequence + 3);
    if ((control & 16) != 0) packet.sequence = static_cast<std::uint16_t>(packet.sequence - 500);
    if ((control & 0xE0) == 0xE0) ++packet.ssrc;
    const std::size_t length = std::min<std::size_t>(input.u8(), input.remaining());
    packet.payload = input.bytes(length);
    const bool good = depacketizer.push(packet).has_value();
    while (const auto unit = depacketizer.pull()) {
      const ByteView image = unit->payload;
      if (!good || image[image.size() - 2] != 0xFF || image[image.size() - 1] != 0xD9) std::abort();
      const auto said = codec::jpeg_size(image).value();
      if (said.width != depacketizer.format()->width || said.height != depacketizer.format()->height)
        std::abort();
    }
  }
  return 0;
}
