// Another program, started with nothing but one descriptor: its descriptor 0 is one end of a socket pair, we
// have the other. Empty environment, no arguments, a session of its own. It is never left behind: whoever
// drops a Child has killed it.
#pragma once

#include <memory>
#include <string>
#include <sys/types.h>

#include "base/result.h"
#include "io/stream.h"

namespace jalousie::io {

class Child {
 public:
  /// Blocks until the program runs or could not be started: on a worker thread. NotFound, PermissionDenied,
  /// or ResourceExhausted.
  static Result<std::unique_ptr<Child>> start(const std::string& program);
  /// As end().
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// Our end of the socket, once, for `loop`.
  Result<std::unique_ptr<Stream>> stream(Loop& loop);
  /// Kills it unless it ended by itself, and says how it ended: "exit 0", "signal 9 (Killed)". Waits for the
  /// kernel: on a worker thread.
  std::string end();
  pid_t pid() const { return pid_; }

 private:
  Child(pid_t pid, int socket) : pid_(pid), socket_(socket) {}

  pid_t pid_;
  int socket_;  // -1: given away
  std::string ended_;
};

}  // namespace jalousie::io
