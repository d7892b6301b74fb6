#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "io/loop_thread.h"
#include "io/stream.h"
#include "io/task_group.h"

namespace jalousie::io {
namespace {

struct Pair {
  std::unique_ptr<Stream> client;
  std::unique_ptr<Stream> server;
};

Task<Pair> make_pair_of(Loop& loop) {
  auto listener = TcpListener::listen(loop, Endpoint::v4({127, 0, 0, 1}, 0)).value();
  auto client = (co_await connect_tcp("127.0.0.1", listener->local().port(), Seconds(5))).value();
  auto server = (co_await listener->accept()).value();
  co_return Pair{std::move(client), std::move(server)};
}

Task<Result<std::string>> read_exactly(Stream& stream, std::size_t bytes) {
  std::string text(bytes, '\0');
  std::size_t have = 0;
  while (have < bytes) {
    CO_TRY(const std::size_t got,
           co_await stream.read_some(
               MutableBytes(reinterpret_cast<std::uint8_t*>(text.data()) + have, bytes - have), Seconds(10)));
    if (got == 0) break;
    have += got;
  }
  text.resize(have);
  co_return text;
}

class Tcp : public ::testing::Test {
 protected:
  LoopThread thread;
  Loop& loop() { return thread.loop(); }
};

TEST_F(Tcp, CarriesBytesBothWaysAndKnowsItsEnds) {
  run_and_wait(loop(), [](Loop& on) -> Task<> {
    Pair pair = co_await make_pair_of(on);
    EXPECT_EQ(pair.client->peer(), pair.server->local());
    EXPECT_EQ(pair.server->peer(), pair.client->local());
    EXPECT_FALSE(pair.client->is_secure());
    EXPECT_TRUE(co_await pair.client->write(as_bytes("hello"), Seconds(5)));
    EXPECT_EQ((co_await read_exactly(*pair.server, 5)).value(), "hello");
    EXPECT_TRUE(co_await pair.server->write(as_bytes("there"), Seconds(5)));
    EXPECT_EQ((co_await read_exactly(*pair.client, 5)).value(), "there");
  }(loop()));
}

TEST_F(Tcp, Ipv6AndNames) {
  run_and_wait(loop(), [](Loop& on) -> Task<> {
    auto listener = TcpListener::listen(on, Endpoint::parse("[::1]:0").value()).value();
    const auto client = co_await connect_tcp("::1", listener->local().port(), Seconds(5));
    EXPECT_TRUE(client) << client.error().message();
    EXPECT_EQ((*client)->peer().to_string(), listener->local().to_string());
    const auto by_name = co_await connect_tcp("localhost", listener->local().port(), Seconds(5));
    const auto both = TcpListener::listen(on, Endpoint::parse("[::]:0").value()).value();
    const auto mapped = co_await connect_tcp("127.0.0.1", both->local().port(), Seconds(5));
    EXPECT_TRUE(mapped) << mapped.error().message();
    const auto accepted = co_await both->accept();
    EXPECT_EQ((*accepted)->peer().address_text(), "127.0.0.1");  // not ::ffff:127.0.0.1
  }(loop()));
}

TEST_F(Tcp, ErrorsOfConnectNameHostPortAndWhy) {
  run_and_wait(loop(), [](Loop& on) -> Task<> {
    std::uint16_t free_port = 0;
    {
      const auto listener = TcpListener::listen(on, Endpoint::v4({127, 0, 0, 1}, 0)).value();
      free_port = listener->local().port();
    }
    const auto refused = co_await connect_tcp("127.0.0.1", free_port, Seconds(5));
    EXPECT_EQ(refused.error().kind(), ErrorKind::Unavailable);
    EXPECT_EQ(refused.error().message(), "127.0.0.1:" + std::to_string(free_port) + ": connection refused");
    const auto unknown = co_await connect_tcp("no-such-host.invalid", 80, Seconds(2));
    // Which of them is up to this machine's name server, if it has one.
    EXPECT_TRUE(unknown.error().kind() == ErrorKind::NotFound ||
                unknown.error().kind() == ErrorKind::Unavailable ||
                unknown.error().kind() == ErrorKind::DeadlineExceeded);
    EXPECT_EQ(unknown.error().message().find("no-such-host.invalid:80: "), 0U);
    for (const std::string& wrong :
         {std::string(), std::string("a b"), std::string(300, 'a'), std::string("a\0b", 3)}) {
      const auto malformed = co_await connect_tcp(wrong, 80, Seconds(5));
      EXPECT_EQ(malformed.error().kind(), ErrorKind::InvalidArgument);
    }
  }(loop()));
}

// The lookups may take until long after this test; what they leave alone is shown by the sanitizers.
TEST_F(Tcp, ALookupMayBeCancelledAndOutlivesItsTask) {
  run_and_wait(loop(), [](Loop& on) -> Task<> {
    TaskGroup group(on);
    for (int i = 0; i < 3; ++i) {
      group.spawn([](int number) -> Task<> {
        static_cast<void>(co_await connect_tcp(fmt::format("name-{}.invalid", number), 80, Seconds(60)));
      }(i));
    }
    co_await sleep_for(Milliseconds(1));
    co_await group.close();
    EXPECT_EQ(group.size(), 0U);
  }(loop()));
}

TEST_F(Tcp, LookupsWaitForTheirTurn) {
  run_and_wait(loop(), [](Loop& on) -> Task<> {
    *on.lookups() += 1000;
    const auto waited = co_await connect_tcp("localhost", 1, Milliseconds(50));
    EXPECT_EQ(waited.error().kind(), ErrorKind::Unavailable);
    EXPECT_EQ(waited.error().message(), "localhost:1: too many names are being looked up");
    *on.lookups() -= 1000;
  }(loop()));
}

TEST_F(Tcp, AConnectThatNobodyAnswersEndsInTime) {
  run_and_wait(loop(), [](Loop& on) -> Task<> {
    // A listener with a full backlog drops further SYNs. Ours has room for 1024, so fill one of the kernel's
    // own.
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof any;
    EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&any), sizeof any), 0);
    EXPECT_EQ(::listen(fd, 0), 0);
    EXPECT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&any), &size), 0);
    const std::uint16_t port = ntohs(any.sin_port);
    std::vector<std::unique_ptr<Stream>> kept;
    bool timed_out = false;
    for (int i = 0; i < 5 && !timed_out; ++i) {
      auto stream = co_await connect_tcp("127.0.0.1", port, Milliseconds(200));
      if (stream) {
        kept.push_back(std::move(*stream));
      } else {
        EXPECT_EQ(stream.error().kind(), ErrorKind::DeadlineExceeded) << stream.error().message();
        timed_out = true;
      }
    }
    EXPECT_TRUE(timed_out);
    TaskGroup group(on);  // and one that is cancelled while it connects
    group.spawn([](std::uint16_t to) -> Task<> {
      static_cast<void>(co_await connect_tcp("127.0.0.1", to, Seconds(60)));
      ADD_FAILURE() << "not cancelled";
    }(port));
    co_await sleep_for(Milliseconds(20));
    co_await group.close();
    ::close(fd);
  }(loop()));
}

