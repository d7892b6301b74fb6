// How many cameras may begin to connect at once. After an outage thousands come back together; each
// connection costs a handshake, a key and a first burst of pictures, and those who are already watching must
// not feel it. So connections are let in at a steady rate, after a first burst, taking turns by home: a home
// with 500 cameras does not keep one with two waiting. Safe from any loop; who waits is resumed on its own.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <unordered_map>

#include "base/ids.h"
#include "base/time.h"
#include "io/task.h"

namespace jalousie::ingest {

class Admission {
 public:
  struct Rate {
    std::size_t per_second = 100;
    std::size_t burst = 50;
  };
  Admission(const Clock& clock, Rate rate);
  /// Nobody may be waiting: close() first.
  ~Admission();
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;

  /// Returns when a camera of this home may connect. Not interrupted by cancellation; close() lets everybody
  /// through.
  io::Task<> enter(HomeId home);
  /// Lets in who is due; call it some ten times a second or more.
  void tick();
  /// Lets in all who wait, and all who come.
  void close();
  std::size_t waiting() const;

 private:
  using Resume = std::move_only_function<void()>;
  struct Queue {
    HomeId home;
    std::deque<Resume> waiting;
  };
  bool take_token();
  Resume next_in_turn();

  const Clock& clock_;
  const Rate rate_;
  mutable std::mutex mutex_;
  double tokens_;
  SteadyTime refilled_;
  std::list<Queue> turns_;  // homes with somebody waiting; the front one is next
  std::unordered_map<HomeId, std::list<Queue>::iterator> queues_;
  std::size_t waiting_ = 0;
  bool closed_ = false;
};

}  // namespace jalousie::ingest
