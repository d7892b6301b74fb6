#include "rtp/h264_packetizer.h"

#include <vector>

#include <gtest/gtest.h>

#include "base/limits.h"
#include "codec/access_unit.h"
#include "rtp/packet.h"

namespace jalousie::rtp {
namespace {

Buffer unit_of(const std::vector<Buffer>& nals) {
  codec::AccessUnitWriter writer;
  for (const Buffer& nal : nals) EXPECT_TRUE(writer.append(nal));
  return Buffer(writer.view().begin(), writer.view().end());
}

Buffer nal_of(std::uint8_t header, std::size_t bytes) {
  Buffer nal(bytes, 0x5A);
  nal[0] = header;
  return nal;
}

TEST(H264Packetizer, ParameterSetsShareAPacketAndAKeyFrameIsSplitEvenly) {
  const Buffer unit = unit_of({{0x67, 1, 2}, {0x68, 3}, nal_of(0x65, 2501)});
  PacketBatch batch;
  const auto count = H264Packetizer(0xCAFE, 102).packetize(unit, 90'000, 65'534, batch);
  ASSERT_TRUE(count);
  ASSERT_EQ(*count, 4U);
  std::vector<PacketView> packets;
  for (const ByteView packet : batch.packets()) packets.push_back(PacketView::parse(packet).value());

  const Buffer aggregate(packets[0].payload.begin(), packets[0].payload.end());
  EXPECT_EQ(aggregate, (Buffer{0x78, 0, 3, 0x67, 1, 2, 0, 2, 0x68, 3}));
  for (std::size_t i = 0; i < packets.size(); ++i) {
    EXPECT_EQ(packets[i].sequence, static_cast<std::uint16_t>(65'534 + i));
    EXPECT_EQ(packets[i].timestamp, 90'000U);
    EXPECT_EQ(packets[i].ssrc, 0xCAFEU);
    EXPECT_EQ(packets[i].payload_type, 102);
    EXPECT_EQ(packets[i].marker, i == 3);
  }
  EXPECT_EQ(packets[1].payload.size(), 2U + 834U);
  EXPECT_EQ(packets[2].payload.size(), 2U + 834U);
  EXPECT_EQ(packets[3].payload.size(), 2U + 832U);
  EXPECT_EQ(packets[1].payload[0], 0x7C);
  EXPECT_EQ(packets[1].payload[1], 0x85);
  EXPECT_EQ(packets[2].payload[1], 0x05);
  EXPECT_EQ(packets[3].payload[1], 0x45);
}

TEST(H264Packetizer, WhatFitsAloneGoesAloneAtEverySizeAroundTheBorder) {
  for (std::size_t bytes = 1; bytes < 400; ++bytes) {
    PacketBatch batch;
    const auto count = H264Packetizer(1, 96, 100).packetize(unit_of({nal_of(0x41, bytes)}), 0, 0, batch);
    ASSERT_TRUE(count);
    if (bytes <= 100) {
      EXPECT_EQ(*count, 1U);
      EXPECT_EQ(batch.packet(0).size(), kHeaderBytes + bytes);
      continue;
    }
    EXPECT_EQ(*count, (bytes - 1 + 97) / 98);
    std::size_t carried = 0;
    for (std::size_t i = 0; i < *count; ++i) {
      const std::size_t size = batch.packet(i).size() - kHeaderBytes - 2;
      EXPECT_LE(size, 98U);
      EXPECT_GT(size, 0U);
      if (i + 1 < *count) {
        EXPECT_EQ(batch.packet(i).size(), batch.packet(0).size());
      }
      carried += size;
    }
    EXPECT_EQ(carried, bytes - 1);
  }
}

TEST(H264Packetizer, SameInputsGiveSameBytes) {
  const Buffer unit =
      unit_of({{0x67, 1, 2}, {0x68, 3}, nal_of(0x06, 40), nal_of(0x65, 50'000), nal_of(0x65, 900)});
  PacketBatch first;
  PacketBatch second;
  ASSERT_TRUE(H264Packetizer(5, 96).packetize(unit, 7, 8, first));
  ASSERT_TRUE(second.append(17).size() == 17);  // dirty memory, and another place in the batch
  std::ranges::fill(second.packet(0), 0xEE);
  ASSERT_TRUE(H264Packetizer(5, 96).packetize(unit, 7, 8, second));
  ASSERT_EQ(second.size(), first.size() + 1);
  for (std::size_t i = 0; i < first.size(); ++i)
    EXPECT_EQ(as_text(first.packet(i)), as_text(second.packet(i + 1)));
}

TEST(H264Packetizer, RefusesWhatIsNoUnitAndLeavesTheBatch) {
  PacketBatch batch;
  const H264Packetizer packetizer(1, 96);
  EXPECT_FALSE(packetizer.packetize(Buffer{0, 0, 0, 9, 0x65}, 0, 0, batch));
  EXPECT_FALSE(packetizer.packetize(unit_of({{0x65, 1}, {0x7C, 0x85, 1}}), 0, 0, batch)) << "type 28";
  EXPECT_FALSE(packetizer.packetize(unit_of({{0x60, 1}}), 0, 0, batch)) << "type 0";
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(packetizer.packetize({}, 0, 0, batch).value(), 0U);
}

TEST(H264Packetizer, TheLargestUnitGoesThrough) {
  PacketBatch batch;
  const Buffer unit = unit_of({nal_of(0x65, limits::kAccessUnitBytes - 4)});
  const auto count = H264Packetizer(1, 96).packetize(unit, 0, 0, batch);
  ASSERT_TRUE(count);
  EXPECT_EQ(*count, (limits::kAccessUnitBytes - 5 + 1197) / 1198);
}

TEST(PacketBatch, KeepsMemoryAndHasRoomForTheTag) {
  PacketBatch batch;
  std::ranges::fill(batch.append(100), 1);
  std::ranges::fill(batch.append(50), 2);
  const ByteView first = batch.packets()[0];
  EXPECT_EQ(batch.with_trailer(0).size(), 100 + PacketBatch::kTrailerBytes);
  batch.resize(0, 116);
  std::ranges::fill(batch.packet(0).last(16), 3);
  EXPECT_EQ(batch.packets()[0].size(), 116U);
  EXPECT_TRUE(std::ranges::all_of(batch.packets()[1], [](std::uint8_t byte) { return byte == 2; }));
  batch.truncate(1);
  EXPECT_EQ(batch.size(), 1U);
  batch.clear();
  EXPECT_TRUE(batch.empty());
  EXPECT_TRUE(batch.packets().empty());
  EXPECT_EQ(batch.append(100).data(), first.data()) << "the same memory again";
}

}  // namespace
}  // namespace jalousie::rtp
