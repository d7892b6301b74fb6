#include "program.h"

#include <array>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdexcept>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

extern char** environ;

namespace jalousie::interop {

Program::Program(std::vector<std::string> arguments, const std::string& error_path) {
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  if (pipe2(in.data(), O_CLOEXEC) != 0 || pipe2(out.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], 0);
  posix_spawn_file_actions_adddup2(&actions, out[1], 1);
  posix_spawn_file_actions_addopen(&actions, 2, error_path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  std::vector<char*> words;
  for (auto& argument : arguments) words.push_back(argument.data());
  words.push_back(nullptr);
  const int failed = posix_spawnp(&pid_, words[0], &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(in[0]);
  close(out[1]);
  input_ = in[1];
  output_ = out[0];
  if (failed != 0) throw std::runtime_error("cannot start " + arguments[0]);
}

Program::~Program() {
  close(input_);
  for (int i = 0; pid_ > 0 && i < 200; ++i) {
    if (waitpid(pid_, nullptr, WNOHANG) == pid_)
      pid_ = -1;
    else
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  close(output_);
}

std::string Program::read_line(std::chrono::milliseconds timeout) {
  const auto until = std::chrono::steady_clock::now() + timeout;
  while (rest_.find('\n') == std::string::npos) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    pollfd wanted{output_, POLLIN, 0};
    if (left.count() <= 0 || poll(&wanted, 1, static_cast<int>(left.count())) <= 0) return {};
    std::array<char, 4096> buffer{};
    const auto count = read(output_, buffer.data(), buffer.size());
    if (count <= 0) return {};
    rest_.append(buffer.data(), static_cast<std::size_t>(count));
  }
  const auto end = rest_.find('\n');
  auto line = rest_.substr(0, end);
  rest_.erase(0, end + 1);
  return line;
}

std::string Program::read_all() {
  std::array<char, 4096> buffer{};
  while (true) {
    const auto count = read(output_, buffer.data(), buffer.size());
    if (count <= 0) return std::move(rest_);
    rest_.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

int Program::wait() {
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::string run(std::vector<std::string> arguments) {
  const auto name = arguments[0];
  Program program(std::move(arguments));
  auto output = program.read_all();
  if (program.wait() != 0) throw std::runtime_error(name + " failed");
  return output;
}

}  // namespace jalousie::interop
