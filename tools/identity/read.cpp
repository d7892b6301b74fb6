#include "identity/read.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace jalousie::identity {
namespace {

// Of a cell, the middle half each way is looked at: neighbours bleed into the rest.
constexpr double kMargin = 0.25;
// Two tones, or no code: classes at least this far apart (a code is drawn 80 apart), and narrow against their
// distance. Noise of any bell shape has a ratio of 0.38, an even spread 0.29; a code after 300 kb/s and
// scaling stays below 0.2.
constexpr double kLeastContrast = 10;
constexpr double kMostSpread = 0.27;

struct Span {
  double from;
  double to;
};

/// The mean over a box with fractional edges.
double mean_of(const LumaView& picture, Span x, Span y) {
  double total = 0;
  double weight = 0;
  const auto last_x = std::min(picture.width, static_cast<std::size_t>(x.to) + 1);
  const auto last_y = std::min(picture.height, static_cast<std::size_t>(y.to) + 1);
  for (auto row = static_cast<std::size_t>(y.from); row < last_y; ++row) {
    const auto top = static_cast<double>(row);
    const auto height = std::min(top + 1, y.to) - std::max(top, y.from);
    const auto* pixels = picture.row(row);
    for (auto column = static_cast<std::size_t>(x.from); column < last_x; ++column) {
      const auto left = static_cast<double>(column);
      const auto area = height * (std::min(left + 1, x.to) - std::max(left, x.from));
      total += area * pixels[column];
      weight += area;
    }
  }
  return weight > 0 ? total / weight : 0;
}

using Levels = std::array<double, kCells>;

Levels levels_of(const LumaView& picture, std::size_t tile_row, std::size_t tile_column) {
  Levels levels{};
  const auto width = static_cast<double>(picture.width) / (kTileColumns * kPlaceColumns);
  const auto height = static_cast<double>(picture.height) / (kTileRows * kPlaceRows);
  for (std::size_t row = 0; row < kCellRows; ++row) {
    const auto top = static_cast<double>(tile_row * kPlaceRows + kFirstCellRow + row);
    for (std::size_t column = 0; column < kPlaceColumns; ++column) {
      const auto left = static_cast<double>(tile_column * kPlaceColumns + column);
      levels[row * kPlaceColumns + column] =
          mean_of(picture, {(left + kMargin) * width, (left + 1 - kMargin) * width},
                  {(top + kMargin) * height, (top + 1 - kMargin) * height});
    }
  }
  return levels;
}

/// Light and dark, told apart where that divides the levels best (Otsu 1979); nothing where they are not two
/// tones.
std::optional<Cells> two_tones(const Levels& levels) {
  auto sorted = levels;
  std::sort(sorted.begin(), sorted.end());
  const auto all = std::accumulate(sorted.begin(), sorted.end(), 0.0);
  double best = -1;
  std::size_t split = 0;
  double below = 0;
  for (std::size_t i = 1; i < sorted.size(); ++i) {
    below += sorted[i - 1];
    const auto darks = static_cast<double>(i);
    const auto lights = static_cast<double>(sorted.size() - i);
    const auto apart = (all - below) / lights - below / darks;
    if (const auto between = darks * lights * apart * apart; between > best) {
      best = between;
      split = i;
    }
  }
  const auto mean = [](auto from, auto to) {
    return std::accumulate(from, to, 0.0) / static_cast<double>(to - from);
  };
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(split);
  const auto dark = mean(sorted.begin(), middle);
  const auto light = mean(middle, sorted.end());
  double spread = 0;
  for (auto at = sorted.begin(); at != sorted.end(); ++at) {
    const auto from = *at - (at < middle ? dark : light);
    spread += from * from;
  }
  spread /= static_cast<double>(sorted.size());
  const auto contrast = light - dark;
  if (contrast < kLeastContrast || spread > kMostSpread * kMostSpread * contrast * contrast)
    return std::nullopt;
  const auto threshold = (sorted[split - 1] + sorted[split]) / 2;
  Cells cells;
  for (std::size_t i = 0; i < levels.size(); ++i) cells[i] = levels[i] > threshold;
  return cells;
}

using Bits = std::array<std::optional<TileBits>, kTiles>;

/// The low byte that most of those tiles say whose slice agrees.
std::optional<std::uint8_t> common_low(const Bits& bits, const SlowWord& slow) {
  std::map<std::uint8_t, int> votes;
  for (std::size_t i = 0; i < kTiles; ++i) {
    if (slow.agrees[i] && bits[i]->frame_low) ++votes[*bits[i]->frame_low];
  }
  if (votes.empty()) return std::nullopt;
  return std::max_element(votes.begin(), votes.end(), [](auto& a, auto& b) { return a.second < b.second; })
      ->first;
}

/// The frame number with low byte `low` that is nearest to `around`: a tile that was not renewed is a few
/// frames old.
std::uint32_t nearest_frame(std::uint32_t around, std::uint8_t low) {
  const auto step = static_cast<std::int8_t>(static_cast<std::uint8_t>(low - around));
  return (around + static_cast<std::uint32_t>(static_cast<std::int32_t>(step))) % kFrameNumbers;
}

void tell_frame_and_time(const Bits& bits, const Identity& identity, std::vector<TileReading>& readings) {
  std::array<std::optional<std::uint8_t>, kTiles> slices;
  for (std::size_t i = 0; i < kTiles; ++i) {
    if (bits[i] && bits[i]->identity == identity) slices[i] = bits[i]->slice;
  }
  const auto slow = read_slow_word(identity, slices);
  if (!slow) return;
  const auto low = common_low(bits, *slow);
  if (!low) return;
  const auto frame = static_cast<std::uint32_t>(slow->frame_high) << 8 | *low;
  for (std::size_t i = 0; i < kTiles; ++i) {
    if (!slices[i]) continue;
    if (bits[i]->frame_low) readings[i].frame = nearest_frame(frame, *bits[i]->frame_low);
    if (slow->agrees[i]) readings[i].time = slow->time;
  }
}

}  // namespace

