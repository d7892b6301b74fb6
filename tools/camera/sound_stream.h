// The camera's sound while somebody listens: frames on a steady schedule, the same to all. Each is ready when
// its stretch of time is over. Used on the loop, which codes them: it costs next to nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/time.h"
#include "camera/tone.h"
#include "io/loop.h"

namespace jalousie::camera {

struct CodedSound {
  ByteView frame;            // good during the call
  std::uint64_t number = 0;  // begins at this times Tone::frame_ticks()
  UtcTime taken{};           // its first sample
};

class Listener {
 public:
  virtual ~Listener() = default;
  virtual void on_sound(const CodedSound& sound) = 0;
};

class SoundStream {
 public:
  SoundStream(io::Loop& loop, const Clock& clock, SteadyTime start, std::unique_ptr<Tone> tone);

  const Tone& tone() const { return *tone_; }
  /// From now on, until detach(). Returns the number of the first frame that will come.
  std::uint64_t attach(Listener& listener);
  void detach(Listener& listener);

 private:
  Microseconds begin_of(std::uint64_t number) const;
  std::uint64_t number_at(SteadyTime now) const;
  void wait();
  void deliver();

  const Clock& clock_;
  SteadyTime start_;
  std::unique_ptr<Tone> tone_;
  std::vector<Listener*> listeners_;
  std::uint64_t next_ = 0;
  io::Timer timer_;
};

}  // namespace jalousie::camera
