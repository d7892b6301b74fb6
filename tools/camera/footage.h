// Real footage from a file, looped, scaled and cropped to a stream's size. Decoded by FFmpeg's libraries in
// this process: the file is the tester's own. Which moment is shown follows from the frame number alone, so
// that main and sub stream show the same. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "camera/source.h"

namespace jalousie::camera {

class Footage final : public Source {
 public:
  /// NotFound, Unsupported (no video that can be decoded, no length, not planar 8-bit YUV): the message says
  /// which.
  static Result<std::unique_ptr<Footage>> open(const std::string& path, std::size_t width, std::size_t height,
                                               unsigned fps);
  ~Footage() override;

  /// Where the file turns out damaged, the last good picture stays.
  const Frame& picture(std::uint64_t number) override;

  struct Impl;
  explicit Footage(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace jalousie::camera
