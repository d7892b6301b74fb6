#include "camera/source.h"

namespace jalousie::camera {

DrawnSource::DrawnSource(std::unique_ptr<const Scene> scene, std::size_t width, std::size_t height,
                         unsigned fps)
    : scene_(std::move(scene)), background_(width, height), canvas_(width, height), fps_(fps) {
  scene_->background(background_);
  background_.forget_touched();
  canvas_.frame() = background_.frame();
}

const Frame& DrawnSource::picture(std::uint64_t number) {
  canvas_.restore(background_);
  scene_->movement(canvas_, static_cast<double>(number) / fps_);
  return canvas_.frame();
}

}  // namespace jalousie::camera
