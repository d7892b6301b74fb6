// Whose picture a block holds.
#pragma once

#include <compare>
#include <functional>

#include "base/ids.h"

namespace jalousie::seal {

/// (camera, tenure) names exactly one home, for ever; the home is carried all the same, so that a mix-up of
/// either shows.
struct Label {
  HomeId home;
  CameraId camera;
  Tenure tenure{};

  friend auto operator<=>(const Label&, const Label&) = default;
};

/// One stream of one label: what a ring, a sealer and an opener belong to.
struct StreamLabel {
  Label label;
  StreamId stream = StreamId::Main;

  friend auto operator<=>(const StreamLabel&, const StreamLabel&) = default;
};

}  // namespace jalousie::seal

template <>
struct std::hash<jalousie::seal::StreamLabel> {
  std::size_t operator()(const jalousie::seal::StreamLabel& of) const noexcept {
    return std::hash<jalousie::CameraId>()(of.label.camera) ^
           std::hash<jalousie::HomeId>()(of.label.home) * 31 ^
           static_cast<std::size_t>(jalousie::to_number(of.label.tenure)) * 131 ^
           jalousie::to_number(of.stream);
  }
};
