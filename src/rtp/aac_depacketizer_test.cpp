#include "rtp/aac_depacketizer.h"

#include <map>
#include <random>

#include <gtest/gtest.h>

#include "base/limits.h"
#include "rtp/gst_for_test.h"

namespace jalousie::rtp {
namespace {

struct Got {
  Buffer bytes;
  std::int64_t timestamp = 0;
  bool gap_before = false;
  friend bool operator==(const Got&, const Got&) = default;
};

/// A sender: AAC-hbr, as many frames a packet as it is told, longer ones in fragments.
class Sender {
 public:
  std::vector<Buffer> packets(const std::vector<Buffer>& frames, std::size_t a_packet,
                              std::size_t mtu = 1200) {
    std::vector<Buffer> result;
    for (std::size_t i = 0; i < frames.size(); i += a_packet) {
      const std::size_t count = std::min(a_packet, frames.size() - i);
      ByteView whole = frames[i];
      if (count == 1 && whole.size() > mtu) {
        const auto size = static_cast<std::uint16_t>(whole.size());
        while (!whole.empty()) {
          const ByteView part = whole.first(std::min(mtu, whole.size()));
          whole = whole.subspan(part.size());
          Buffer payload = header({size});
          payload.insert(payload.end(), part.begin(), part.end());
          result.push_back(packet(payload, whole.empty()));
        }
      } else {
        std::vector<std::uint16_t> sizes;
        for (std::size_t k = 0; k < count; ++k)
          sizes.push_back(static_cast<std::uint16_t>(frames[i + k].size()));
        Buffer payload = header(sizes);
        for (std::size_t k = 0; k < count; ++k)
          payload.insert(payload.end(), frames[i + k].begin(), frames[i + k].end());
        result.push_back(packet(payload, true));
      }
      timestamp_ += 1024 * static_cast<std::uint32_t>(count);
    }
    return result;
  }

