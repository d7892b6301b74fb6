#include "identity/draw.h"

#include <vector>

#include "base/assert.h"

namespace jalousie::identity {
namespace {

// A cell is its tone plus a fifth of what the scene differs from middle grey: 88 +- 26 and 168 +- 26 stay
// apart whatever the scene, and the scene can still be made out.
constexpr int kDark = 88;
constexpr int kLight = 168;
constexpr int kThrough = 51;  // of 256
constexpr int kMiddle = 128;

std::size_t edge(std::size_t place, std::size_t size, std::size_t places) {
  return (2 * place * size + places) / (2 * places);
}

void blend(std::uint8_t* row, const std::uint8_t* tones, std::size_t width) {
  for (std::size_t x = 0; x < width; ++x)
    row[x] = static_cast<std::uint8_t>(tones[x] + ((row[x] * kThrough) >> 8));
}

}  // namespace

void draw_identity(MutableLuma picture, const Mark& mark) {
  constexpr auto kColumns = kTileColumns * kPlaceColumns;
  constexpr auto kRows = kTileRows * kPlaceRows;
  JAL_ASSERT(picture.holds() && picture.width >= 2 * kColumns && picture.height >= kRows);
  std::vector<std::uint8_t> tones(picture.width);
  for (std::size_t tile_row = 0; tile_row < kTileRows; ++tile_row) {
    std::array<Cells, kTileColumns> tiles;
    for (std::size_t i = 0; i < kTileColumns; ++i) tiles[i] = tile_cells(mark, tile_row * kTileColumns + i);
    for (std::size_t cell_row = 0; cell_row < kCellRows; ++cell_row) {
      for (std::size_t column = 0; column < kColumns; ++column) {
        const auto light = tiles[column / kPlaceColumns][cell_row * kPlaceColumns + column % kPlaceColumns];
        const auto tone = (light ? kLight : kDark) - kMiddle * kThrough / 256;
        const auto from = edge(column, picture.width, kColumns);
        std::fill(tones.begin() + static_cast<std::ptrdiff_t>(from),
                  tones.begin() + static_cast<std::ptrdiff_t>(edge(column + 1, picture.width, kColumns)),
                  static_cast<std::uint8_t>(tone));
      }
      const auto place = tile_row * kPlaceRows + kFirstCellRow + cell_row;
      const auto bottom = edge(place + 1, picture.height, kRows);
      for (auto y = edge(place, picture.height, kRows); y < bottom; ++y)
        blend(picture.row(y), tones.data(), picture.width);
    }
  }
}

std::array<Rows, kTileRows> changing_rows(std::size_t height) {
  std::array<Rows, kTileRows> rows;
  for (std::size_t i = 0; i < kTileRows; ++i) {
    const auto last = i * kPlaceRows + kFirstCellRow + kCellRows - 1;
    rows[i] = {edge(last, height, kTileRows * kPlaceRows), edge(last + 1, height, kTileRows * kPlaceRows)};
  }
  return rows;
}

}  // namespace jalousie::identity
