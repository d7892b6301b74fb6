#include "codec/opus.h"

#include <array>

namespace jalousie::codec {

namespace {

/// RFC 6716 table 2.
Microseconds frame_duration(unsigned config) {
  constexpr std::array<std::int64_t, 4> kSilk{10'000, 20'000, 40'000, 60'000};
  constexpr std::array<std::int64_t, 4> kCelt{2'500, 5'000, 10'000, 20'000};
  if (config < 12) return Microseconds(kSilk[config % 4]);
  if (config < 16) return Microseconds(config % 2 == 0 ? 10'000 : 20'000);
  return Microseconds(kCelt[config % 4]);
}

}  // namespace

Result<OpusFacts> opus_facts(ByteView packet) {
  if (packet.empty()) return fail(ErrorKind::InvalidArgument, "Opus: an empty packet");
  const unsigned toc = packet[0];
  OpusFacts facts{.frame = frame_duration(toc >> 3),
                  .frames = 1,
                  .channels = (toc & 4) != 0 ? std::uint8_t{2} : std::uint8_t{1}};
  switch (toc & 3) {
    case 0:
      break;
    case 1:
    case 2:
      facts.frames = 2;
      break;
    default:
      if (packet.size() < 2) return fail(ErrorKind::InvalidArgument, "Opus: no frame count");
      facts.frames = packet[1] & 0x3F;
  }
  if (facts.frames == 0 || facts.duration() > Milliseconds(120))
    return fail(ErrorKind::InvalidArgument, "Opus: no duration that a packet can have");
  return facts;
}

}  // namespace jalousie::codec