 private:
  static Buffer header(const std::vector<std::uint16_t>& sizes) {
    const std::size_t bits = sizes.size() * 16;
    Buffer bytes{static_cast<std::uint8_t>(bits >> 8), static_cast<std::uint8_t>(bits)};
    for (const std::uint16_t size : sizes) {
      bytes.push_back(static_cast<std::uint8_t>(size >> 5));
      bytes.push_back(static_cast<std::uint8_t>(size << 3));
    }
    return bytes;
  }
  Buffer packet(const Buffer& payload, bool marker) {
    Buffer bytes(kHeaderBytes + payload.size());
    ByteWriter writer(bytes);
    write_header(writer, {marker, 97, sequence_++, timestamp_, 5});
    writer.bytes(payload);
    return bytes;
  }
  std::uint16_t sequence_ = 65'530;
  std::uint32_t timestamp_ = 0xFFFF'F000;
};

Result<std::vector<Got>> feed(AacDepacketizer& depacketizer, ByteView packet) {
  std::vector<Got> got;
  TRY_VOID(depacketizer.push(PacketView::parse(packet).value()));
  while (const auto unit = depacketizer.pull())
    got.push_back({Buffer(unit->payload.begin(), unit->payload.end()), unit->timestamp, unit->gap_before});
  return got;
}

std::vector<Buffer> random_frames(std::size_t count, std::size_t most, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<Buffer> frames(count);
  for (Buffer& frame : frames) {
    frame.resize(1 + random() % most);
    for (auto& byte : frame) byte = static_cast<std::uint8_t>(random());
  }
  return frames;
}

TEST(AacDepacketizer, WhatIsSentComesOutWithItsTimes) {
  for (const std::size_t a_packet : {1U, 2U, 7U}) {
    const auto frames = random_frames(100, a_packet == 1 ? 4000 : 160, 3);
    Sender sender;
    AacDepacketizer depacketizer({}, 1024);
    std::vector<Got> got;
    for (const Buffer& packet : sender.packets(frames, a_packet)) {
      auto more = feed(depacketizer, packet);
      ASSERT_TRUE(more) << more.error().message();
      std::ranges::move(*more, std::back_inserter(got));
    }
    ASSERT_EQ(got.size(), frames.size());
    for (std::size_t i = 0; i < frames.size(); ++i)
      EXPECT_EQ(got[i], (Got{frames[i], 0xFFFF'F000 + static_cast<std::int64_t>(i) * 1024, false})) << i;
  }
}

TEST(AacDepacketizer, LossDamagesNoFrameAndIsToldOf) {
  std::mt19937 random(11);
  for (int round = 0; round < 200; ++round) {
    const auto frames = random_frames(60, 2000, static_cast<unsigned>(round));
    const std::size_t a_packet = round % 2 == 0 ? 1 : 1 + random() % 5;
    std::map<std::uint32_t, const Buffer*> by_time;
    for (std::size_t i = 0; i < frames.size(); ++i)
      by_time[0xFFFF'F000 + static_cast<std::uint32_t>(i) * 1024] = &frames[i];
    Sender sender;
    AacDepacketizer depacketizer({}, 1024);
    std::optional<std::int64_t> last;
    std::uint64_t lost = 0;
    for (const Buffer& packet : sender.packets(frames, a_packet)) {
      if (random() % 10 == 0) {
        ++lost;
        continue;
      }
      const auto got = feed(depacketizer, packet);
      ASSERT_TRUE(got);
      for (const Got& one : *got) {
        const auto timestamp = static_cast<std::uint32_t>(one.timestamp);
        ASSERT_TRUE(by_time.contains(timestamp));
        EXPECT_EQ(one.bytes, *by_time[timestamp]);
        if (last) {
          EXPECT_EQ(one.gap_before, one.timestamp != *last + 1024);
        }
        last = one.timestamp;
      }
    }
    EXPECT_LE(depacketizer.stats().lost_packets, lost) << "but for those at the ends";
  }
}

TEST(AacDepacketizer, TakesOtherWidthsAndTheAuxiliarySection) {
  // AAC-lbr (6 and 2 bits), with CTS and DTS flags, random access, and 8 bits of auxiliary data's size.
  AacPayload payload{.size_length = 6, .index_length = 2, .index_delta_length = 2};
  AacDepacketizer lbr(payload, 1024);
  const auto packet = [](const Buffer& payload_bytes, std::uint16_t sequence) {
    Buffer bytes(kHeaderBytes + payload_bytes.size());
    ByteWriter writer(bytes);
    write_header(writer, {true, 97, sequence, 0, 5});
    writer.bytes(payload_bytes);
    return bytes;
  };
  EXPECT_EQ(feed(lbr, packet({0, 16, 2 << 2, 1 << 2, 0xA, 0xB, 0xC}, 1))->at(1).bytes, (Buffer{0xC}));

  payload = {.cts_delta_length = 7, .dts_delta_length = 4, .auxiliary_length = 8, .random_access = true};
  AacDepacketizer rich(payload, 1024);
  codec::RawBitWriter bits;
  bits.bits(16, 16 + 8 + 1 + 1);
  bits.bits(16, 2 << 3);
  bits.bits(8, 0x80 | 5);  // CTS-flag and delta
  bits.bits(1, 0);         // DTS-flag
  bits.bits(1, 1);         // RAP-flag
  bits.bits(6, 0);
  bits.bits(8, 12);  // the auxiliary data's size
  bits.bits(12, 0xFFF);
  bits.bits(4, 0);
  bits.bits(16, 0x1234);
  EXPECT_EQ(feed(rich, packet(bits.bytes(), 1))->at(0).bytes, (Buffer{0x12, 0x34}));

  AacDepacketizer plain({.size_length = 0, .index_length = 0, .index_delta_length = 0}, 1024);
  EXPECT_EQ(feed(plain, packet({1, 2, 3}, 1))->at(0).bytes, (Buffer{1, 2, 3})) << "no headers at all";
  EXPECT_FALSE((AacPayload{.size_length = 0}).is_valid());
  EXPECT_FALSE((AacPayload{.size_length = 33}).is_valid());
}

TEST(AacDepacketizer, MalformedPacketsAreErrorsAndTheNextIsTaken) {
  struct Case {
    const char* name;
    Buffer payload;
    ErrorKind kind;
  };
  Buffer many(2 + 2 * (limits::kAudioFramesPerPacket + 1));
  ByteWriter(many).u16(static_cast<std::uint16_t>((many.size() - 2) * 8));
  const std::vector<Case> cases{
      {"one byte", {0}, ErrorKind::InvalidArgument},
      {"no headers", {0, 0, 1, 2}, ErrorKind::InvalidArgument},
      {"headers longer than the packet", {0, 64, 0, 8}, ErrorKind::InvalidArgument},
      {"half a header", {0, 24, 0, 8, 0, 1}, ErrorKind::InvalidArgument},
      {"frames longer than the packet", {0, 32, 0, 8, 0, 16, 1, 2}, ErrorKind::InvalidArgument},
      {"interleaved", {0, 32, 0, 8, 0, 9, 1, 2}, ErrorKind::Unsupported},
      {"too many frames", many, ErrorKind::ResourceExhausted},
  };
  for (const Case& one : cases) {
    AacDepacketizer depacketizer({}, 1024);
    PacketView packet;
    packet.marker = true;
    packet.payload = one.payload;
    const auto pushed = depacketizer.push(packet);
    ASSERT_FALSE(pushed) << one.name;
    EXPECT_EQ(pushed.error().kind(), one.kind) << one.name;
    EXPECT_FALSE(depacketizer.pull()) << one.name;
    const Buffer good{0, 16, 0, 8, 7};
    packet.payload = good;
    ++packet.sequence;
    EXPECT_TRUE(depacketizer.push(packet)) << one.name;
    const auto unit = depacketizer.pull();
    ASSERT_TRUE(unit) << one.name;
    EXPECT_TRUE(unit->gap_before) << one.name;
    EXPECT_EQ(depacketizer.stats().malformed_packets, 1U);
  }
}

TEST(AacDepacketizer, WithoutHeadersThePacketIsOneFrameBehindItsAuxiliarySection) {
  AacPayload bare{.size_length = 0, .index_length = 0, .index_delta_length = 0};
  ASSERT_FALSE(bare.has_headers());
  for (const unsigned auxiliary : {0U, 8U}) {
    bare.auxiliary_length = auxiliary;
    AacDepacketizer depacketizer(bare, 1024);
    // 12 bits of it, filled up to two bytes behind their count.
    const Buffer section = auxiliary == 0 ? Buffer{} : Buffer{12, 0xAB, 0xC0};
    PacketView packet;
    packet.marker = true;
    const auto push = [&](std::size_t size) {
      Buffer payload = section;
      payload.resize(section.size() + size, 7);
      packet.payload = payload;
      ++packet.sequence;
      const auto pushed = depacketizer.push(packet);
      const auto unit = depacketizer.pull();
      EXPECT_FALSE(depacketizer.pull());
      EXPECT_EQ(pushed.has_value(), unit.has_value());
      if (!pushed) EXPECT_EQ(pushed.error().kind(), ErrorKind::ResourceExhausted);
      if (unit) EXPECT_EQ(Buffer(unit->payload.begin(), unit->payload.end()), Buffer(size, 7));
      return std::pair(unit.has_value(), unit && unit->gap_before);
    };
    EXPECT_EQ(push(5), std::pair(true, false)) << auxiliary;
    EXPECT_EQ(push(limits::kAudioFrameBytes), std::pair(true, false));
    EXPECT_FALSE(push(limits::kAudioFrameBytes + 1).first);
    EXPECT_EQ(push(3), std::pair(true, true)) << "what was too long is missing";
  }
}

TEST(AacDepacketizer, AFrameWhoseBeginningNobodySawIsLeftOut) {
  AacDepacketizer depacketizer({}, 1024);
  PacketView packet;
  packet.marker = true;
  const Buffer rest{0, 16, 0, 32, 1};
  packet.payload = rest;
  EXPECT_TRUE(depacketizer.push(packet));
  EXPECT_FALSE(depacketizer.pull());
  const Buffer good{0, 16, 0, 8, 7};
  packet.payload = good;
  ++packet.sequence;
  EXPECT_TRUE(depacketizer.push(packet));
  EXPECT_TRUE(depacketizer.pull()->gap_before);
}

TEST(AacDepacketizer, FragmentsOfDifferentFramesAreNotPutTogether) {
  AacDepacketizer depacketizer({}, 1024);
  auto push = [&, packet = PacketView()](const Buffer& payload, std::uint32_t timestamp) mutable {
    packet.payload = payload;
    packet.timestamp = timestamp;
    ++packet.sequence;
    return depacketizer.push(packet).has_value();
  };
  EXPECT_TRUE(push(Buffer{0, 16, 0, 32, 1, 2}, 0));  // a camera that breaks off
  EXPECT_TRUE(push(Buffer{0, 16, 0, 32, 3, 4}, 1024));
  EXPECT_FALSE(depacketizer.pull());
  EXPECT_TRUE(push(Buffer{0, 16, 0, 32, 5, 6}, 1024));
  const auto unit = depacketizer.pull();
  ASSERT_TRUE(unit);
  EXPECT_EQ(Buffer(unit->payload.begin(), unit->payload.end()), (Buffer{3, 4, 5, 6}));
  EXPECT_TRUE(unit->gap_before);
  EXPECT_TRUE(push(Buffer{0, 16, 0, 32, 1, 2}, 2048));
  EXPECT_FALSE(push(Buffer{0, 16, 0, 32, 3, 4, 5}, 2048)) << "more than their frame";
}

TEST(AacDepacketizer, TruncatedAnywhereIsNoFrame) {
  Sender sender;
  const Buffer whole = sender.packets(random_frames(3, 50, 1), 3).at(0);
  for (std::size_t size = kHeaderBytes; size < whole.size(); ++size) {
    AacDepacketizer depacketizer({}, 1024);
    const auto got = feed(depacketizer, ByteView(whole).first(size));
    EXPECT_TRUE(!got || got->empty()) << size;
  }
}

TEST(AacDepacketizer, LatePacketsAreLeftOutAndARestartIsFollowed) {
  AacDepacketizer depacketizer({}, 1024);
  const Buffer good{0, 16, 0, 8, 7};
  PacketView packet;
  packet.payload = good;
  packet.sequence = 500;
  EXPECT_TRUE(depacketizer.push(packet) && depacketizer.pull());
  packet.sequence = 480;
  EXPECT_TRUE(depacketizer.push(packet));
  EXPECT_FALSE(depacketizer.pull());
  EXPECT_EQ(depacketizer.stats().late_packets, 1U);
  packet.sequence = 20;
  EXPECT_TRUE(depacketizer.push(packet));
  EXPECT_TRUE(depacketizer.pull()->gap_before);
  packet.sequence = 21;
  packet.ssrc = 9;
  EXPECT_TRUE(depacketizer.push(packet));
  EXPECT_TRUE(depacketizer.pull()->gap_before);
}

// GStreamer's encoder and packetizer: whole frames, and in fragments.
TEST(AacDepacketizer, FromGStreamersOwnRtp) {
  for (const int mtu : {1400, 120}) {
    const test::Gst gst(
        "audiotestsrc num-buffers=200 wave=ticks volume=0.8 ! audio/x-raw,rate=16000,channels=1 ! avenc_aac "
        "bitrate=64000 ! "
        "aacparse ! audio/mpeg,stream-format=raw ! tee name=t ! queue ! rtpmp4gpay mtu=" +
        std::to_string(mtu) +
        " ! rtpstreampay ! filesink location={rtp} t. ! queue ! filesink location={raw}");
    AacDepacketizer depacketizer({}, 1024);
    Buffer joined;
    std::size_t frames = 0;
    for (const Buffer& packet : gst.packets()) {
      const auto got = feed(depacketizer, packet);
      ASSERT_TRUE(got) << got.error().message();
      for (const Got& one : *got) joined.insert(joined.end(), one.bytes.begin(), one.bytes.end());
      frames += got->size();
    }
    EXPECT_GT(frames, 100U);
    EXPECT_EQ(joined, gst.raw()) << mtu;
  }
}

}  // namespace
}  // namespace jalousie::rtp
