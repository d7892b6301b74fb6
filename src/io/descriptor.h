// A non-blocking file descriptor on a loop: waits until it can be read or written. The system calls are its
// user's. Private to io; the one place that talks to Asio's reactor.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "base/result.h"
#include "io/loop.h"
#include "io/task.h"

namespace jalousie::io {

class Descriptor {
 public:
  enum class Side : std::uint8_t { Read, Write };
  enum class Wake : std::uint8_t {
    Ready,
    TimedOut,  // and the descriptor is of no further use: all its waits end so
    Closed,
  };

  /// Takes `fd`, also when it fails. From any thread.
  static Result<std::unique_ptr<Descriptor>> open(Loop& loop, int fd);
  ~Descriptor();
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int fd() const;
  bool is_open() const;
  /// One wait per side at a time. Unwinds when the task is cancelled.
  Task<Wake> wait(Side side, std::chrono::steady_clock::time_point due);
  /// Calls `readable` each time there is something to read, until close() or destruction.
  void watch(std::move_only_function<void()> readable);
  /// Ends the waits. The fd itself stays until the destructor when `keep_fd`: other threads may be using it.
  void close(bool keep_fd = false);

  struct Impl;
  explicit Descriptor(std::shared_ptr<Impl> impl);

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace jalousie::io
