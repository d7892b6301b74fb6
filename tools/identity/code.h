// The identity code: who a picture is of, as cells of light and dark. docs/design/identity-code.md says why
// it is so.
//
// A picture is divided into 4 x 4 tiles, a tile into 24 x 15 places, of which the rows 4 to 9 are cells:
//
//   rows 4-8  120 cells  static word: home(32) camera(32) tenure(8) CRC-16, Reed-Solomon (15,11)
//   row  9     16 cells  low byte of the frame number, Gray coded, in a (16,8) code of distance 5
//               8 cells  one byte of the slow word, by the tile's index: frame >> 8 (16) unix seconds(32)
//               zone(8) CRC-16,
//                        Reed-Solomon (16,9) over the sixteen tiles
//
// All words are XORed with a fixed pattern. So each tile alone tells whose it is and which frame (of 256); 13
// tiles or more tell the time, 10 if all they say is right. Pure functions of bits; pixels are draw.h's and
// read.h's.
#pragma once

#include <array>
#include <bitset>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace jalousie::identity {

inline constexpr std::size_t kTileColumns = 4;
inline constexpr std::size_t kTileRows = 4;
inline constexpr std::size_t kTiles = kTileColumns * kTileRows;
inline constexpr std::size_t kPlaceColumns = 24;  // of a tile
inline constexpr std::size_t kPlaceRows = 15;
inline constexpr std::size_t kFirstCellRow = 4;
inline constexpr std::size_t kCellRows = 6;
inline constexpr std::size_t kCells = kPlaceColumns * kCellRows;
inline constexpr std::uint32_t kFrameNumbers =
    1u << 24;  // frame numbers count modulo this: 7.7 days at 25 a second

/// Whose picture it is. Test cameras have small numbers where the product has 128-bit ids.
struct Identity {
  std::uint32_t home = 0;
  std::uint32_t camera = 0;
  std::uint8_t tenure = 0;
  friend auto operator<=>(const Identity&, const Identity&) = default;
};

/// A moment, and how far local time was ahead of UTC, in quarter hours.
struct LocalTime {
  std::uint32_t unix_seconds = 0;
  std::int8_t zone_quarters = 0;
  friend auto operator<=>(const LocalTime&, const LocalTime&) = default;
};
std::string to_string(const LocalTime& time);  // "2026-11-23T07:15:00+01:00"
std::string zone_text(const LocalTime& time);  // "+01:00"

/// All that one picture says.
struct Mark {
  Identity identity;
  std::uint32_t frame = 0;  // below kFrameNumbers
  LocalTime time;
  friend bool operator==(const Mark&, const Mark&) = default;
};

using Cells = std::bitset<kCells>;  // row by row; set is light

/// The cells of tile `index` (row * kTileColumns + column).
Cells tile_cells(const Mark& mark, std::size_t index);

/// What one tile says alone.
struct TileBits {
  Identity identity;
  std::optional<std::uint8_t> frame_low;
  std::uint8_t slice = 0;  // of the slow word, unchecked
};

/// Of the tile at `index`. Nothing when the cells are no static word, or have more than two damaged bytes.
std::optional<TileBits> read_tile(const Cells& cells, std::size_t index);

struct SlowWord {
  std::uint16_t frame_high = 0;
  LocalTime time;
  std::array<bool, kTiles> agrees{};  // which of the given slices are as they should be
};

/// From the slices of one identity's tiles; those of other tiles are missing.
std::optional<SlowWord> read_slow_word(const Identity& identity,
                                       std::span<const std::optional<std::uint8_t>, kTiles> slices);

}  // namespace jalousie::identity
