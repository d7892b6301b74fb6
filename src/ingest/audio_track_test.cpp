#include "ingest/audio_track.h"

#include <gtest/gtest.h>

namespace jalousie::ingest {
namespace {

std::optional<AudioTrack> picked(std::string text) {
  return pick_audio(sdp::parse("m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n" + text).value());
}

TEST(AudioTrack, TakesG711WithAndWithoutItsRtpmap) {
  auto track = picked("m=audio 0 RTP/AVP 0\r\n");
  ASSERT_TRUE(track);
  EXPECT_EQ(track->media, 1u);
  EXPECT_EQ(track->payload_type, 0);
  EXPECT_EQ(track->clock_rate, 8000u);
  EXPECT_EQ(track->format, (codec::AudioFormat{codec::AudioCodec::Pcmu, 8000, 1, {}}));
  EXPECT_EQ(picked("m=audio 0 RTP/AVP 8\r\n")->format.codec, codec::AudioCodec::Pcma);
  track = picked("m=audio 0 RTP/AVP 97\r\na=rtpmap:97 pcma/16000/2\r\n");
  EXPECT_EQ(track->format, (codec::AudioFormat{codec::AudioCodec::Pcma, 16000, 2, {}}));
}

TEST(AudioTrack, TakesAacWithItsConfig) {
  const auto track = picked(
      "m=audio 0 RTP/AVP 104\r\na=rtpmap:104 mpeg4-generic/16000/1\r\n"
      "a=fmtp:104 profile-level-id=15; streamtype=5; mode=AAC-hbr; config=1408; SizeLength=13; "
      "IndexLength=3; "
      "IndexDeltaLength=3; Profile=1\r\n");
  ASSERT_TRUE(track);
  EXPECT_EQ(track->format, (codec::AudioFormat{codec::AudioCodec::Aac, 16000, 1, {0x14, 0x08}}));
  EXPECT_EQ(track->frame_ticks, 1024u);
  EXPECT_EQ(track->payload.size_length, 13u);
  const auto he =
      picked("m=audio 0 RTP/AVP 104\r\na=rtpmap:104 mpeg4-generic/44100/2\r\na=fmtp:104 config=2B920800\r\n");
  EXPECT_EQ(he->format.rate, 44'100u);
  EXPECT_EQ(he->frame_ticks, 2048u) << "at the clock rate";
  EXPECT_EQ(he->payload.size_length, 13u) << "AAC-hbr where nothing is said";
  for (const char* bad : {"", "config=zz", "config=1210; sizelength=99", "config=0A10",
                          "config=1210; sizelength=x", "config=1210; sizelength=0; indexlength=3"}) {
    EXPECT_FALSE(
        picked(std::string("m=audio 0 RTP/AVP 104\r\na=rtpmap:104 mpeg4-generic/44100/2\r\na=fmtp:104 ") +
               bad + "\r\n"))
        << bad;
  }
}

TEST(AudioTrack, TakesOpus) {
  EXPECT_EQ(picked("m=audio 0 RTP/AVP 98\r\na=rtpmap:98 opus/48000/2\r\n")->format.channels, 1);
  EXPECT_EQ(
      picked("m=audio 0 RTP/AVP 98\r\na=rtpmap:98 OPUS/48000/2\r\na=fmtp:98 sprop-stereo=1\r\n")->format,
      (codec::AudioFormat{codec::AudioCodec::Opus, 48000, 2, {}}));
}

TEST(AudioTrack, TakesTheFirstThatItKnowsAndNoLoudspeakerWhereThereIsAMicrophone) {
  EXPECT_FALSE(picked(""));
  EXPECT_FALSE(picked("m=audio 0 RTP/AVP 97\r\na=rtpmap:97 G726-32/8000\r\n"));
  EXPECT_FALSE(picked("m=audio 0 RTP/AVP 97\r\na=rtpmap:97 PCMU/4000000000\r\n"));
  EXPECT_FALSE(picked("m=audio 0 RTP/AVP 97\r\na=rtpmap:97 PCMU/8000/9\r\n"));
  EXPECT_EQ(picked("m=audio 0 RTP/AVP 97 8\r\na=rtpmap:97 G726-32/8000\r\n")->payload_type, 8);
  EXPECT_EQ(picked("m=audio 0 RTP/AVP 0\r\na=sendonly\r\nm=audio 0 RTP/AVP 8\r\na=recvonly\r\n")->media, 2u);
  EXPECT_EQ(picked("m=audio 0 RTP/AVP 0\r\na=sendonly\r\n")->media, 1u);
}

}  // namespace
}  // namespace jalousie::ingest
