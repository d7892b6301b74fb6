// jalousie-read-identity: prints what the tiles of a decoded picture say.
#include <cstdio>
#include <iostream>
#include <iterator>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "identity/picture.h"
#include "identity/report.h"

namespace {

using namespace jalousie;
using namespace jalousie::identity;

struct Options {
  std::string path = "-";
  std::string raw;
  std::string size;
  bool json = false;
};

Result<Picture> load(const Options& options) {
  Buffer bytes;
  if (options.path == "-") {
    bytes.assign(std::istreambuf_iterator<char>(std::cin), {});
  } else {
    TRY(bytes, read_file(options.path));
  }
  if (options.raw.empty()) return decode_picture(bytes);
  TRY(const auto format, parse_raw_format(options.raw));
  TRY(const auto size, parse_size(options.size));
  return decode_raw(bytes, format, size);
}

}  // namespace

int main(int count, char** arguments) {
  Options options;
  CLI::App app(
      "Reads the identity code in a decoded picture of a Jalousie test camera: home, camera, tenure, frame "
      "number\n"
      "and local time, tile by tile. Exit status 0 when at least one tile was read, 1 when none was, 2 when "
      "the\n"
      "picture could not be taken.");
  app.add_option("picture", options.path, "PNG or JPEG file, or raw pixels; - reads standard input")
      ->capture_default_str();
  app.add_flag("--json", options.json, "print one JSON object");
  auto* raw = app.add_option("--raw", options.raw, "the file holds raw pixels: rgb24, rgba or i420");
  auto* size = app.add_option("--size", options.size, "of a raw picture, as 1280x720");
  raw->needs(size);
  size->needs(raw);
  CLI11_PARSE(app, count, arguments);

  const auto picture = load(options);
  if (!picture) {
    fmt::print(stderr, "jalousie-read-identity: {}\n", picture.error().message());
    return 2;
  }
  const auto tiles = read_identity(picture->view());
  fmt::print("{}", options.json ? to_json(tiles) + "\n" : to_lines(tiles));
  return identities_in(tiles).empty() ? 1 : 0;
}