TEST_F(Tcp, ListenSaysWhatIsWrong) {
  const auto first = TcpListener::listen(loop(), Endpoint::v4({127, 0, 0, 1}, 0)).value();
  const auto taken = TcpListener::listen(loop(), first->local());
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().kind(), ErrorKind::AlreadyExists);
  EXPECT_NE(taken.error().message().find("the port is taken"), std::string::npos);
  const auto foreign = TcpListener::listen(loop(), Endpoint::v4({192, 0, 2, 1}, 0));
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().kind(), ErrorKind::InvalidArgument);
}

TEST_F(Tcp, ReadTimesOut) {
  run_and_wait(loop(), [](Loop& on) -> Task<> {
    Pair pair = co_await make_pair_of(on);
    Buffer target(16);
    const auto begun = std::chrono::steady_clock::now();
    const auto nothing = co_await pair.server->read_some(target, Milliseconds(50));
    EXPECT_EQ(nothing.error().kind(), ErrorKind::DeadlineExceeded);
    const auto took = std::chrono::steady_clock::now() - begun;
    EXPECT_GE(took, Milliseconds(50));
    EXPECT_LT(took, Seconds(2));
  }(loop()));
}

TEST_F(Tcp, EachOperationHasItsOwnLimit) {
  run_and_wait(loop(), [](Loop& on) -> Task<> {
    Pair pair = co_await make_pair_of(on);
    TaskGroup group(on);
    group.spawn([](Stream& to) -> Task<> {
      EXPECT_TRUE(co_await to.write(as_bytes("a"), Seconds(5)));
      co_await sleep_for(Milliseconds(100));
      EXPECT_TRUE(co_await to.write(as_bytes("b"), Seconds(5)));
      co_await sleep_for(Milliseconds(10));
      EXPECT_TRUE(co_await to.write(as_bytes("c"), Seconds(5)));
    }(*pair.client));
    Buffer target(1);
    EXPECT_TRUE(co_await pair.server->read_some(target, Milliseconds(50)));
    co_await sleep_for(Milliseconds(60));  // the timer of that read fires while nothing is under way
    EXPECT_TRUE(co_await pair.server->read_some(target, Milliseconds(5000)));
    EXPECT_EQ(target[0], 'b');
    EXPECT_TRUE(
        co_await pair.server->read_some(target, Seconds(30)));  // and the one of the last while this waits
    EXPECT_EQ(target[0], 'c');
    const auto begun = std::chrono::steady_clock::now();
    const auto nothing =
        co_await pair.server->read_some(target, Milliseconds(10));  // sooner than the timer that runs
    EXPECT_EQ(nothing.error().kind(), ErrorKind::DeadlineExceeded);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, Seconds(4));
    co_await group.close();
  }(loop()));
}

