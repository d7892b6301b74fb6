// Up to a thousand cameras of one process, each with pictures of its own on one event loop: no thread and no
// encoder of libx264. Frame n of all of them falls due within one frame's time, one camera after the other;
// key frames are spread over the GOP. Only cameras that are watched are coded. docs/design/camera-fleet.md.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/time.h"
#include "camera/feed.h"
#include "camera/tone_coder.h"
#include "io/loop.h"

namespace jalousie::camera {

inline constexpr unsigned kFleetMost = 1'000;

struct FleetSettings {
  unsigned cameras = 1;  // up to kFleetMost
  unsigned homes = 1;    // camera k, from 0 on, is of home `home` + k % homes, with number `camera` + k
  std::uint32_t home = 1;
  std::uint32_t camera = 1;
  std::uint8_t tenure = 1;
  unsigned fps = 25;
  unsigned gop_frames = 50;
  unsigned kilobits_per_second = 300;
};

class Fleet {
 public:
  /// References outlive the fleet.
  Fleet(io::Loop& loop, const Clock& clock, const FleetSettings& settings);
  ~Fleet();
  Fleet(const Fleet&) = delete;
  Fleet& operator=(const Fleet&) = delete;

  /// One feed a camera, in their order; nobody may be attached to them when the fleet goes.
  const std::vector<std::unique_ptr<Feed>>& feeds() const { return feeds_; }
  static identity::Identity identity_of(const FleetSettings& settings, unsigned camera);

  std::uint64_t frames() const { return frames_; }
  /// Frames of watched cameras that this machine was too slow for: never numbered packets, so no loss.
  std::uint64_t left_out() const { return left_out_; }

 private:
  class Camera;
  void wake();
  void tick();
  std::uint64_t slot_at(SteadyTime now) const;
  SteadyTime due(std::uint64_t slot) const;

  const Clock& clock_;
  const FleetSettings settings_;
  std::vector<std::unique_ptr<Feed>> feeds_;
  std::vector<Camera*> cameras_;
  SteadyTime start_;
  std::uint64_t next_slot_ = 0;  // frame * cameras + camera
  std::size_t watched_ = 0;
  std::uint64_t frames_ = 0;
  std::uint64_t left_out_ = 0;
  io::Timer timer_;
};

}  // namespace jalousie::camera
