// H.264 by libx264, as a camera makes it: no B-frames, a key frame every so many frames and nowhere else,
// parameter sets before each. Units are in the format of codec/access_unit.h (4-byte lengths). One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "camera/canvas.h"

namespace jalousie::camera {

struct EncoderSettings {
  std::size_t width = 1280;
  std::size_t height = 720;
  unsigned fps = 25;
  unsigned gop_frames = 50;  // from one key frame to the next
  unsigned kilobits_per_second = 2000;
};

class Encoder {
 public:
  static Result<std::unique_ptr<Encoder>> create(const EncoderSettings& settings);
  ~Encoder();

  struct Unit {
    ByteView bytes;  // good until the next call
    bool key_frame = false;
  };
  /// One picture in, its unit out, at once. `frame` is overwritten.
  Result<Unit> encode(Frame& frame);

  /// SPS and PPS, without lengths: the same for the same settings.
  const std::vector<Buffer>& parameter_sets() const;

  struct Impl;
  explicit Encoder(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace jalousie::camera
