#include "camera/font.h"

#include <array>
#include <utility>

namespace jalousie::camera {
namespace {

constexpr std::size_t kGlyphWidth = 5;
constexpr std::size_t kGlyphHeight = 8;
constexpr std::uint8_t kInk = 235;
constexpr std::uint8_t kGround = 30;

// Eight rows from the top, a byte each, the left dot in bit 4.
constexpr std::array<std::uint64_t, 95> kAscii = {
    0x0000000000000000, 0x0404040404000400, 0x0a0a0a0000000000, 0x0a0a1f0a1f0a0a00, 0x040f140e051e0400,
    0x1819020408130300, 0x0c12140815120d00, 0x0404080000000000, 0x0204080808040200, 0x0804020202040800,
    0x0004150e15040000, 0x0004041f04040000, 0x00000000000c0408, 0x0000001f00000000, 0x00000000000c0c00,
    0x0001020408100000, 0x0e11131519110e00, 0x040c040404040e00, 0x0e11010204081f00, 0x1f02040201110e00,
    0x02060a121f020200, 0x1f101e0101110e00, 0x0608101e11110e00, 0x1f01020408080800, 0x0e11110e11110e00,
    0x0e11110f01020c00, 0x000c0c000c0c0000, 0x000c0c00000c0408, 0x0204081008040200, 0x00001f001f000000,
    0x0804020102040800, 0x0e11010204000400, 0x0e11171517100e00, 0x0e11111f11111100, 0x1e11111e11111e00,
    0x0e11101010110e00, 0x1c12111111121c00, 0x1f10101e10101f00, 0x1f10101e10101000, 0x0e11101711110f00,
    0x1111111f11111100, 0x0e04040404040e00, 0x0702020202120c00, 0x1112141814121100, 0x1010101010101f00,
    0x111b151511111100, 0x1111191513111100, 0x0e11111111110e00, 0x1e11111e10101000, 0x0e11111115120d00,
    0x1e11111e14121100, 0x0f10100e01011e00, 0x1f04040404040400, 0x1111111111110e00, 0x11111111110a0400,
    0x1111111515150a00, 0x11110a040a111100, 0x1111110a04040400, 0x1f01020408101f00, 0x0e08080808080e00,
    0x0010080402010000, 0x0e02020202020e00, 0x040a110000000000, 0x000000000000001f, 0x0804020000000000,
    0x00000e010f110f00, 0x1010161911111e00, 0x00000e1010110e00, 0x01010d1311110f00, 0x00000e111f100e00,
    0x0609081c08080800, 0x00000f11110f010e, 0x1010161911111100, 0x04000c0404040e00, 0x020006020202120c,
    0x1010121418141200, 0x0c04040404040e00, 0x00001a1515111100, 0x0000161911111100, 0x00000e1111110e00,
    0x00001e11111e1010, 0x00000f11110f0101, 0x0000161910101000, 0x00000e100e011e00, 0x08081c0808090600,
    0x0000111111130d00, 0x00001111110a0400, 0x0000111115150a00, 0x0000110a040a1100, 0x000011111f010e00,
    0x00001f0204081f00, 0x0204040804040200, 0x0404040404040400, 0x0804040204040800, 0x0000081502000000};

constexpr std::array<std::pair<std::uint32_t, std::uint64_t>, 9> kOthers = {{{0xc4, 0x0a000e111f111100},
                                                                             {0xd6, 0x0a000e1111110e00},
                                                                             {0xdc, 0x0a00111111110e00},
                                                                             {0xe4, 0x0a000e010f110f00},
                                                                             {0xf6, 0x0a000e1111110e00},
                                                                             {0xfc, 0x0a00111111130d00},
                                                                             {0xdf, 0x0c12121412111600},
                                                                             {0xe8, 0x08040e111f100e00},
                                                                             {0xe9, 0x02040e111f100e00}}};
constexpr std::uint64_t kUnknown = 0x1f11111111111f00;

/// Takes one character off the front; bytes that are no UTF-8 become unknown characters.
std::uint32_t take_character(std::string_view& text) {
  const auto first = static_cast<std::uint8_t>(text.front());
  text.remove_prefix(1);
  if (first < 0x80) return first;
  auto value = static_cast<std::uint32_t>(first & 0x1f);
  while (!text.empty() && (static_cast<std::uint8_t>(text.front()) & 0xc0) == 0x80) {
    value = value << 6 | (static_cast<std::uint8_t>(text.front()) & 0x3f);
    text.remove_prefix(1);
  }
  return value;
}

std::uint64_t glyph_of(std::uint32_t character) {
  if (character >= ' ' && character <= '~') return kAscii[character - ' '];
  for (const auto& [code, glyph] : kOthers) {
    if (code == character) return glyph;
  }
  return kUnknown;
}

void fill(Frame& frame, std::size_t left, std::size_t top, std::size_t width, std::size_t height,
          std::uint8_t value) {
  for (auto y = top; y < std::min(top + height, frame.height); ++y) {
    for (auto x = left; x < std::min(left + width, frame.width); ++x)
      frame.bytes[y * frame.width + x] = value;
  }
}

}  // namespace

std::size_t text_dots(std::string_view utf8) {
  std::size_t characters = 0;
  while (!utf8.empty()) {
    take_character(utf8);
    ++characters;
  }
  return characters * (kGlyphWidth + 1) + 1;
}

void draw_text(Frame& frame, std::size_t left, std::size_t top, std::size_t dot, std::string_view utf8) {
  fill(frame, left, top, text_dots(utf8) * dot, (kGlyphHeight + 2) * dot, kGround);
  auto at = left + dot;
  while (!utf8.empty()) {
    const auto glyph = glyph_of(take_character(utf8));
    for (std::size_t y = 0; y < kGlyphHeight; ++y) {
      for (std::size_t x = 0; x < kGlyphWidth; ++x) {
        if ((glyph >> (8 * (kGlyphHeight - 1 - y) + kGlyphWidth - 1 - x)) & 1)
          fill(frame, at + x * dot, top + (y + 1) * dot, dot, dot, kInk);
      }
    }
    at += (kGlyphWidth + 1) * dot;
  }
}

}  // namespace jalousie::camera
