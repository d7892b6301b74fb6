// How long to wait before the next attempt: twice as long each time, up to a most, with the second half of it
// random, so that the cameras of an outage do not come back in step.
#pragma once

#include "base/random.h"
#include "base/time.h"

namespace jalousie::ingest {

class Backoff {
 public:
  Backoff(Microseconds first, Microseconds most) : first_(first), most_(most), next_(first) {}

  Microseconds next(RandomSource& random);
  void reset() { next_ = first_; }

 private:
  Microseconds first_;
  Microseconds most_;
  Microseconds next_;
};

}  // namespace jalousie::ingest
