#include "rtp/reorder_buffer.h"

#include <algorithm>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "rtp/packet.h"

namespace jalousie::rtp {
namespace {

Buffer packet_of(std::uint16_t sequence) {
  Buffer bytes(kHeaderBytes + 4, static_cast<std::uint8_t>(sequence));
  ByteWriter writer(bytes);
  write_header(writer, {.payload_type = 96, .sequence = sequence});
  return bytes;
}

class Line {
 public:
  explicit Line(std::size_t max_packets = 8) : buffer(max_packets, Milliseconds(50)) {}

  ReorderBuffer buffer;
  SteadyTime now{Seconds(1)};
  std::vector<std::uint16_t> out;

  void take() {
    while (const auto bytes = buffer.pop(now)) {
      const auto packet = PacketView::parse(*bytes).value();
      EXPECT_EQ(packet.payload[0], static_cast<std::uint8_t>(packet.sequence));
      out.push_back(packet.sequence);
    }
  }
  void send(std::initializer_list<int> sequences) {
    for (const int sequence : sequences) {
      ASSERT_TRUE(buffer.push(packet_of(static_cast<std::uint16_t>(sequence)), now));
      take();
    }
  }
};

using Sequences = std::vector<std::uint16_t>;

TEST(ReorderBuffer, InOrderGoesStraightThrough) {
  Line line;
  line.send({65'534, 65'535, 0, 1});
  EXPECT_EQ(line.out, (Sequences{65'534, 65'535, 0, 1}));
  EXPECT_FALSE(line.buffer.next_deadline());
}

TEST(ReorderBuffer, PutsSwappedPacketsRightAcrossTheWrap) {
  Line line;
  line.send({65'533, 65'535, 1, 65'534, 0, 2});
  EXPECT_EQ(line.out, (Sequences{65'533, 65'534, 65'535, 0, 1, 2}));
  EXPECT_EQ(line.buffer.held(), 0U);
}

TEST(ReorderBuffer, GivesALostPacketUpAfterTheWait) {
  Line line;
  line.send({1, 3});
  line.now += Milliseconds(20);
  line.send({4, 6});
  EXPECT_EQ(line.out, (Sequences{1}));
  EXPECT_EQ(line.buffer.next_deadline(), SteadyTime(Seconds(1)) + Milliseconds(50));
  line.now = *line.buffer.next_deadline();
  line.take();
  EXPECT_EQ(line.out, (Sequences{1, 3, 4}));
  line.now = *line.buffer.next_deadline();
  line.take();
  EXPECT_EQ(line.out, (Sequences{1, 3, 4, 6}));
  line.send({2, 5});
  EXPECT_EQ(line.out, (Sequences{1, 3, 4, 6})) << "too late";
  EXPECT_EQ(line.buffer.left_out(), 2U);
}

TEST(ReorderBuffer, GivesALostPacketUpWhenFull) {
  Line line(3);
  line.send({1, 3, 4, 5});
  EXPECT_EQ(line.out, (Sequences{1}));
  line.send({6});
  EXPECT_EQ(line.out, (Sequences{1, 3, 4, 5, 6}));
}

TEST(ReorderBuffer, LeavesRepetitionsOut) {
  Line line;
  line.send({1, 1, 3, 3, 2, 2});
  EXPECT_EQ(line.out, (Sequences{1, 2, 3}));
  EXPECT_EQ(line.buffer.left_out(), 3U);
}

TEST(ReorderBuffer, FollowsASenderThatStartsAnew) {
  Line line;
  line.send({1000, 1002, 5, 6});
  EXPECT_EQ(line.out, (Sequences{1000, 5, 6}));
  line.send({20'000, 20'001});
  EXPECT_EQ(line.out, (Sequences{1000, 5, 6, 20'000, 20'001}));
}

TEST(ReorderBuffer, RefusesWhatIsNoPacket) {
  Line line;
  EXPECT_FALSE(line.buffer.push(Buffer{1, 2, 3}, line.now));
  EXPECT_EQ(line.buffer.held(), 0U);
}

TEST(ReorderBuffer, AnyShuffleWithinItsSizeComesOutInOrder) {
  for (unsigned seed = 1; seed <= 50; ++seed) {
    std::mt19937 random(seed);
    std::vector<int> sequences;
    for (int i = 0; i < 300; ++i) sequences.push_back(65'400 + i);
    for (std::size_t i = 1; i + 8 < sequences.size(); i += 8) {
      std::shuffle(sequences.begin() + static_cast<std::ptrdiff_t>(i),
                   sequences.begin() + static_cast<std::ptrdiff_t>(i + 8), random);
    }
    Line line;
    for (const int sequence : sequences) line.send({sequence});
    Sequences expected;
    for (int i = 0; i < 300; ++i) expected.push_back(static_cast<std::uint16_t>(65'400 + i));
    EXPECT_EQ(line.out, expected) << seed;
  }
}

TEST(ReorderBuffer, UnderLossNothingIsOutOfOrderAndMemoryIsBounded) {
  std::mt19937 random(5);
  Line line;
  std::int32_t sequence = 0;
  for (int i = 0; i < 20'000; ++i) {
    sequence += random() % 10 == 0 ? static_cast<std::int32_t>(random() % 12) - 5 : 1;
    line.now += Milliseconds(1);
    line.send({sequence & 0xFFFF});
    ASSERT_LE(line.buffer.held(), 8U);
  }
  for (std::size_t i = 1; i < line.out.size(); ++i) {
    ASSERT_GT(static_cast<std::int16_t>(static_cast<std::uint16_t>(line.out[i] - line.out[i - 1])), 0);
  }
  EXPECT_GT(line.out.size(), 10'000U);
}

}  // namespace
}  // namespace jalousie::rtp
