#include "ingest/video_receiver.h"

#include <gtest/gtest.h>

#include "rtp/packet.h"

namespace jalousie::ingest {
namespace {

class VideoReceiverTest : public testing::Test {
 protected:
  void begin(const VideoTrack& track) {
    receiver_.emplace(track, false, 1, [this](const rtp::VideoUnit&) { ++units_; });
  }
  /// A packet with a timestamp of its own.
  void send(const Buffer& payload) {
    timestamp_ += 3600;
    Buffer bytes(rtp::kHeaderBytes + payload.size());
    ByteWriter writer(bytes);
    rtp::write_header(writer, {true, 96, sequence_++, timestamp_, 5});
    writer.bytes(payload);
    EXPECT_TRUE(receiver_->on_rtp(bytes, SteadyTime{}));
  }

  std::optional<VideoReceiver> receiver_;
  std::uint16_t sequence_ = 0;
  std::uint32_t timestamp_ = 0;
  int units_ = 0;
};

const VideoTrack kH264{.media = 0,
                       .payload_type = 96,
                       .codec = codec::VideoCodec::H264,
                       .parameter_sets = "Z0IAKeKQFAe2AtwEBAaQeJEV,aM48gA==",
                       .format = std::nullopt};
const Buffer kKeyFrame{0x65, 0x88, 0x80, 0x5A, 0x5A};

TEST_F(VideoReceiverTest, WhatTheDepacketizerDoesNotTakeIsSaidOnceItIsSure) {
  struct Case {
    codec::VideoCodec codec;
    Buffer payload;
    const char* why;
  };
  for (const Case& one : {Case{codec::VideoCodec::H264, {25, 0, 0, 0, 2, 0x41, 0x9A}, "packetization mode 2"},
                          Case{codec::VideoCodec::H265, {0x64, 0x01, 0x02, 0x00, 0x55}, "PACI"},
                          // An image of no size by its header: above 2040 pixels.
                          Case{codec::VideoCodec::Jpeg, {0, 0, 0, 0, 1, 80, 0, 0, 1, 2, 3}, "size"}}) {
    VideoTrack track = kH264;
    track.codec = one.codec;
    track.parameter_sets.clear();
    begin(track);
    send(one.payload);
    send(one.payload);
    EXPECT_FALSE(receiver_->problem()) << one.why << ": it may be damage";
    send(one.payload);
    ASSERT_TRUE(receiver_->problem()) << one.why;
    EXPECT_EQ(receiver_->problem()->state, State::CodecNotSupported);
    EXPECT_NE(receiver_->problem()->reason.find(one.why), std::string::npos) << receiver_->problem()->reason;
    EXPECT_NE(receiver_->problem()->advice, "");
  }
}

TEST_F(VideoReceiverTest, WhatIsNotTakenBetweenPicturesEndsNothing) {
  begin(kH264);
  send(kKeyFrame);
  for (int round = 0; round < 10; ++round) {
    const int before = units_;
    send({25, 0, 0, 0, 2, 0x41, 0x9A});
    send({25, 0, 0, 0, 2, 0x41, 0x9A});
    send(kKeyFrame);
    send(kKeyFrame);
    ASSERT_GT(units_, before) << "else this test shows nothing";
  }
  EXPECT_FALSE(receiver_->problem());
}

}  // namespace
}  // namespace jalousie::ingest
