// Where a session's pictures come from: a stream of the one camera, or one of a fleet. Used on the loop.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/time.h"

namespace jalousie::camera {

struct CodedFrame {
  Buffer unit;  // codec/access_unit.h
  std::uint64_t number = 0;
  UtcTime taken;
  bool key_frame = false;
};

/// When frames are due; common to the streams of a camera.
struct Schedule {
  SteadyTime start;
  unsigned fps = 25;

  SteadyTime due(std::uint64_t number) const { return start + Microseconds(number * 1'000'000 / fps); }
  /// The last frame that is due at `now`.
  std::uint64_t number_at(SteadyTime now) const {
    return static_cast<std::uint64_t>((now - start).count()) * fps / 1'000'000;
  }
};

class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void on_frame(const CodedFrame& frame) = 0;
};

class Feed {
 public:
  virtual ~Feed() = default;
  /// From now on, until detach(); the first watcher starts the pictures, with a key frame. Returns the number
  /// of the first frame that will come, or before which none will.
  virtual std::uint64_t attach(Watcher& watcher) = 0;
  /// The last one ends the pictures.
  virtual void detach(Watcher& watcher) = 0;
};

}  // namespace jalousie::camera
