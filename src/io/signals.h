// Waits for the signals that ask a server to end (SIGINT, SIGTERM) or to read its configuration again
// (SIGHUP). While one exists, they no longer end the process. One per process.
#pragma once

#include <memory>

#include "io/loop.h"
#include "io/task.h"

namespace jalousie::io {

class SignalWaiter {
 public:
  explicit SignalWaiter(Loop& loop);
  ~SignalWaiter();
  SignalWaiter(const SignalWaiter&) = delete;
  SignalWaiter& operator=(const SignalWaiter&) = delete;

  /// The number of the next signal; those that come while nobody waits are kept. On the loop only.
  Task<int> wait();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jalousie::io
