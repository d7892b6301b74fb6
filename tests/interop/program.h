// Other programs, run by a test: started with a pipe to their input and output, and ended with the object.
#pragma once

#include <chrono>
#include <string>
#include <sys/types.h>
#include <vector>

namespace jalousie::interop {

class Program {
 public:
  /// `arguments` begins with the program, found in PATH. Its errors go to `error_path`.
  explicit Program(std::vector<std::string> arguments, const std::string& error_path = "/dev/null");
  /// Closes its input, waits two seconds, and kills it.
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  /// The next line of its output, without the line end; empty when none comes in `timeout`.
  std::string read_line(std::chrono::milliseconds timeout);
  /// All of its output, and its exit code once it has ended by itself.
  std::string read_all();
  int wait();

 private:
  pid_t pid_ = -1;
  int input_ = -1;
  int output_ = -1;
  std::string rest_;
};

/// Runs it to its end; its output. Throws where it fails: a test that needs it cannot go on.
std::string run(std::vector<std::string> arguments);

}  // namespace jalousie::interop
