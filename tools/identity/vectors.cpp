// Pictures with and without the identity code, good and damaged, and what the C++ reader says of each:
// written to a folder as N.rgba and N.json, for the reader in JavaScript to be held against. Used by
// tests/browser/identity_check.mjs.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>

#include <fmt/format.h>

#include "base/bytes.h"
#include "identity/draw.h"
#include "identity/picture.h"
#include "identity/report.h"

namespace {

using namespace jalousie;
using namespace jalousie::identity;

struct Rgba {
  std::size_t width, height;
  Buffer bytes;
};

Buffer scene(std::size_t width, std::size_t height, std::mt19937& random) {
  Buffer luma(width * height);
  const auto slope = random() % 200, grain = 1 + random() % 40;
  for (std::size_t i = 0; i < luma.size(); ++i)
    luma[i] = static_cast<std::uint8_t>(20 + slope * (i % width) / width + random() % grain);
  return luma;
}

Mark any_mark(std::mt19937& random) {
  Mark mark;
  mark.identity = {static_cast<std::uint32_t>(random()), static_cast<std::uint32_t>(random()),
                   static_cast<std::uint8_t>(random())};
  mark.frame = static_cast<std::uint32_t>(random()) % kFrameNumbers;
  mark.time = {static_cast<std::uint32_t>(random()),
               static_cast<std::int8_t>(static_cast<int>(random() % 105) - 48)};
  return mark;
}

Buffer marked(std::size_t width, std::size_t height, const Mark& mark, std::mt19937& random) {
  auto luma = scene(width, height, random);
  draw_identity({width, height, width, luma}, mark);
  return luma;
}

/// Mixes in another home's tiles, older tiles and grain, or leaves the code out.
Rgba picture(unsigned index, std::mt19937& random) {
  constexpr std::array<std::pair<std::size_t, std::size_t>, 5> kSizes = {
      {{640, 360}, {320, 180}, {426, 240}, {200, 112}, {333, 187}}};
  const auto [width, height] = kSizes[index % kSizes.size()];
  const auto mark = any_mark(random);
  auto luma = index % 7 == 6 ? scene(width, height, random) : marked(width, height, mark, random);
  auto other_mark = any_mark(random);
  if (index % 3 == 0) {
    other_mark = mark;
    other_mark.frame = (mark.frame + kFrameNumbers - random() % 100) % kFrameNumbers;
  }
  const auto other = marked(width, height, other_mark, random);
  for (auto strange = random() % 11; strange > 0; --strange) {
    const auto tile = random() % kTiles;
    const auto top = tile / 4 * height / 4, left = tile % 4 * width / 4;
    for (auto y = top; y < top + height / 4; ++y)
      std::copy_n(&other[y * width + left], width / 4, &luma[y * width + left]);
  }
  const auto noise = index % 2 == 0 ? 0 : static_cast<int>(random() % 120);
  Rgba rgba{width, height, {}};
  for (const auto value : luma) {
    const auto wrong = noise == 0 ? 0 : static_cast<int>(random() % static_cast<unsigned>(2 * noise)) - noise;
    const auto grey = std::clamp(value + wrong, 0, 255);
    rgba.bytes.insert(rgba.bytes.end(),
                      {static_cast<std::uint8_t>(std::min(255, grey + 9)), static_cast<std::uint8_t>(grey),
                       static_cast<std::uint8_t>(std::max(0, grey - 20)), 255});
  }
  return rgba;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    fmt::print(stderr, "usage: identity_vectors FOLDER COUNT\n");
    return 2;
  }
  std::mt19937 random(7);
  const auto pictures = static_cast<unsigned>(std::strtoul(arguments[2], nullptr, 10));
  for (unsigned i = 0; i < pictures; ++i) {
    const auto rgba = picture(i, random);
    const auto luma = decode_raw(rgba.bytes, RawFormat::Rgba, {rgba.width, rgba.height});
    const auto path = fmt::format("{}/{}", arguments[1], i);
    std::ofstream(path + ".rgba", std::ios::binary)
        .write(reinterpret_cast<const char*>(rgba.bytes.data()),
               static_cast<std::streamsize>(rgba.bytes.size()));
    std::ofstream json(path + ".json");
    json << fmt::format(R"({{"width":{},"height":{},"reading":{}}})", rgba.width, rgba.height,
                        to_json(read_identity(luma->view())));
    if (!json) {
      fmt::print(stderr, "cannot write {}\n", path);
      return 1;
    }
  }
}
