#include "rtp/packet.h"

#include <gtest/gtest.h>

#include "rtp/sequence.h"

namespace jalousie::rtp {
namespace {

// Two CSRCs, an extension of one word with RFC 8285's one-byte profile, three bytes of payload, padding of
// two.
const Buffer kFull{0xB2, 0xE0, 0x12, 0x34, 1,    2, 3, 4,    5,    6, 7, 8,    0,    0,    0, 9, 0,
                   0,    0,    10,   0xBE, 0xDE, 0, 1, 0x10, 0xFF, 0, 0, 0xAA, 0xBB, 0xCC, 0, 2};

TEST(Packet, ParsesAllParts) {
  const auto packet = PacketView::parse(kFull);
  ASSERT_TRUE(packet);
  EXPECT_TRUE(packet->marker);
  EXPECT_EQ(packet->payload_type, 96);
  EXPECT_EQ(packet->sequence, 0x1234);
  EXPECT_EQ(packet->timestamp, 0x01020304U);
  EXPECT_EQ(packet->ssrc, 0x05060708U);
  EXPECT_EQ(packet->header_bytes, 28U);
  EXPECT_EQ(as_text(packet->payload), "\xAA\xBB\xCC");
}

TEST(Packet, TruncatedAnywhereInTheHeaderIsAnError) {
  for (std::size_t size = 0; size <= kFull.size(); ++size) {
    Buffer cut(kFull.begin(), kFull.begin() + static_cast<std::ptrdiff_t>(size));
    if (size > 0) cut[0] &= 0xDF;  // no padding, so that only the header counts
    const auto packet = PacketView::parse(cut);
    EXPECT_EQ(packet.has_value(), size >= 28) << size;
    if (packet) {
      EXPECT_EQ(packet->payload.size(), size - 28);
    }
  }
}

TEST(Packet, RefusesOtherVersionsAndPaddingThatDoesNotFit) {
  Buffer other = kFull;
  other[0] = 0x72;
  EXPECT_FALSE(PacketView::parse(other));
  Buffer padded{0xA0, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 7, 2};
  EXPECT_TRUE(PacketView::parse(padded)->payload.empty());
  padded.back() = 3;
  EXPECT_FALSE(PacketView::parse(padded));
  padded.back() = 0;
  EXPECT_FALSE(PacketView::parse(padded));
  padded.resize(12);
  EXPECT_FALSE(PacketView::parse(padded));
}

TEST(Packet, WritesWhatItReads) {
  Buffer bytes(kHeaderBytes);
  ByteWriter writer(bytes);
  write_header(writer,
               {.marker = true, .payload_type = 102, .sequence = 65535, .timestamp = 0xFFFFFFFF, .ssrc = 42});
  const auto packet = PacketView::parse(bytes);
  ASSERT_TRUE(packet);
  EXPECT_TRUE(packet->marker);
  EXPECT_EQ(packet->payload_type, 102);
  EXPECT_EQ(packet->sequence, 65535);
  EXPECT_EQ(packet->timestamp, 0xFFFFFFFFU);
  EXPECT_EQ(packet->ssrc, 42U);
  EXPECT_TRUE(packet->payload.empty());
}

TEST(Packet, TellsRtcpApart) {
  EXPECT_TRUE(is_rtcp(Buffer{0x80, 200}));
  EXPECT_TRUE(is_rtcp(Buffer{0x81, 206}));
  EXPECT_FALSE(is_rtcp(Buffer{0x80, 96}));
  EXPECT_FALSE(is_rtcp(Buffer{0x80, 0x80 | 102})) << "marker and payload type";
  EXPECT_FALSE(is_rtcp(Buffer{0x80}));
}

TEST(Sequence, DistanceIsTheShorterWayAround) {
  EXPECT_EQ(sequence_distance(10, 12), 2);
  EXPECT_EQ(sequence_distance(12, 10), -2);
  EXPECT_EQ(sequence_distance(65535, 0), 1);
  EXPECT_EQ(sequence_distance(3, 65533), -6);
  EXPECT_EQ(timestamp_distance(0xFFFFFFF0, 0x10), 0x20);
  EXPECT_EQ(timestamp_distance(0x10, 0xFFFFFFF0), -0x20);
}

TEST(Unwrapper, CarriesOnPastTheWrapBothWays) {
  SequenceUnwrapper sequences;
  EXPECT_EQ(sequences.peek(7), 7);
  EXPECT_EQ(sequences.unwrap(65534), 65534);
  EXPECT_EQ(sequences.unwrap(1), 65537);
  EXPECT_EQ(sequences.peek(65535), 65535);
  EXPECT_EQ(sequences.unwrap(65535), 65535);
  EXPECT_EQ(sequences.unwrap(2), 65538);
  TimestampUnwrapper timestamps;
  EXPECT_EQ(timestamps.unwrap(0), 0);
  EXPECT_EQ(timestamps.unwrap(0xFFFFFFFF), -1);
  std::int64_t expected = -1;
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(timestamps.unwrap(static_cast<std::uint32_t>(expected += 0x70000000)), expected);
}

}  // namespace
}  // namespace jalousie::rtp
