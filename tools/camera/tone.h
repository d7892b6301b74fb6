// What the camera hears: a steady tone, as G.711, Opus or AAC. Every frame is the tone's own stretch of time,
// so that frames of one number sound alike in every session. One thread.
#pragma once

#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/audio_format.h"

namespace jalousie::camera {

class Tone {
 public:
  /// Half of full scale. Unsupported where this machine's libavcodec cannot code it.
  static Result<std::unique_ptr<Tone>> create(codec::AudioCodec codec, unsigned hertz);
  ~Tone();

  const codec::AudioFormat& format() const;
  /// Of one frame, at the format's rate: 20 ms, of AAC 1024 samples.
  std::uint32_t frame_ticks() const;
  /// The frame after the one before, which begins at `number` times frame_ticks(). Good until the next call.
  Result<ByteView> encode(std::uint64_t number);

  struct Impl;
  explicit Tone(std::unique_ptr<Impl> impl);

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace jalousie::camera
