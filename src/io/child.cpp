#include "io/child.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <string.h>  // strsignal
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "base/assert.h"
#include "io/errors.h"
#include "io/socket_stream.h"

namespace jalousie::io {

namespace {

class SpawnRules {
 public:
  SpawnRules() {
    good_ = posix_spawn_file_actions_init(&actions_) == 0 && posix_spawnattr_init(&attributes_) == 0;
  }
  SpawnRules(const SpawnRules&) = delete;
  SpawnRules& operator=(const SpawnRules&) = delete;
  ~SpawnRules() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }

  /// Descriptor 0 is `socket`, there is no other; signals are as a fresh program expects them; Ctrl-C at our
  /// terminal is not for it.
  bool set(int socket) {
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    return good_ && posix_spawn_file_actions_adddup2(&actions_, socket, 0) == 0 &&
           posix_spawn_file_actions_addclosefrom_np(&actions_, 1) == 0 &&
           posix_spawnattr_setsigmask(&attributes_, &none) == 0 &&
           posix_spawnattr_setsigdefault(&attributes_, &all) == 0 &&
           posix_spawnattr_setflags(&attributes_,
                                    POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID) == 0;
  }
  /// 0, or an errno.
  int spawn(const std::string& program, pid_t& pid) const {
    std::string name = program;
    std::array<char*, 2> arguments{name.data(), nullptr};
    std::array<char*, 1> environment{nullptr};
    return posix_spawn(&pid, program.c_str(), &actions_, &attributes_, arguments.data(), environment.data());
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
  bool good_ = false;
};

}  // namespace

Result<std::unique_ptr<Child>> Child::start(const std::string& program) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return fail_errno(errno, program);
  pid_t pid = 0;
  int error = ::fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0 ? 0 : errno;
  if (SpawnRules rules; error == 0) error = rules.set(ends[1]) ? rules.spawn(program, pid) : ENOMEM;
  ::close(ends[1]);
  if (error != 0) {
    ::close(ends[0]);
    return fail_errno(error, program);
  }
  return std::unique_ptr<Child>(new Child(pid, ends[0]));
}

Child::~Child() { static_cast<void>(end()); }

Result<std::unique_ptr<Stream>> Child::stream(Loop& loop) {
  JAL_ASSERT(socket_ >= 0);
  return stream_of(loop, std::exchange(socket_, -1));
}

std::string Child::end() {
  if (!ended_.empty()) return ended_;
  // It cannot be another process: its pid is ours until we have waited for it. Before the socket goes, at
  // whose end some programs leave of their own accord.
  static_cast<void>(::kill(pid_, SIGKILL));
  if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  ended_ = WIFSIGNALED(status)
               ? fmt::format("signal {} ({})", WTERMSIG(status), ::strsignal(WTERMSIG(status)))
               : fmt::format("exit {}", WEXITSTATUS(status));
  return ended_;
}

}  // namespace jalousie::io
