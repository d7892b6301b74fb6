// A camera that sends anything. The input is a row of packets: a control byte (marker, another timestamp, a
// loss, a repetition, another source), the payload's length, the payload. What comes out is always an access
// unit, a key frame always begins with its parameter sets, and nothing but a key frame comes after a gap, and
// no RASL picture after one that was a start.
#include "rtp/h265_depacketizer.h"

#include <cstdlib>

#include "codec/access_unit.h"
#include "codec/h265_nal.h"

namespace {
using namespace jalousie;

void check(const rtp::VideoUnit& unit, bool starts_here) {
  if (unit.payload.empty() || !codec::check_access_unit(unit.payload)) std::abort();
  if (unit.is_key_frame != codec::h265::is_key_frame(unit.payload)) std::abort();
  if (unit.refers_past_key != codec::h265::is_rasl_picture(unit.payload)) std::abort();
  if (unit.refers_past_key && starts_here) std::abort();
  if (unit.gap_before && !unit.is_key_frame) std::abort();
  if (!unit.is_key_frame) return;
  using codec::h265::NalHeader;
  using codec::h265::NalType;
  auto nals = codec::NalUnits(unit.payload).begin();
  if (NalHeader(*nals).type != NalType::Vps) std::abort();
  if (NalHeader(*++nals).type != NalType::Sps) std::abort();
  if (NalHeader(*++nals).type != NalType::Pps) std::abort();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteReader input({data, size});
  rtp::H265Depacketizer depacketizer;
  static_cast<void>(depacketizer.set_parameter_sets(as_text(input.bytes(input.u8()))));
  rtp::PacketView packet;
  bool starts_here = true;  // no picture from before the last key frame was passed on
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
      if (was_waiting && !unit->is_key_frame) std::abort();
      if (unit->is_key_frame) starts_here = was_waiting || unit->gap_before;
      was_waiting = false;
      check(*unit, starts_here);
    }
  }
  return 0;
}
