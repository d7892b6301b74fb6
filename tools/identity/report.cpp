#include "identity/report.h"

#include <fmt/format.h>

namespace jalousie::identity {
namespace {

template <class Number>
std::string number_or_null(const std::optional<Number>& number) {
  return number ? fmt::format("{}", *number) : "null";
}

std::string identity_fields(const Identity& identity) {
  return fmt::format(R"("home":{},"camera":{},"tenure":{})", identity.home, identity.camera, identity.tenure);
}

std::string moment_fields(const std::optional<std::uint32_t>& frame, const std::optional<LocalTime>& time) {
  if (!time) return fmt::format(R"("frame":{},"time":null,"zone":null)", number_or_null(frame));
  return fmt::format(R"("frame":{},"time":"{}","zone":"{}")", number_or_null(frame), to_string(*time),
                     zone_text(*time));
}

std::string tile_json(const TileReading& tile) {
  const auto place = fmt::format(R"("row":{},"column":{})", tile.row, tile.column);
  if (!tile.identity) return fmt::format(R"({{{},"unreadable":true}})", place);
  return fmt::format(R"({{{},{},"frameLow":{},{}}})", place, identity_fields(*tile.identity),
                     number_or_null(tile.frame_low), moment_fields(tile.frame, tile.time));
}

std::string tile_line(const TileReading& tile) {
  if (!tile.identity) return fmt::format("tile {},{}: unreadable\n", tile.row, tile.column);
  return fmt::format("tile {},{}: home {} camera {} tenure {} frame {} time {}\n", tile.row, tile.column,
                     tile.identity->home, tile.identity->camera, tile.identity->tenure,
                     tile.frame ? fmt::format("{}", *tile.frame) : "?",
                     tile.time ? to_string(*tile.time) : "?");
}

}  // namespace

std::string to_json(const std::vector<TileReading>& tiles) {
  std::string json = R"({"tiles":[)";
  for (const auto& tile : tiles) json += (tile.row + tile.column > 0 ? "," : "") + tile_json(tile);
  json += R"(],"identities":[)";
  bool first = true;
  for (const auto& found : identities_in(tiles)) {
    json += fmt::format(R"({}{{{},"tiles":{},{}}})", first ? "" : ",", identity_fields(found.identity),
                        found.tiles, moment_fields(found.frame, found.time));
    first = false;
  }
  return json + "]}";
}

std::string to_lines(const std::vector<TileReading>& tiles) {
  std::string lines;
  for (const auto& tile : tiles) lines += tile_line(tile);
  for (const auto& found : identities_in(tiles)) {
    lines += fmt::format("home {} camera {} tenure {}: {} of {} tiles\n", found.identity.home,
                         found.identity.camera, found.identity.tenure, found.tiles, tiles.size());
  }
  return lines;
}

}  // namespace jalousie::identity