std::vector<TileReading> read_identity(LumaView picture) {
  std::vector<TileReading> readings(kTiles);
  for (std::size_t i = 0; i < kTiles; ++i) {
    readings[i].row = i / kTileColumns;
    readings[i].column = i % kTileColumns;
  }
  if (!picture.holds() || picture.width < 192 || picture.height < 90) return readings;
  Bits bits;
  for (std::size_t i = 0; i < kTiles; ++i) {
    const auto cells = two_tones(levels_of(picture, readings[i].row, readings[i].column));
    if (!cells) continue;
    bits[i] = read_tile(*cells, i);
    if (!bits[i]) continue;
    readings[i].identity = bits[i]->identity;
    readings[i].frame_low = bits[i]->frame_low;
  }
  for (const auto& found : identities_in(readings)) tell_frame_and_time(bits, found.identity, readings);
  return readings;
}

std::vector<IdentityFound> identities_in(const std::vector<TileReading>& tiles) {
  std::vector<IdentityFound> found;
  for (const auto& tile : tiles) {
    if (!tile.identity) continue;
    auto at =
        std::find_if(found.begin(), found.end(), [&](auto& one) { return one.identity == *tile.identity; });
    if (at == found.end()) at = found.insert(found.end(), IdentityFound{*tile.identity, 0, {}, {}});
    ++at->tiles;
  }
  for (auto& one : found) {
    std::map<std::optional<std::uint32_t>, int> frames;
    std::map<std::optional<LocalTime>, int> times;
    for (const auto& tile : tiles) {
      if (tile.identity != one.identity) continue;
      ++frames[tile.frame];
      ++times[tile.time];
    }
    const auto most = [](auto& votes) {
      return std::max_element(votes.begin(), votes.end(),
                              [](auto& a, auto& b) { return a.second < b.second; })
          ->first;
    };
    one.frame = most(frames);
    one.time = most(times);
  }
  return found;
}

}  // namespace jalousie::identity
