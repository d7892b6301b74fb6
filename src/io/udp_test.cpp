#include "io/udp.h"

#include <thread>

#include <gtest/gtest.h>

#include "base/limits.h"
#include "io/loop_thread.h"

namespace jalousie::io {
namespace {

const Endpoint kAnyPort = Endpoint::v4({127, 0, 0, 1}, 0);

// Gathers what arrives, and tells when there is enough.
struct Inbox {
  explicit Inbox(Loop& loop) : changed(loop) {}

  UdpSocket::Receiver receiver() {
    return [this](MutableBytes bytes, const Endpoint& from) {
      packets.emplace_back(bytes.begin(), bytes.end());
      last_from = from;
      changed.notify();
    };
  }
  Task<bool> has(std::size_t count) {
    while (packets.size() < count) {
      if (!co_await changed.wait(Seconds(5))) co_return false;
    }
    co_return true;
  }

  Event changed;
  std::vector<Buffer> packets;
  Endpoint last_from;
};

std::vector<Buffer> numbered(const std::vector<std::size_t>& sizes) {
  std::vector<Buffer> packets;
  for (std::size_t i = 0; i < sizes.size(); ++i) packets.emplace_back(sizes[i], static_cast<std::uint8_t>(i));
  return packets;
}

std::vector<ByteView> views(const std::vector<Buffer>& packets) { return {packets.begin(), packets.end()}; }

Task<> arrive_as_sent(Loop& on, const std::vector<std::size_t>& sizes) {
  Inbox inbox(on);
  const auto sender = UdpSocket::bind(on, kAnyPort).value();
  const auto receiver = UdpSocket::bind(on, kAnyPort).value();
  receiver->receive(inbox.receiver());
  const std::vector<Buffer> packets = numbered(sizes);
  EXPECT_EQ(sender->send(receiver->local(), views(packets)), packets.size());
  EXPECT_TRUE(co_await inbox.has(packets.size()));
  EXPECT_EQ(inbox.packets, packets);
  EXPECT_EQ(inbox.last_from, sender->local());
}

class Udp : public ::testing::Test {
 protected:
  LoopThread thread;
  Loop& loop() { return thread.loop(); }
};

TEST_F(Udp, RunsOfAnyShapeArriveAsTheyWereGiven) {
  const std::vector<std::vector<std::size_t>> shapes = {
      {1200},
      {1200, 1200, 1200, 700},             // one run, the last shorter
      {100, 1200},                         // a longer one begins a run of its own
      {1200, 700, 1200, 1200},             // a shorter one ends its run
      {0, 1, 0, 5},                        // empty datagrams stand alone
      std::vector<std::size_t>(16, 1200),  // exactly one run
      std::vector<std::size_t>(17, 1200),  // one more
      std::vector<std::size_t>(150, 300),  // more than one system call
      {2048, 2048, 2047, 1},
  };
  for (const auto& shape : shapes) run_and_wait(loop(), arrive_as_sent(loop(), shape));
}

TEST_F(Udp, TooLongADatagramIsDroppedAndTheNextOneArrives) {
  run_and_wait(loop(), [](Loop& on) -> Task<> {
    Inbox inbox(on);
    const auto sender = UdpSocket::bind(on, kAnyPort).value();
    const auto receiver = UdpSocket::bind(on, kAnyPort).value();
    receiver->receive(inbox.receiver());
    const std::vector<Buffer> packets = numbered({limits::kDatagramBytes + 1, limits::kDatagramBytes});
    EXPECT_EQ(sender->send(receiver->local(), views(packets)), 2U);
    EXPECT_TRUE(co_await inbox.has(1));
    EXPECT_EQ(inbox.packets.front().size(), limits::kDatagramBytes);
    EXPECT_EQ(inbox.packets.size(), 1U);
  }(loop()));
}

TEST_F(Udp, Ipv6AndMappedAddresses) {
  run_and_wait(loop(), [](Loop& on) -> Task<> {
    Inbox inbox(on);
    const auto both = UdpSocket::bind(on, Endpoint::parse("[::]:0").value()).value();
    both->receive(inbox.receiver());
    const auto four = UdpSocket::bind(on, kAnyPort).value();
    const auto six = UdpSocket::bind(on, Endpoint::parse("[::1]:0").value()).value();
    const Buffer packet{1, 2, 3};
    const ByteView view = packet;
    EXPECT_EQ(four->send(Endpoint::v4({127, 0, 0, 1}, both->local().port()), {&view, 1}), 1U);
    EXPECT_TRUE(co_await inbox.has(1));
    EXPECT_EQ(inbox.last_from, four->local());
    EXPECT_EQ(six->send(Endpoint::parse("::1", both->local().port()).value(), {&view, 1}), 1U);
    EXPECT_TRUE(co_await inbox.has(2));
    EXPECT_EQ(inbox.last_from, six->local());

    Inbox answers(on);
    four->receive(answers.receiver());
    EXPECT_EQ(both->send(four->local(), {&view, 1}), 1U);  // an IPv4 peer of an IPv6 socket
    EXPECT_TRUE(co_await answers.has(1));
    EXPECT_EQ(four->send(six->local(), {&view, 1}), 0U);  // and no IPv6 peer of an IPv4 one
  }(loop()));
}

TEST_F(Udp, APortThatIsTakenIsSaid) {
  const auto first = UdpSocket::bind(loop(), kAnyPort).value();
  const auto second = UdpSocket::bind(loop(), first->local());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind(), ErrorKind::AlreadyExists);
  run_and_wait(loop(), [](const UdpSocket& socket) -> Task<> {
    EXPECT_NE(socket.local().port(), 0);
    co_return;
  }(*first));
}

TEST_F(Udp, TheReceiverMayLetGoOfTheSocket) {
  run_and_wait(loop(), [](Loop& on) -> Task<> {
    auto receiver = UdpSocket::bind(on, kAnyPort).value();
    const Endpoint at = receiver->local();
    const auto sender = UdpSocket::bind(on, kAnyPort).value();
    Event gone(on);
    int calls = 0;
    receiver->receive([&](MutableBytes, const Endpoint&) {
      ++calls;
      receiver.reset();
      gone.notify();
    });
    const std::vector<Buffer> packets = numbered({10, 10, 10});
    EXPECT_EQ(sender->send(at, views(packets)), 3U);
    EXPECT_TRUE(co_await gone.wait(Seconds(5)));
    co_await sleep_for(Milliseconds(5));
    EXPECT_EQ(calls, 1);
    EXPECT_TRUE(UdpSocket::bind(on, at));  // the port is free again
  }(loop()));
}

TEST_F(Udp, NothingArrivesAfterClose) {
  run_and_wait(loop(), [](Loop& on) -> Task<> {
    Inbox inbox(on);
    const auto receiver = UdpSocket::bind(on, kAnyPort).value();
    const auto sender = UdpSocket::bind(on, kAnyPort).value();
    receiver->receive(inbox.receiver());
    receiver->close();
    const std::vector<Buffer> packets = numbered({10});
    static_cast<void>(sender->send(receiver->local(), views(packets)));
    co_await sleep_for(Milliseconds(10));
    EXPECT_TRUE(inbox.packets.empty());
    EXPECT_EQ(receiver->send(sender->local(), views(packets)), 0U);
  }(loop()));
}

// Two threads send 50,000 each, waiting for the receiver where the buffer is full: none is lost or changed.
TEST_F(Udp, AHundredThousandDatagramsFromTwoThreads) {
  constexpr std::uint32_t kEach = 50'000;
  LoopThread receiving;
  std::atomic<std::uint32_t> received = 0;
  std::array<std::vector<bool>, 2> seen{std::vector<bool>(kEach), std::vector<bool>(kEach)};
  std::unique_ptr<UdpSocket> receiver;
  run_and_wait(receiving.loop(),
               [](Loop& on, std::unique_ptr<UdpSocket>& socket, std::atomic<std::uint32_t>& count,
                  std::array<std::vector<bool>, 2>& marks) -> Task<> {
                 socket = UdpSocket::bind(on, kAnyPort).value();
                 socket->receive([&](MutableBytes bytes, const Endpoint&) {
                   ByteReader reader(bytes);
                   const std::uint8_t thread_number = reader.u8();
                   const std::uint32_t number = reader.u32();
                   if (thread_number > 1 || number >= kEach) {
                     ADD_FAILURE() << "a datagram that nobody sent";
                     return;
                   }
                   EXPECT_EQ(bytes.size(), 100 + number % 3);
                   EXPECT_FALSE(marks[thread_number][number]);
                   marks[thread_number][number] = true;
                   ++count;
                 });
                 co_return;
               }(receiving.loop(), receiver, received, seen));
  const Endpoint at = receiver->local();
  const auto sender = UdpSocket::bind(loop(), kAnyPort).value();
  std::atomic<std::uint32_t> sent = 0;
  const auto send_all = [&](std::uint8_t thread_number) {
    for (std::uint32_t number = 0; number < kEach; number += 25) {
      std::vector<Buffer> packets;
      for (std::uint32_t i = number; i < number + 25; ++i) {
        Buffer packet(100 + i % 3);
        ByteWriter writer(packet);
        writer.u8(thread_number);
        writer.u32(i);
        packets.push_back(std::move(packet));
      }
      while (sent - received > 200) std::this_thread::yield();
      EXPECT_EQ(sender->send(at, views(packets)), packets.size());
      sent += 25;
    }
  };
  {
    std::jthread one(send_all, std::uint8_t{0});
    std::jthread two(send_all, std::uint8_t{1});
  }
  for (int i = 0; i < 5000 && received < 2 * kEach; ++i) std::this_thread::sleep_for(Milliseconds(1));
  EXPECT_EQ(received, 2 * kEach);
  run_and_wait(receiving.loop(), [](std::unique_ptr<UdpSocket> socket) -> Task<> {
    socket->close();
    co_return;
  }(std::move(receiver)));
}

}  // namespace
}  // namespace jalousie::io
