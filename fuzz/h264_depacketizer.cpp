// A camera that sends anything. The input is a row of packets: a control byte (marker, another timestamp, a
// loss, a repetition, another source), the payload's length, the payload. What comes out is always an access
// unit, a key frame always begins with its parameter sets, and nothing but a key frame comes after a gap.
#include "rtp/h264_depacketizer.h"

#include <cstdlib>

#include "codec/access_unit.h"
#include "codec/h264_nal.h"

namespace {
using namespace jalousie;

void check(const rtp::VideoUnit& unit, bool was_waiting) {
  if (unit.payload.empty() || !codec::check_access_unit(unit.payload)) std::abort();
  if (unit.is_key_frame != codec::h264::is_key_frame(unit.payload)) std::abort();
  if (unit.is_disposable != codec::h264::is_disposable(unit.payload)) std::abort();
  if ((unit.gap_before || was_waiting) && !unit.is_key_frame) std::abort();
  if (!unit.is_key_frame) return;
  auto nals = codec::NalUnits(unit.payload).begin();
  if (codec::h264::nal_type(*nals) != codec::h264::NalType::Sps) std::abort();
  if (codec::h264::nal_type(*++nals) != codec::h264::NalType::Pps) std::abort();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteReader input({data, size});
  rtp::H264Depacketizer depacketizer;
  static_cast<void>(depacketizer.set_parameter_sets(as_text(input.bytes(input.u8()))));
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
    bool was_waiting = depacketizer.waiting_for_key_frame();
    static_cast<void>(depacketizer.push(packet));
    while (const auto unit = depacketizer.pull()) {
      check(*unit, was_waiting);
      was_waiting = false;
    }
  }
  return 0;
}
