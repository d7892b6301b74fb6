// What a child is started with, told by a shell that reads its commands from the socket.
#include "io/child.h"

#include <csignal>

#include <gtest/gtest.h>

#include "io/loop_thread.h"

namespace jalousie::io {
namespace {

Task<std::string> ask(Child& child, std::string commands) {
  Loop* const loop = co_await current_loop();
  auto stream = child.stream(*loop).value();
  EXPECT_TRUE(co_await stream->write(as_bytes(commands), Seconds(30)));
  std::string answer;
  std::array<std::uint8_t, 256> bytes{};
  while (answer.find("end\n") == std::string::npos) {
    const auto got = co_await stream->read_some(bytes, Seconds(30));
    if (!got || *got == 0) break;
    answer += as_text(ByteView(bytes).first(*got));
  }
  co_return answer;
}

TEST(Child, HasOneDescriptorAndNoEnvironment) {
  ::setenv("JALOUSIE_SECRET", "x", 1);
  LoopThread thread;
  auto child = Child::start("/bin/sh").value();
  const std::string answer = run_and_wait(
      thread.loop(), ask(*child,
                         "test -z \"$JALOUSIE_SECRET\" && echo clean >&0\n"
                         "for one in 1 2 3 4 5 6 7 8 9; do\n"
                         "  if test -e /proc/$$/fd/$one; then readlink /proc/$$/fd/$one >&0; fi\n"
                         "done\n"
                         "echo end >&0\n"));
  // A shell may keep a copy of what it reads commands from, and that is all there is.
  EXPECT_TRUE(answer.starts_with("clean\n")) << answer;
  EXPECT_EQ(answer.find("/"), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("end\n")) << answer;
}

TEST(Child, SaysHowItEnded) {
  LoopThread thread;
  auto leaves = Child::start("/bin/sh").value();
  EXPECT_EQ(run_and_wait(thread.loop(), ask(*leaves, "exit 7\n")), "");
  EXPECT_EQ(leaves->end(), "exit 7");
  auto stays = Child::start("/bin/sh").value();
  EXPECT_TRUE(stays->end().starts_with("signal 9")) << stays->end();
  EXPECT_TRUE(stays->end().starts_with("signal 9"));
}

TEST(Child, IsGoneWithItsObject) {
  auto child = Child::start("/bin/sh").value();
  const pid_t pid = child->pid();
  EXPECT_EQ(::kill(pid, 0), 0);
  child.reset();
  EXPECT_NE(::kill(pid, 0), 0);
}

TEST(Child, AProgramThatIsNotThereIsAnError) {
  EXPECT_EQ(Child::start("/nowhere/program").error().kind(), ErrorKind::NotFound);
  EXPECT_EQ(Child::start("/etc/passwd").error().kind(), ErrorKind::PermissionDenied);
}

}  // namespace
}  // namespace jalousie::io
