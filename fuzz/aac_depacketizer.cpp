// A camera that sends any sound: widths of the AU-header's fields, then a row of packets as in
// h264_depacketizer.cpp; and the same bytes as an AudioSpecificConfig, which is read again as it was written.
#include "rtp/aac_depacketizer.h"

#include <cstdlib>

#include "base/limits.h"
#include "codec/aac_config.h"
#include "codec/audio_format.h"
#include "codec/opus.h"

namespace {
using namespace jalousie;

void check_config(ByteView bytes) {
  const auto config = codec::parse_aac_config(bytes);
  if (!config) return;
  const auto written = codec::write_aac_config(*config);
  if (!written || codec::parse_aac_config(*written).value() != *config) std::abort();
}

void check_frame(ByteView bytes) {
  if (bytes.empty()) return;
  const auto frame = codec::parse_audio_frame(bytes[0], bytes.subspan(1));
  if (!frame) return;
  codec::WipedBuffer written;
  if (!codec::write_audio_frame(frame->format, frame->bytes, written)) std::abort();
  if (!std::ranges::equal(written.view(), bytes.subspan(1))) std::abort();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_config({data, size});
  check_frame({data, size});
  static_cast<void>(codec::opus_facts({data, size}));

  ByteReader input({data, size});
  rtp::AacPayload payload;
  const std::uint8_t shape = input.u8();
  if ((shape & 1) != 0) {
    payload.size_length = input.u8();
    payload.index_length = input.u8();
    payload.index_delta_length = input.u8();
  }
  if ((shape & 2) != 0) payload.cts_delta_length = payload.dts_delta_length = input.u8();
  if ((shape & 4) != 0) payload.auxiliary_length = payload.stream_state_length = input.u8();
  payload.random_access = (shape & 8) != 0;
  if (!payload.is_valid()) return 0;
  rtp::AacDepacketizer depacketizer(payload, 1024);
  rtp::PacketView packet;
  while (input.remaining() > 1) {
    const std::uint8_t control = input.u8();
    packet.marker = (control & 1) != 0;
    if ((control & 2) != 0) packet.timestamp += 1024;
    if ((control & 4) == 0) ++packet.sequence;
    if ((control & 8) != 0) packet.sequence = static_cast<std::uint16_t>(packet.sequence + 3);
    if ((control & 16) != 0) packet.sequence = static_cast<std::uint16_t>(packet.sequence - 500);
    if ((control & 0xE0) == 0xE0) ++packet.ssrc;
    const std::size_t length = std::min<std::size_t>(input.u8(), input.remaining());
    packet.payload = input.bytes(length);
    const bool good = depacketizer.push(packet).has_value();
    while (const auto unit = depacketizer.pull()) {
      if (!good || unit->payload.empty() || unit->payload.size() > limits::kAudioFrameBytes) std::abort();
    }
  }
  return 0;
}
