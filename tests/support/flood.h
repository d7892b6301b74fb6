// Takes all threads of a pool of workers with one piece of work, again and again, for as long as it lives.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <latch>

#include "io/workers.h"

namespace jalousie::test {

class Flood {
 public:
  /// Returns when every one of the `threads` is taken.
  Flood(io::Workers& workers, std::size_t threads, std::function<void()> work)
      : work_(std::move(work)),
        begun_(static_cast<std::ptrdiff_t>(threads)),
        ended_(static_cast<std::ptrdiff_t>(threads)) {
    for (std::size_t count = 0; count < threads; ++count) {
      workers.post([this] {
        begun_.count_down();
        while (!over_) work_();
        ended_.count_down();
      });
    }
    begun_.wait();
  }
  ~Flood() {
    over_ = true;
    ended_.wait();
  }
  Flood(const Flood&) = delete;
  Flood& operator=(const Flood&) = delete;

 private:
  std::function<void()> work_;
  std::atomic<bool> over_{false};
  std::latch begun_;
  std::latch ended_;
};

}  // namespace jalousie::test
