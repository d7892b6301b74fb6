// What a fleet's cameras look at: ten seconds of a drawn scene as tones, five pictures a second, again and
// again. Made once, then read only.
#pragma once

#include <vector>

#include "camera/scene.h"
#include "camera/tone_coder.h"

namespace jalousie::camera {

class ToneScene {
 public:
  static constexpr unsigned kPerSecond = 5;
  static constexpr unsigned kSeconds = 10;

  explicit ToneScene(SceneKind kind);
  /// The picture at `number` of those.
  const Tones& at(std::uint64_t number) const { return pictures_[number % pictures_.size()]; }

 private:
  std::vector<Tones> pictures_;
};

}  // namespace jalousie::camera
