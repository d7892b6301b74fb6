// Where a stream's pictures come from, before clock, name and identity code are drawn into them. One thread
// per source.
#pragma once

#include <cstdint>
#include <memory>

#include "camera/canvas.h"
#include "camera/scene.h"

namespace jalousie::camera {

class Source {
 public:
  virtual ~Source() = default;
  /// The picture at frame `number`; good until the next call. Numbers rise.
  virtual const Frame& picture(std::uint64_t number) = 0;
};

/// A drawn scene.
class DrawnSource final : public Source {
 public:
  DrawnSource(std::unique_ptr<const Scene> scene, std::size_t width, std::size_t height, unsigned fps);
  const Frame& picture(std::uint64_t number) override;

 private:
  std::unique_ptr<const Scene> scene_;
  Canvas background_;
  Canvas canvas_;
  unsigned fps_;
};

}  // namespace jalousie::camera
