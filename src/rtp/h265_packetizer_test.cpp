#include "rtp/h265_packetizer.h"

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

Buffer nal_of(std::uint8_t type, std::size_t bytes, std::uint8_t temporal_id_plus1 = 1) {
  Buffer nal(bytes, 0x5A);
  nal[0] = static_cast<std::uint8_t>(type << 1);
  nal[1] = temporal_id_plus1;
  return nal;
}

TEST(H265Packetizer, ParameterSetsShareAPacketAndAKeyFrameIsSplitEvenly) {
  const Buffer unit = unit_of({{0x40, 1, 2}, {0x42, 1, 3}, {0x44, 1}, nal_of(19, 2502)});
  PacketBatch batch;
  const auto count = H265Packetizer(0xCAFE, 102).packetize(unit, 90'000, 65'534, batch);
  ASSERT_TRUE(count);
  ASSERT_EQ(*count, 4U);
  std::vector<PacketView> packets;
  for (const ByteView packet : batch.packets()) packets.push_back(PacketView::parse(packet).value());

  const Buffer aggregate(packets[0].payload.begin(), packets[0].payload.end());
  EXPECT_EQ(aggregate, (Buffer{0x60, 1, 0, 3, 0x40, 1, 2, 0, 3, 0x42, 1, 3, 0, 2, 0x44, 1}));
  for (std::size_t i = 0; i < packets.size(); ++i) {
    EXPECT_EQ(packets[i].sequence, static_cast<std::uint16_t>(65'534 + i));
    EXPECT_EQ(packets[i].timestamp, 90'000U);
    EXPECT_EQ(packets[i].payload_type, 102);
    EXPECT_EQ(packets[i].marker, i == 3);
  }
  EXPECT_EQ(packets[1].payload.size(), 3U + 834U);
  EXPECT_EQ(packets[3].payload.size(), 3U + 832U);
  EXPECT_EQ(packets[1].payload[0], 49 << 1);
  EXPECT_EQ(packets[1].payload[1], 1);
  EXPECT_EQ(packets[1].payload[2], 0x80 | 19);
  EXPECT_EQ(packets[2].payload[2], 19);
  EXPECT_EQ(packets[3].payload[2], 0x40 | 19);
}

TEST(H265Packetizer, AnAggregateHasTheLowestTemporalId) {
  PacketBatch batch;
  ASSERT_TRUE(H265Packetizer(1, 96).packetize(unit_of({nal_of(39, 4, 3), nal_of(1, 4, 2)}), 0, 0, batch));
  EXPECT_EQ(PacketView::parse(batch.packets()[0]).value().payload[1], 2);
}

TEST(H265Packetizer, WhatFitsAloneGoesAloneAtEverySizeAroundTheBorder) {
  for (std::size_t bytes = 2; bytes < 400; ++bytes) {
    PacketBatch batch;
    const auto count = H265Packetizer(1, 96, 100).packetize(unit_of({nal_of(1, bytes)}), 0, 0, batch);
    ASSERT_TRUE(count);
    if (bytes <= 100) {
      EXPECT_EQ(*count, 1U);
      continue;
    }
    EXPECT_EQ(*count, (bytes - 2 + 96) / 97);
    std::size_t carried = 0;
    for (std::size_t i = 0; i < *count; ++i) carried += batch.packet(i).size() - kHeaderBytes - 3;
    EXPECT_EQ(carried, bytes - 2);
  }
}

TEST(H265Packetizer, RefusesWhatIsNoUnitAndLeavesTheBatch) {
  PacketBatch batch;
  const H265Packetizer packetizer(1, 96);
  EXPECT_FALSE(packetizer.packetize(Buffer{0, 0, 0, 9, 0x26}, 0, 0, batch));
  EXPECT_FALSE(packetizer.packetize(unit_of({nal_of(19, 9), nal_of(48, 9)}), 0, 0, batch)) << "type 48";
  EXPECT_FALSE(packetizer.packetize(unit_of({{0x26}}), 0, 0, batch)) << "half a header";
  EXPECT_TRUE(batch.empty());
}

TEST(H265Packetizer, TheLargestUnitGoesThrough) {
  PacketBatch batch;
  const Buffer unit = unit_of({nal_of(19, limits::kAccessUnitBytes - 4)});
  const auto count = H265Packetizer(1, 96).packetize(unit, 0, 0, batch);
  ASSERT_TRUE(count);
  EXPECT_EQ(*count, (limits::kAccessUnitBytes - 6 + 1196) / 1197);
}

}  // namespace
}  // namespace jalousie::rtp
