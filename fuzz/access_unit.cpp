// Access units there and back: by the writer, by RTP packets (taken apart here, apart from the room's own
// depacketizer), and from a byte stream.
#include "codec/access_unit.h"

#include <cstdlib>

#include "codec/annex_b.h"
#include "rtp/h264_packetizer.h"
#include "rtp/packet.h"

namespace {
using namespace jalousie;

/// RFC 6184 mode 1, of packets that are known to be good.
Buffer reassemble(const rtp::PacketBatch& batch) {
  Buffer unit;
  Buffer nal;
  const auto add = [&unit](ByteView whole) {
    const auto size = static_cast<std::uint32_t>(whole.size());
    for (const unsigned shift : {24U, 16U, 8U, 0U}) unit.push_back(static_cast<std::uint8_t>(size >> shift));
    unit.insert(unit.end(), whole.begin(), whole.end());
  };
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto packet = rtp::PacketView::parse(batch.packet(i));
    if (!packet || packet->payload.size() > 100 || packet->marker != (i + 1 == batch.size())) std::abort();
    const ByteView payload = packet->payload;
    const unsigned type = payload[0] & 0x1F;
    if (type == 24) {
      ByteReader reader(payload.subspan(1));
      while (reader.remaining() > 0) add(reader.bytes(reader.u16()));
      if (!reader.ok()) std::abort();
    } else if (type == 28) {
      if ((payload[1] & 0x80) != 0)
        nal = {static_cast<std::uint8_t>((payload[0] & 0xE0) | (payload[1] & 0x1F))};
      nal.insert(nal.end(), payload.begin() + 2, payload.end());
      if ((payload[1] & 0x40) != 0) add(nal);
    } else {
      add(payload);
    }
  }
  return unit;
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView unit(data, size);
  static_cast<void>(codec::h264::is_disposable(unit));
  static_cast<void>(codec::h264::has_b_slices(unit));
  codec::AccessUnitWriter writer;
  bool zeros_at_an_end = false;
  for (const ByteView nal : codec::NalUnits(unit)) {
    zeros_at_an_end = zeros_at_an_end || nal.back() == 0;
    if (!writer.append(nal)) break;
  }
  const bool is_unit = codec::check_access_unit(unit).has_value();
  if (is_unit && !zeros_at_an_end && as_text(writer.view()) != as_text(unit)) std::abort();
  rtp::PacketBatch batch;
  const auto packets = rtp::H264Packetizer(1, 96, 100).packetize(unit, 2, 3, batch);
  if (packets && (!is_unit || as_text(reassemble(batch)) != as_text(unit))) std::abort();

  codec::h264::AnnexBUnits source(unit);
  for (auto next = source.next(); next && !next->empty(); next = source.next()) {
    if (!codec::check_access_unit(*next)) std::abort();
  }
  return 0;
}
