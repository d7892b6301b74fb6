#include "rtp/audio_packetizer.h"

#include <random>

#include <gtest/gtest.h>

#include "base/limits.h"
#include "rtp/frame_depacketizer.h"
#include "rtp/gst_for_test.h"

namespace jalousie::rtp {
namespace {

using codec::AudioCodec;

codec::AudioFrame frame_of(AudioCodec codec, ByteView bytes) {
  return {{codec, codec == AudioCodec::Opus ? 48'000U : 8'000U, 1, {}}, bytes};
}

Buffer noise(std::size_t size, unsigned seed) {
  std::mt19937 random(seed);
  Buffer bytes(size);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

TEST(AudioPacketizer, WhatGoesInComesOutAndLongG711IsCut) {
  for (const AudioCodec codec : {AudioCodec::Pcmu, AudioCodec::Pcma}) {
    for (const std::size_t size : {1U, 160U, 1200U, 1201U, 8192U}) {
      const Buffer frame = noise(size, 2);
      PacketBatch batch;
      const auto count =
          AudioPacketizer(7, 8).packetize(frame_of(codec, frame), 0xFFFF'FF00, 65'535, true, batch);
      ASSERT_TRUE(count);
      EXPECT_EQ(*count, (size + 1199) / 1200);
      FrameDepacketizer depacketizer(codec, 1);
      Buffer joined;
      for (const ByteView packet : batch.packets()) {
        const auto view = PacketView::parse(packet).value();
        EXPECT_EQ(view.marker, joined.empty());
        EXPECT_EQ(view.payload_type, 8);
        ASSERT_TRUE(depacketizer.push(view));
        const auto unit = depacketizer.pull();
        ASSERT_TRUE(unit);
        EXPECT_EQ(unit->timestamp, static_cast<std::int64_t>(0xFFFF'FF00 + joined.size()));
        EXPECT_FALSE(unit->gap_before);
        joined.insert(joined.end(), unit->payload.begin(), unit->payload.end());
      }
      EXPECT_EQ(joined, frame);
    }
  }
}

TEST(AudioPacketizer, RefusesWhatThePeerCouldNotPlay) {
  PacketBatch batch;
  const AudioPacketizer packetizer(7, 111);
  const Buffer bytes = noise(1201, 1);
  EXPECT_FALSE(packetizer.packetize(frame_of(AudioCodec::Opus, bytes), 0, 0, false, batch));
  EXPECT_TRUE(
      packetizer.packetize(frame_of(AudioCodec::Opus, ByteView(bytes).first(1200)), 0, 0, false, batch));
  batch.clear();
  EXPECT_FALSE(packetizer.packetize({{AudioCodec::Aac, 8'000, 1, {1}}, bytes}, 0, 0, false, batch));
  EXPECT_FALSE(packetizer.packetize({{AudioCodec::Pcmu, 8'000, 2, {}}, bytes}, 0, 0, false, batch));
  EXPECT_TRUE(batch.empty());
}

TEST(FrameDepacketizer, TellsOfLossAndLeavesOutWhatIsLate) {
  std::mt19937 random(3);
  FrameDepacketizer depacketizer(AudioCodec::Pcma, 1);
  const Buffer payload(160);
  bool lost = false;
  for (std::uint16_t i = 1; i != 0; ++i) {
    PacketView packet;
    packet.sequence = i;
    packet.timestamp = i * 160U;
    packet.payload = payload;
    if (random() % 5 == 0 && i > 1) {
      lost = true;
      continue;
    }
    ASSERT_TRUE(depacketizer.push(packet));
    const auto unit = depacketizer.pull();
    ASSERT_TRUE(unit);
    ASSERT_EQ(unit->gap_before, lost) << i;
    lost = false;
    --packet.sequence;
    ASSERT_TRUE(depacketizer.push(packet));
    ASSERT_FALSE(depacketizer.pull());
  }
  EXPECT_GT(depacketizer.stats().lost_packets, 10'000U);
}

TEST(FrameDepacketizer, RefusesWhatIsNoFrame) {
  PacketView packet;
  const Buffer long_one(limits::kAudioFrameBytes + 1);
  FrameDepacketizer mono(AudioCodec::Pcmu, 1);
  packet.payload = long_one;
  EXPECT_EQ(mono.push(packet).error().kind(), ErrorKind::ResourceExhausted);
  ++packet.sequence;
  packet.payload = {};
  EXPECT_TRUE(mono.push(packet));
  EXPECT_FALSE(mono.pull()) << "an empty packet is silence";
  ++packet.sequence;
  packet.payload = ByteView(long_one).first(3);
  EXPECT_TRUE(mono.push(packet));
  EXPECT_TRUE(mono.pull()->gap_before);

  FrameDepacketizer stereo(AudioCodec::Pcmu, 2);
  EXPECT_FALSE(stereo.push(packet)) << "half a sample";
  FrameDepacketizer opus(AudioCodec::Opus, 1);
  const Buffer bad{0x83};
  packet.payload = bad;
  EXPECT_FALSE(opus.push(packet));
  EXPECT_EQ(opus.stats().malformed_packets, 1U);
}

struct Peer {
  const char* elements;
  AudioCodec codec;
};

TEST(FrameDepacketizer, FromGStreamersOwnRtp) {
  for (const Peer peer :
       {Peer{"audio/x-raw,rate=8000,channels=1 ! mulawenc ! tee name=t ! queue ! rtppcmupay",
             AudioCodec::Pcmu},
        Peer{"audio/x-raw,rate=8000,channels=1 ! alawenc ! tee name=t ! queue ! rtppcmapay",
             AudioCodec::Pcma},
        Peer{"audio/x-raw,rate=48000,channels=2 ! opusenc ! tee name=t ! queue ! rtpopuspay",
             AudioCodec::Opus}}) {
    const test::Gst gst(std::string("audiotestsrc num-buffers=100 ! ") + peer.elements +
                        " ! rtpstreampay ! filesink location={rtp} t. ! queue ! filesink location={raw}");
    FrameDepacketizer depacketizer(peer.codec, 1);
    Buffer joined;
    for (const Buffer& packet : gst.packets()) {
      ASSERT_TRUE(depacketizer.push(PacketView::parse(packet).value())) << peer.elements;
      const auto unit = depacketizer.pull();
      ASSERT_TRUE(unit);
      joined.insert(joined.end(), unit->payload.begin(), unit->payload.end());
    }
    EXPECT_EQ(joined, gst.raw()) << peer.elements;
    EXPECT_GT(joined.size(), 1000U);
  }
}

}  // namespace
}  // namespace jalousie::rtp