TEST_F(Tcp, WriteToAPeerThatDoesNotReadTimesOut) {
  run_and_wait(loop(), [](Loop& on) -> Task<> {
    Pair pair = co_await make_pair_of(on);
    const Buffer much(64 << 20);
    const auto stuck = co_await pair.client->write(much, Milliseconds(50));
    EXPECT_EQ(stuck.error().kind(), ErrorKind::DeadlineExceeded);
  }(loop()));
}

TEST_F(Tcp, CloseEndsAReadUnderWayWithCancelled) {
  run_and_wait(loop(), [](Loop& on) -> Task<> {
    Pair pair = co_await make_pair_of(on);
    TaskGroup group(on);
    bool ended = false;
    group.spawn([](Stream& from, bool& done) -> Task<> {
      Buffer target(1);
      const auto got = co_await from.read_some(target, Seconds(30));
      EXPECT_EQ(got.error().kind(), ErrorKind::Cancelled);
      const auto again = co_await from.read_some(target, Seconds(30));
      EXPECT_EQ(again.error().kind(), ErrorKind::Cancelled);
      done = true;
    }(*pair.server, ended));
    co_await sleep_for(Milliseconds(5));
    pair.server->close();
    pair.server->close();
    while (group.size() > 0) co_await sleep_for(Milliseconds(1));
    EXPECT_TRUE(ended);
    co_await group.close();
  }(loop()));
}

Task<> read_for_ever(std::unique_ptr<Stream> stream) {
  Buffer target(1);
  static_cast<void>(co_await stream->read_some(target, Microseconds::max()));
  ADD_FAILURE() << "the task went on";
}

Task<> write_for_ever(std::unique_ptr<Stream> stream) {
  const Buffer much(64 << 20);
  static_cast<void>(co_await stream->write(much, Microseconds::max()));
  ADD_FAILURE() << "the task went on";
}

TEST_F(Tcp, CancellationUnwindsReadsWritesAndAccepts) {
  run_and_wait(loop(), [](Loop& on) -> Task<> {
    Pair one = co_await make_pair_of(on);
    Pair two = co_await make_pair_of(on);
    TaskGroup group(on);
    group.spawn(read_for_ever(std::move(one.server)));
    group.spawn(write_for_ever(std::move(two.server)));
    group.spawn([](Loop& loop) -> Task<> {
      const auto listener = TcpListener::listen(loop, Endpoint::v4({127, 0, 0, 1}, 0)).value();
      static_cast<void>(co_await listener->accept());
      ADD_FAILURE() << "the task went on";
    }(on));
    co_await sleep_for(Milliseconds(20));
    EXPECT_EQ(group.size(), 3U);
    co_await group.close();
    // The streams went with their tasks: the peer sees the end.
    EXPECT_EQ((co_await read_exactly(*one.client, 1)).value(), "");
  }(loop()));
}

TEST_F(Tcp, HalfCloseLeavesTheOtherDirectionOpen) {
  run_and_wait(loop(), [](Loop& on) -> Task<> {
    Pair pair = co_await make_pair_of(on);
    EXPECT_TRUE(co_await pair.client->write(as_bytes("question"), Seconds(5)));
    EXPECT_TRUE(co_await pair.client->end_writing(Seconds(5)));
    EXPECT_EQ((co_await read_exactly(*pair.server, 100)).value(), "question");
    EXPECT_EQ((co_await read_exactly(*pair.server, 1)).value(), "");
    EXPECT_TRUE(co_await pair.server->write(as_bytes("answer"), Seconds(5)));
    EXPECT_EQ((co_await read_exactly(*pair.client, 6)).value(), "answer");
  }(loop()));
}

