#include "ingest/video_track.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace jalousie::ingest {
namespace {

std::expected<VideoTrack, Problem> picked(std::string_view text) {
  return pick_video(sdp::parse(text).value());
}

TEST(VideoTrack, TakesTheFirstThatIsH264) {
  const auto track = picked(
      "m=application 0 RTP/AVP 107\r\na=rtpmap:107 vnd.onvif.metadata/90000\r\nm=audio 0 RTP/AVP 0\r\n"
      "m=Video 0 RTP/AVP 98 97\r\na=rtpmap:98 H265/90000\r\na=rtpmap:97 h264/90000\r\n"
      "a=fmtp:97 packetization-mode=1; sprop-parameter-sets=Z0IAKeKQFAe2AtwEBAaQeJEV,aM48gA==\r\n"
      "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n");
  ASSERT_TRUE(track.has_value());
  EXPECT_EQ(track->media, 2u);
  EXPECT_EQ(track->payload_type, 97);
  EXPECT_EQ(track->codec, codec::VideoCodec::H264) << "though H.265 comes first";
  EXPECT_EQ(track->parameter_sets, "Z0IAKeKQFAe2AtwEBAaQeJEV,aM48gA==");
  ASSERT_TRUE(track->format.has_value());
  EXPECT_EQ(track->format->width, 640u);
  EXPECT_EQ(track->format->height, 480u);
}

TEST(VideoTrack, GoesWithoutParameterSetsThatCannotBeRead) {
  const auto track =
      picked("m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 sprop-parameter-sets=*,!\r\n");
  ASSERT_TRUE(track.has_value());
  EXPECT_FALSE(track->format.has_value());
}

TEST(VideoTrack, TakesH265WhereThereIsNothingElse) {
  const auto track = picked(
      "m=video 0 RTP/AVP 96\r\na=rtpmap:96 MP4V-ES/90000\r\n"
      "m=video 0 RTP/AVP 98\r\na=rtpmap:98 h265/90000\r\na=fmtp:98 sprop-max-don-diff=0;"
      "sprop-vps=QAEMAf//AWAAAAMAkAAAAwAAAwA/ugJA;sprop-sps=QgEBAWAAAAMAkAAAAwAAAwA/"
      "oAUCAXHy5bpKTC8BaAgAAAMACAAAAwDIQA==;"
      "sprop-pps=RAHAc8GJ\r\n");
  ASSERT_TRUE(track.has_value());
  EXPECT_EQ(track->media, 1u);
  EXPECT_EQ(track->payload_type, 98);
  EXPECT_EQ(track->codec, codec::VideoCodec::H265);
  ASSERT_TRUE(track->format.has_value());
  EXPECT_EQ(track->format->codec_string(), "hvc1.1.6.L63.90");
  EXPECT_EQ(track->format->width, 640u);
  const auto bare = picked("m=video 0 RTP/AVP 96\r\na=rtpmap:96 H265/90000\r\n");
  ASSERT_TRUE(bare.has_value());
  EXPECT_FALSE(bare->format.has_value()) << "its sets come in the stream";
}

TEST(VideoTrack, TakesMotionJpegWhereThereIsNothingElse) {
  const auto track = picked("m=video 0 RTP/AVP 26\r\n");
  ASSERT_TRUE(track.has_value());
  EXPECT_EQ(track->codec, codec::VideoCodec::Jpeg);
  EXPECT_EQ(track->payload_type, 26);
  EXPECT_FALSE(track->size);
  EXPECT_EQ(picked("m=video 0 RTP/AVP 26\r\na=framesize:26 2560-1440\r\n")->size,
            (codec::JpegSize{2560, 1440}));
  EXPECT_EQ(picked("m=video 0 RTP/AVP 26\r\na=x-dimensions:4096,2160\r\n")->size,
            (codec::JpegSize{4096, 2160}));
  for (const char* bad : {"26 0-0", "26 -", "26 99999-1", "26 60000-60000", ""})
    EXPECT_FALSE(picked(std::string("m=video 0 RTP/AVP 26\r\na=framesize:") + bad + "\r\n")->size) << bad;
  EXPECT_EQ(picked("m=video 0 RTP/AVP 26\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n")->codec,
            codec::VideoCodec::H264);
}

TEST(VideoTrack, TheOrderOfTheDescriptionDecidesNothing) {
  const std::string jpeg = "m=video 0 RTP/AVP 26\r\n";
  const std::string h265 = "m=video 0 RTP/AVP 98\r\na=rtpmap:98 H265/90000\r\n";
  const std::string h264 = "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n";
  const std::string other = "m=video 0 RTP/AVP 97\r\na=rtpmap:97 VP8/90000\r\n";
  const std::string interleaved =
      "m=video 0 RTP/AVP 99\r\na=rtpmap:99 H265/90000\r\na=fmtp:99 sprop-max-don-diff=2\r\n";
  const auto codec = [](const std::string& text) { return picked(text)->codec; };
  EXPECT_EQ(codec(jpeg + h265), codec::VideoCodec::H265);
  EXPECT_EQ(codec(h265 + jpeg), codec::VideoCodec::H265);
  EXPECT_EQ(codec(interleaved + jpeg), codec::VideoCodec::Jpeg);
  EXPECT_EQ(codec(jpeg + interleaved), codec::VideoCodec::Jpeg);
  std::vector<std::string> all{h264, h265, interleaved, jpeg, other};
  std::ranges::sort(all);
  do {
    std::string text;
    for (const auto& one : all) text += one;
    EXPECT_EQ(codec(text), codec::VideoCodec::H264) << text;
  } while (std::ranges::next_permutation(all).found);
  for (const auto& text : {other + interleaved, interleaved + other})
    EXPECT_NE(picked(text).error().reason.find("sprop-max-don-diff"), std::string::npos) << text;
}

TEST(VideoTrack, RefusesInterleavedH265WithItsReason) {
  const auto problem =
      picked("m=video 0 RTP/AVP 96\r\na=rtpmap:96 H265/90000\r\na=fmtp:96 sprop-max-don-diff=2\r\n").error();
  EXPECT_EQ(problem.state, State::CodecNotSupported);
  EXPECT_NE(problem.reason.find("sprop-max-don-diff"), std::string::npos);
}

TEST(VideoTrack, NamesWhatItFoundInstead) {
  const auto problem = picked("m=video 0 RTP/AVP 96\r\na=rtpmap:96 MP4V-ES/90000\r\n").error();
  EXPECT_EQ(problem.state, State::CodecNotSupported);
  EXPECT_EQ(problem.reason, "The camera sends MPEG-4 Part 2, which browsers cannot show.");
  EXPECT_EQ(picked("m=video 0 RTP/AVP 96\r\na=rtpmap:96 <b>evil</b>/90000\r\n").error().reason,
            "The camera sends a video format that is not known here, which browsers cannot show.");
  EXPECT_EQ(picked("m=video 0 RTP/AVP 96\r\n").error().state, State::CodecNotSupported);
  EXPECT_EQ(picked("m=audio 0 RTP/AVP 0\r\n").error().state, State::NoStream);
}

}  // namespace
}  // namespace jalousie::ingest
