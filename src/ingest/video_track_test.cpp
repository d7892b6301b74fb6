#include "ingest/video_track.h"

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

TEST(VideoTrack, NamesWhatItFoundInstead) {
  const auto problem = picked("m=video 0 RTP/AVP 96\r\na=rtpmap:96 H265/90000\r\n").error();
  EXPECT_EQ(problem.state, State::CodecNotSupported);
  EXPECT_EQ(problem.reason, "The camera sends H.265 (HEVC), which browsers cannot show.");
  EXPECT_EQ(picked("m=video 0 RTP/AVP 26\r\n").error().reason,
            "The camera sends Motion JPEG, which browsers cannot show.");
  EXPECT_EQ(picked("m=video 0 RTP/AVP 96\r\na=rtpmap:96 <b>evil</b>/90000\r\n").error().reason,
            "The camera sends a video format that is not known here, which browsers cannot show.");
  EXPECT_EQ(picked("m=video 0 RTP/AVP 96\r\n").error().state, State::CodecNotSupported);
  EXPECT_EQ(picked("m=audio 0 RTP/AVP 0\r\n").error().state, State::NoStream);
}

}  // namespace
}  // namespace jalousie::ingest