TEST_F(Tcp, AWriteToAPeerThatWentAwayIsAnErrorAndNoSignal) {
  run_and_wait(loop(), [](Loop& on) -> Task<> {
    Pair pair = co_await make_pair_of(on);
    pair.client->close();
    Result<> wrote;
    for (int i = 0; i < 100 && wrote; ++i) {
      wrote = co_await pair.server->write(as_bytes("x"), Seconds(5));
      co_await sleep_for(Milliseconds(1));
    }
    EXPECT_FALSE(wrote);
    EXPECT_EQ(wrote.error().kind(), ErrorKind::Unavailable);
  }(loop()));
}

// 3000 parts of 0 to 40,000 bytes: more than one call takes, with a reader that pauses.
TEST_F(Tcp, AGatheredWriteArrivesWholeThroughASlowReader) {
  run_and_wait(loop(), [](Loop& on) -> Task<> {
    Pair pair = co_await make_pair_of(on);
    Buffer content(3000 * 1000);
    for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<std::uint8_t>((i * 31) >> 3);
    std::vector<ByteView> parts;
    std::size_t used = 0;
    for (std::size_t i = 0; used < content.size(); ++i) {
      const std::size_t size =
          std::min(i % 7 == 0 ? std::size_t{0} : (i * 2654435761U) % 2000, content.size() - used);
      parts.push_back(ByteView(content).subspan(used, size));
      used += size;
    }
    TaskGroup group(on);
    group.spawn([](Stream& to, const std::vector<ByteView>& all) -> Task<> {
      EXPECT_TRUE(co_await to.write(all, Seconds(20)));
      EXPECT_TRUE(co_await to.end_writing(Seconds(5)));
    }(*pair.client, parts));
    Buffer got;
    Buffer step(10'000);
    for (int turn = 0;; ++turn) {
      const auto some = co_await pair.server->read_some(step, Seconds(10));
      EXPECT_TRUE(some);
      if (!some || *some == 0) break;
      got.insert(got.end(), step.begin(), step.begin() + static_cast<std::ptrdiff_t>(*some));
      if (turn % 50 == 0) co_await sleep_for(Milliseconds(1));
    }
    EXPECT_EQ(got, content);
    co_await group.close();
  }(loop()));
}

TEST_F(Tcp, AStreamMayBeAcceptedForAnotherLoop) {
  LoopThread other;
  std::unique_ptr<Stream> moved;
  std::unique_ptr<Stream> client;
  run_and_wait(
      loop(),
      [](Loop& on, Loop& second, std::unique_ptr<Stream>& to, std::unique_ptr<Stream>& from) -> Task<> {
        const auto listener = TcpListener::listen(on, Endpoint::v4({127, 0, 0, 1}, 0)).value();
        from = (co_await connect_tcp("127.0.0.1", listener->local().port(), Seconds(5))).value();
        to = (co_await listener->accept_for(second)).value();
        EXPECT_TRUE(co_await from->write(as_bytes("abc"), Seconds(5)));
      }(loop(), other.loop(), moved, client));
  run_and_wait(other.loop(), [](std::unique_ptr<Stream> stream) -> Task<> {
    EXPECT_EQ((co_await read_exactly(*stream, 3)).value(), "abc");
  }(std::move(moved)));
  run_and_wait(loop(), [](std::unique_ptr<Stream> stream) -> Task<> {
    stream->close();
    co_return;
  }(std::move(client)));
}

// A sender that is never slower than its reader must leave the loop to others.
TEST_F(Tcp, BusyStreamsShareTheLoop) {
  run_and_wait(loop(), [](Loop& on) -> Task<> {
    Pair pair = co_await make_pair_of(on);
    TaskGroup group(on);
    group.spawn([](Stream& to) -> Task<> {
      const Buffer block(4096);
      while (co_await to.write(block, Seconds(5))) {
      }
    }(*pair.client));
    group.spawn([](Stream& from) -> Task<> {
      Buffer block(16);
      while (co_await from.read_some(block, Seconds(5))) {
      }
    }(*pair.server));
    int turns = 0;
    for (; turns < 20; ++turns) co_await sleep_for(Milliseconds(1));
    co_await group.close();
    EXPECT_EQ(turns, 20);
  }(loop()));
}

}  // namespace
}  // namespace jalousie::io
