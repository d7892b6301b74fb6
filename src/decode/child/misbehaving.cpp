// For tests only: the decoder child with a traitor inside, as one would be who took it over. Its first unit
// may be a command, "misbehave:open" and the like; everything else it decodes as the real one does, inside
// the same compartment. A command that is not stopped answers with a picture, so that the test sees it.
#include <array>
#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <string_view>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#include <utility>

#include "base/limits.h"
#include "decode/child/serve.h"

namespace jalousie::decode {
namespace {

constexpr std::string_view kCommand = "misbehave:";
constexpr std::array<std::uint8_t, 4> kEmptyJpeg{0xFF, 0xD8, 0xFF, 0xD9};

Drawn unstopped() {
  return {.outcome = Outcome::Picture,
          .width = 16,
          .height = 16,
          .jpeg = Buffer(kEmptyJpeg.begin(), kEmptyJpeg.end())};
}

AnswerHeader picture(std::uint32_t number, std::size_t bytes) {
  return {.number = number,
          .outcome = Outcome::Picture,
          .width = 16,
          .height = 16,
          .jpeg_bytes = static_cast<std::uint32_t>(bytes)};
}

struct Deed {
  std::string_view name;
  void (*act)(const RequestHeader& request);
};

void send_header(const AnswerHeader& header) { static_cast<void>(send_all(header.encode())); }

/// As much as there is; when more than a gigabyte is, nothing has stopped it.
void eat_memory() {
  constexpr std::size_t kBite = std::size_t{16} << 20;
  for (std::size_t eaten = 0; eaten < std::size_t{1} << 30; eaten += kBite) {
    void* const bite = std::malloc(kBite);
    if (bite == nullptr) ::_exit(42);
    wipe({static_cast<std::uint8_t*>(bite), kBite});
  }
}

void write_for_ever() {
  const Buffer noise(65536, 0x55);
  while (send_all(noise)) {
  }
}

[[noreturn]] void loop_for_ever() {
  for (volatile std::uint32_t turns = 0;; turns = turns + 1) {
  }
}

void loop_for(std::chrono::seconds time) {
  const auto until = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < until) {
  }
}

const Deed kDeeds[] = {
    {"slow", [](const RequestHeader&) { loop_for(std::chrono::seconds(3)); }},
    {"open", [](const RequestHeader&) { ::open("/etc/hostname", O_RDONLY); }},
    {"create", [](const RequestHeader&) { ::open("/tmp/stolen", O_WRONLY | O_CREAT, 0600); }},
    {"socket", [](const RequestHeader&) { ::socket(AF_INET, SOCK_STREAM, 0); }},
    {"unix_socket", [](const RequestHeader&) { ::socket(AF_UNIX, SOCK_STREAM, 0); }},
    {"fork", [](const RequestHeader&) { ::fork(); }},
    {"thread",
     [](const RequestHeader&) {
       ::syscall(SYS_clone, CLONE_VM | CLONE_THREAD | CLONE_SIGHAND, nullptr, nullptr, nullptr, 0);
     }},
    {"exec",
     [](const RequestHeader&) {
       std::array<char*, 1> none{nullptr};
       ::execve("/bin/true", none.data(), none.data());
     }},
    {"kill", [](const RequestHeader&) { ::kill(1, 0); }},
    {"ptrace", [](const RequestHeader&) { ::ptrace(PTRACE_ATTACH, 1, nullptr, nullptr); }},
    {"read_memory",
     [](const RequestHeader&) {
       iovec none{};
       ::process_vm_readv(1, &none, 1, &none, 1, 0);
     }},
    {"other_descriptor",
     [](const RequestHeader&) {
       std::uint8_t byte = 0;
       static_cast<void>(!::read(3, &byte, 1));
     }},
    {"pass_descriptor",
     [](const RequestHeader&) {
       msghdr message{};
       ::recvmsg(0, &message, 0);
     }},
    {"code_memory",
     [](const RequestHeader&) {
       ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
     }},
    {"data_to_code",
     [](const RequestHeader&) {
       void* const page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
       ::mprotect(page, 4096, PROT_READ | PROT_EXEC);
     }},
    {"shared_memory",
     [](const RequestHeader&) {
       ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
     }},
    {"new_user", [](const RequestHeader&) { static_cast<void>(!::setuid(0)); }},
    {"unfilter", [](const RequestHeader&) { ::syscall(SYS_seccomp, 1, 0, nullptr); }},
    {"crash", [](const RequestHeader&) { *const_cast<volatile int*>(std::add_pointer_t<int>(nullptr)) = 1; }},
    {"abort", [](const RequestHeader&) { std::abort(); }},
    {"leave", [](const RequestHeader&) { ::_exit(0); }},
    {"eat", [](const RequestHeader&) { eat_memory(); }},
    {"loop", [](const RequestHeader&) { loop_for_ever(); }},
    {"garbage",
     [](const RequestHeader&) { static_cast<void>(send_all(as_bytes("this is no answer at all"))); }},
    {"flood", [](const RequestHeader&) { write_for_ever(); }},
    {"huge", [](const RequestHeader& request) { send_header(picture(request.number, 0xFFFF'FFFF)); }},
    {"too_long",
     [](const RequestHeader& request) {
       send_header(picture(request.number, limits::kStillJpegBytes + 1));
       write_for_ever();
     }},
    {"half",
     [](const RequestHeader& request) {
       send_header(picture(request.number, 1000));
       loop_for_ever();
     }},
    {"no_jpeg",
     [](const RequestHeader& request) {
       send_header(picture(request.number, 1000));
       static_cast<void>(send_all(Buffer(1000, 0)));
     }},
    {"other_number", [](const RequestHeader& request) { send_header(picture(request.number ^ 2, 4)); }},
    {"other_unit",
     [](const RequestHeader& request) {
       AnswerHeader header = picture(request.number, 4);
       header.unit = request.units;
       send_header(header);
     }},
    {"twice",
     [](const RequestHeader& request) {
       // A right answer, and one more for whoever asks next; then a third by falling through.
       for (int i = 0; i < 2; ++i) {
         send_header(picture(request.number, 4));
         static_cast<void>(send_all(kEmptyJpeg));
       }
     }},
};

Drawn draw_or_misbehave(const RequestHeader& request, std::span<const ByteView> units) {
  std::string_view command = as_text(units[0]);
  if (!command.starts_with(kCommand)) return draw(request, units);
  command.remove_prefix(kCommand.size());
  // No misdeeds, but what a real child seldom has a reason to say.
  if (command == "too_large") return {.outcome = Outcome::TooLarge, .jpeg = {}};
  if (command == "unsupported") return {.outcome = Outcome::Unsupported, .jpeg = {}};
  for (const Deed& deed : kDeeds) {
    if (deed.name == command) deed.act(request);
  }
  return unstopped();
}

}  // namespace
}  // namespace jalousie::decode

int main() { ::_exit(jalousie::decode::serve(jalousie::decode::draw_or_misbehave)); }
