#include "camera/tone_scene.h"

#include "camera/source.h"

namespace jalousie::camera {
namespace {

std::uint8_t mean(const Frame& frame, std::size_t column, std::size_t row) {
  unsigned sum = 0;
  for (std::size_t y = 0; y < kTonePixels; ++y) {
    const auto* pixels = frame.plane(0) + (row * kTonePixels + y) * frame.stride(0) + column * kTonePixels;
    for (std::size_t x = 0; x < kTonePixels; ++x) sum += pixels[x];
  }
  return static_cast<std::uint8_t>(sum / (kTonePixels * kTonePixels));
}

}  // namespace

ToneScene::ToneScene(SceneKind kind) : pictures_(std::size_t{kPerSecond} * kSeconds) {
  DrawnSource source(make_scene(kind, 1, 1), kToneColumns * kTonePixels, kToneRows * kTonePixels, kPerSecond);
  for (std::size_t number = 0; number < pictures_.size(); ++number) {
    const auto& frame = source.picture(number);
    for (std::size_t row = 0; row < kToneRows; ++row) {
      for (std::size_t column = 0; column < kToneColumns; ++column)
        pictures_[number][row * kToneColumns + column] = mean(frame, column, row);
    }
  }
}

}  // namespace jalousie::camera
