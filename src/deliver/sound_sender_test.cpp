// Timestamps that go on, and reports that put voices to lips.
#include "deliver/sound_sender.h"

#include "deliver/fixture_for_test.h"
#include "rtp/packet.h"

namespace jalousie::deliver {
namespace {

using codec::AudioCodec;

class SoundSenderTest : public DeliverTest {
 protected:
  struct Packet {
    rtp::PacketView view;
    Buffer payload;
  };

  stream::Sound sound(AudioCodec codec, const Buffer& frame, Microseconds shown) {
    clear_.clear();
    const std::uint32_t rate = codec == AudioCodec::Opus ? 48'000 : 8'000;
    Buffer config;
    if (codec == AudioCodec::Aac) config = {0x14, 0x08};
    EXPECT_TRUE(codec::write_audio_frame({codec, rate, 1, config}, frame, clear_));
    const auto flags = seal::coding_flags(static_cast<seal::AudioCoding>(codec));
    block_ = sealer_->seal(seal::BlockKind::Audio, flags, clock_.utc(), clear_.view()).value();
    return {block_, clear_.view(), shown};
  }
  std::vector<Packet> sent(AudioCodec codec, const Buffer& frame, Microseconds shown) {
    batch_.clear();
    const auto count = sender_.packetize(sound(codec, frame, shown), batch_);
    EXPECT_EQ(count, batch_.size());
    std::vector<Packet> packets;
    for (const ByteView packet : batch_.packets()) {
      const auto view = rtp::PacketView::parse(packet).value();
      packets.push_back({view, {view.payload.begin(), view.payload.end()}});
    }
    return packets;
  }
  /// The RTP time of one frame of 20 ms of G.711 that is to be heard at `shown`; nothing where it is left
  /// out.
  std::optional<std::uint32_t> time_of(Microseconds shown) {
    const auto packets = sent(AudioCodec::Pcma, Buffer(160, 0x55), shown);
    return packets.empty() ? std::nullopt : std::optional(packets[0].view.timestamp);
  }

  codec::WipedBuffer clear_;
  seal::BlockPtr block_;
  rtp::PacketBatch batch_;
  SoundSender sender_{{.section = 1, .payload_type = 8, .codec = AudioCodec::Pcma}, random_};
};

TEST_F(SoundSenderTest, FramesFollowEachOtherWithoutAHoleWhateverTheirCaptureTimesSay) {
  const auto first = sent(AudioCodec::Pcma, Buffer(160, 1), Milliseconds(500));
  const auto second = sent(AudioCodec::Pcma, Buffer(320, 2), Milliseconds(533));
  const auto third = sent(AudioCodec::Pcma, Buffer(160, 3), Milliseconds(548));
  ASSERT_EQ(first.size() + second.size() + third.size(), 3U);
  EXPECT_EQ(first[0].payload, Buffer(160, 1));
  EXPECT_EQ(first[0].view.payload_type, 8);
  EXPECT_EQ(first[0].view.ssrc, sender_.ssrc());
  EXPECT_TRUE(first[0].view.marker) << "the first after a silence";
  EXPECT_FALSE(second[0].view.marker);
  EXPECT_EQ(second[0].view.timestamp, first[0].view.timestamp + 160);
  EXPECT_EQ(third[0].view.timestamp, second[0].view.timestamp + 320);
  EXPECT_EQ(third[0].view.sequence, static_cast<std::uint16_t>(first[0].view.sequence + 2));
}

TEST_F(SoundSenderTest, AfterASilenceItIsPutBackToThePicturesClock) {
  const auto first = time_of(Seconds(1)).value();
  const auto packets = sent(AudioCodec::Pcma, Buffer(160, 1), Seconds(3));
  ASSERT_EQ(packets.size(), 1U);
  EXPECT_EQ(packets[0].view.timestamp, first + 2 * 8000);
  EXPECT_TRUE(packets[0].view.marker);
}

TEST_F(SoundSenderTest, WhatWouldBeHeardOverTheRestIsLeftOut) {
  const auto first = time_of(Seconds(1)).value();
  EXPECT_FALSE(time_of(Milliseconds(900)));
  EXPECT_EQ(time_of(Milliseconds(1020)), first + 160);
}

TEST_F(SoundSenderTest, LongFramesAreCutAndTheNextFollowsTheirEnd) {
  const auto first = sent(AudioCodec::Pcma, Buffer(3000, 1), Seconds(1));
  ASSERT_EQ(first.size(), 3U);
  EXPECT_EQ(time_of(Milliseconds(1375)), first[0].view.timestamp + 3000);
}

TEST_F(SoundSenderTest, OpusCountsAt48kHz) {
  sender_ = SoundSender({.section = 1, .payload_type = 111, .codec = AudioCodec::Opus}, random_);
  Buffer packet(40, 9);
  packet[0] = 0x78;  // CELT, 20 ms, mono, one frame (RFC 6716 section 3.1)
  const auto first = sent(AudioCodec::Opus, packet, Seconds(1));
  const auto second = sent(AudioCodec::Opus, packet, Milliseconds(1020));
  ASSERT_EQ(first.size() + second.size(), 2U);
  EXPECT_EQ(second[0].view.timestamp, first[0].view.timestamp + 960);
}

TEST_F(SoundSenderTest, AnotherCodecThanWasPromisedIsNotSent) {
  EXPECT_TRUE(sent(AudioCodec::Pcmu, Buffer(160, 1), Seconds(1)).empty());
  EXPECT_TRUE(sent(AudioCodec::Aac, Buffer(160, 1), Seconds(1)).empty());
}

TEST_F(SoundSenderTest, ItsReportNamesTheMomentOfThePicturesReport) {
  EXPECT_FALSE(sender_.report(5, 0)) << "nothing was sent";
  const auto first = time_of(Seconds(10)).value();
  // At the instant at which a picture of 10.5 s would be shown, the sound of 10.5 s is due.
  const auto report = sender_.report(77, 945'000).value();
  EXPECT_EQ(report.ssrc, sender_.ssrc());
  EXPECT_EQ(report.ntp, 77U);
  EXPECT_EQ(report.rtp_timestamp, first + 4000);
  EXPECT_EQ(report.packets, 1U);
  EXPECT_EQ(report.octets, 160U);
  // Pictures may be behind the newest sound, and their clock wraps after 13 hours.
  EXPECT_EQ(sender_.report(77, 855'000)->rtp_timestamp, first - 4000);
  const auto later = time_of(Seconds(50'000)).value();
  EXPECT_EQ(sender_.report(77, static_cast<std::uint32_t>(std::uint64_t{50'001} * 90'000))->rtp_timestamp,
            later + 8000);
}

}  // namespace
}  // namespace jalousie::deliver
