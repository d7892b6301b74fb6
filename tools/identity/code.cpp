#include "identity/code.h"

#include <bit>
#include <cstdlib>
#include <ctime>

#include <fmt/format.h>

#include "base/assert.h"
#include "base/bytes.h"
#include "identity/reed_solomon.h"

namespace jalousie::identity {
namespace {

constexpr std::size_t kStaticBytes = 15;
constexpr std::size_t kStaticParity = 4;
constexpr std::size_t kSlowBytes = kTiles;
constexpr std::size_t kSlowParity = 7;
// One parity byte of the slow word is never spent on repair: it is a second check beside the CRC.
constexpr std::size_t kSlowRepair = 6;

// Fractional digits of pi: any pattern will do that is as often light as dark, so that a threshold can be
// found.
constexpr std::array<std::uint8_t, kStaticBytes> kStaticMask = {
    0x24, 0x3f, 0x6a, 0x88, 0x85, 0xa3, 0x08, 0xd3, 0x13, 0x19, 0x8a, 0x2e, 0x03, 0x70, 0x73};
constexpr std::uint16_t kFrameMask = 0x44a4;
constexpr std::array<std::uint8_t, kSlowBytes> kSlowMask = {0x09, 0x38, 0x22, 0x29, 0x9f, 0x31, 0xd0, 0x08,
                                                            0x2e, 0xfa, 0x98, 0xec, 0x4e, 0x6c, 0x89, 0x45};
// Begins every CRC, so that a later form of the code is never taken for this one, nor one word for the other.
constexpr std::uint16_t kStaticSeed = 0x4a01;
constexpr std::uint16_t kSlowSeed = 0x4a02;

constexpr std::size_t kFrameCell = kStaticBytes * 8;
constexpr std::size_t kSliceCell = kFrameCell + 16;

std::uint16_t crc16(ByteView bytes, std::uint16_t seed) {  // x^16+x^12+x^5+1
  auto crc = seed;
  for (const auto byte : bytes) {
    crc = static_cast<std::uint16_t>(crc ^ (byte << 8));
    for (int i = 0; i < 8; ++i)
      crc = static_cast<std::uint16_t>((crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1);
  }
  return crc;
}

void write_identity(ByteWriter& writer, const Identity& identity) {
  writer.u32(identity.home);
  writer.u32(identity.camera);
  writer.u8(identity.tenure);
}

std::array<std::uint8_t, 9> bytes_of(const Identity& identity) {
  std::array<std::uint8_t, 9> bytes{};
  ByteWriter writer(bytes);
  write_identity(writer, identity);
  return bytes;
}

std::array<std::uint8_t, kStaticBytes> static_word(const Identity& identity) {
  std::array<std::uint8_t, kStaticBytes> word{};
  ByteWriter writer(word);
  write_identity(writer, identity);
  writer.u16(crc16(writer.written(), kStaticSeed));
  add_parity(word, kStaticParity);
  return word;
}

std::uint16_t slow_crc(const Identity& identity, ByteView data) {
  return crc16(data, crc16(bytes_of(identity), kSlowSeed));
}

std::array<std::uint8_t, kSlowBytes> slow_word(const Mark& mark) {
  std::array<std::uint8_t, kSlowBytes> word{};
  ByteWriter writer(word);
  writer.u16(static_cast<std::uint16_t>(mark.frame >> 8));
  writer.u32(mark.time.unix_seconds);
  writer.u8(static_cast<std::uint8_t>(mark.time.zone_quarters));
  writer.u16(slow_crc(mark.identity, writer.written()));
  add_parity(word, kSlowParity);
  return word;
}

// [I | B], B the circulant with first row 0x17: distance 5, and every row has weight 5, so that in Gray code
// exactly five cells of a tile change from one frame to the next.
std::uint16_t frame_code(std::uint8_t low) {
  const auto gray = static_cast<std::uint8_t>(low ^ (low >> 1));
  std::uint8_t check = 0;
  for (int i = 0; i < 8; ++i) {
    if ((gray >> i) & 1) check ^= std::rotr(std::uint8_t{0x17}, i);
  }
  return static_cast<std::uint16_t>((gray << 8) | check);
}

/// The nearest word, if at most one cell is wrong.
std::optional<std::uint8_t> read_frame_code(std::uint16_t received) {
  for (unsigned low = 0; low < 256; ++low) {
    const auto distance =
        std::popcount(static_cast<std::uint16_t>(frame_code(static_cast<std::uint8_t>(low)) ^ received));
    if (distance <= 1) return static_cast<std::uint8_t>(low);
  }
  return std::nullopt;
}

void put_byte(Cells& cells, std::size_t at, std::uint8_t byte) {
  for (std::size_t i = 0; i < 8; ++i) cells[at + i] = ((byte >> (7 - i)) & 1) != 0;
}

std::uint8_t byte_at(const Cells& cells, std::size_t at) {
  unsigned byte = 0;
  for (std::size_t i = 0; i < 8; ++i) byte = byte << 1 | (cells[at + i] ? 1u : 0u);
  return static_cast<std::uint8_t>(byte);
}

}  // namespace

std::string zone_text(const LocalTime& time) {
  const auto minutes = std::abs(time.zone_quarters) * 15;
  return fmt::format("{}{:02}:{:02}", time.zone_quarters < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

std::string to_string(const LocalTime& time) {
  const auto local = std::time_t{time.unix_seconds} + time.zone_quarters * 15 * 60;
  std::tm parts{};
  gmtime_r(&local, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, zone_text(time));
}

Cells tile_cells(const Mark& mark, std::size_t index) {
  JAL_ASSERT(index < kTiles && mark.frame < kFrameNumbers);
  Cells cells;
  const auto word = static_word(mark.identity);
  for (std::size_t i = 0; i < kStaticBytes; ++i) put_byte(cells, i * 8, word[i] ^ kStaticMask[i]);
  const auto frame =
      static_cast<std::uint16_t>(frame_code(static_cast<std::uint8_t>(mark.frame)) ^ kFrameMask);
  put_byte(cells, kFrameCell, static_cast<std::uint8_t>(frame >> 8));
  put_byte(cells, kFrameCell + 8, static_cast<std::uint8_t>(frame));
  put_byte(cells, kSliceCell, slow_word(mark)[index] ^ kSlowMask[index]);
  return cells;
}

std::optional<TileBits> read_tile(const Cells& cells, std::size_t index) {
  JAL_ASSERT(index < kTiles);
  std::array<std::uint8_t, kStaticBytes> word{};
  for (std::size_t i = 0; i < kStaticBytes; ++i) word[i] = byte_at(cells, i * 8) ^ kStaticMask[i];
  if (!repair(word, kStaticParity)) return std::nullopt;
  ByteReader reader(word);
  TileBits bits;
  bits.identity = {reader.u32(), reader.u32(), reader.u8()};
  if (reader.u16() != crc16(ByteView(word).first(9), kStaticSeed)) return std::nullopt;
  const auto frame =
      static_cast<std::uint16_t>((byte_at(cells, kFrameCell) << 8) | byte_at(cells, kFrameCell + 8));
  bits.frame_low = read_frame_code(frame ^ kFrameMask);
  bits.slice = byte_at(cells, kSliceCell) ^ kSlowMask[index];
  return bits;
}

std::optional<SlowWord> read_slow_word(const Identity& identity,
                                       std::span<const std::optional<std::uint8_t>, kTiles> slices) {
  std::array<std::uint8_t, kSlowBytes> word{};
  std::array<std::size_t, kTiles> erased{};
  std::size_t missing = 0;
  for (std::size_t i = 0; i < kTiles; ++i) {
    if (!slices[i]) erased[missing++] = i;
    word[i] = slices[i].value_or(0);
  }
  if (missing > kSlowRepair) return std::nullopt;
  const auto errors = repair(word, kSlowParity, std::span(erased).first(missing));
  if (!errors || 2 * *errors + missing > kSlowRepair) return std::nullopt;
  ByteReader reader(word);
  SlowWord slow;
  slow.frame_high = reader.u16();
  slow.time = {reader.u32(), static_cast<std::int8_t>(reader.u8())};
  if (reader.u16() != slow_crc(identity, ByteView(word).first(7))) return std::nullopt;
  for (std::size_t i = 0; i < kTiles; ++i) slow.agrees[i] = slices[i] == word[i];
  return slow;
}

}  // namespace jalousie::identity
