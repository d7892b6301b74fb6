#include "sdp/sdp.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace jalousie::sdp {
namespace {

Session parsed(std::string_view text) {
  auto session = parse(text);
  EXPECT_TRUE(session.has_value()) << (session ? "" : session.error().message());
  return session.value_or(Session{});
}

// In the form that Hikvision's firmware 5.x answers DESCRIBE with; the parameter sets are x264's of our test
// camera.
constexpr std::string_view kCamera =
    "v=0\r\n"
    "o=- 1109162014219182 1109162014219192 IN IP4 192.0.2.64\r\n"
    "s=Media Presentation\r\n"
    "e=NONE\r\n"
    "b=AS:5100\r\n"
    "t=0 0\r\n"
    "a=control:rtsp://192.0.2.64:554/Streaming/Channels/101/\r\n"
    "m=video 0 RTP/AVP 96\r\n"
    "c=IN IP4 0.0.0.0\r\n"
    "b=AS:5000\r\n"
    "a=recvonly\r\n"
    "a=x-dimensions:1280,720\r\n"
    "a=control:rtsp://192.0.2.64:554/Streaming/Channels/101/trackID=1\r\n"
    "a=rtpmap:96 H264/90000\r\n"
    "a=fmtp:96 profile-level-id=420029; packetization-mode=1; "
    "sprop-parameter-sets=Z00AH5Y1QKALdNwEBAQI,aO48gA==\r\n"
    "m=audio 0 RTP/AVP 0\r\n"
    "a=control:trackID=2\r\n"
    "a=Media_header:MEDIAINFO=494D4B48010200000400000101;\r\n";

TEST(Sdp, ReadsACamera) {
  const auto session = parsed(kCamera);
  EXPECT_EQ(session.origin.session_id, "1109162014219182");
  EXPECT_EQ(session.origin.address, "192.0.2.64");
  EXPECT_EQ(session.name, "Media Presentation");
  EXPECT_EQ(session.control(), "rtsp://192.0.2.64:554/Streaming/Channels/101/");
  ASSERT_EQ(session.media.size(), 2u);

  const auto& video = session.media[0];
  EXPECT_EQ(video.kind, "video");
  EXPECT_EQ(video.protocol, "RTP/AVP");
  EXPECT_EQ(video.connection->address, "0.0.0.0");
  EXPECT_EQ(video.bandwidths, (std::vector<Bandwidth>{{"AS", 5000}}));
  EXPECT_EQ(session.direction(video), Direction::RecvOnly);
  EXPECT_EQ(video.rtpmaps(), (std::vector<RtpMap>{{96, "H264", 90000, 1}}));
  const auto parameters = video.format_parameters(96);
  ASSERT_EQ(parameters.size(), 3u);
  EXPECT_EQ(find(parameters, "Packetization-Mode"), "1");
  EXPECT_EQ(find(parameters, "sprop-parameter-sets"), "Z00AH5Y1QKALdNwEBAQI,aO48gA==");
  EXPECT_EQ(find(parameters, "level"), std::nullopt);

  const auto& audio = session.media[1];
  EXPECT_EQ(audio.control(), "trackID=2");
  EXPECT_EQ(audio.rtpmap(0), (RtpMap{0, "PCMU", 8000, 1}));
  EXPECT_EQ(session.direction(audio), Direction::SendRecv);
}

TEST(Sdp, ReadsABrowsersOffer) {
  const auto session = parsed(
      "v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
      "a=group:BUNDLE 0 1\r\na=extmap-allow-mixed\r\na=msid-semantic: WMS\r\n"
      "m=video 9 UDP/TLS/RTP/SAVPF 102 121 127\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\n"
      "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\na=fingerprint:sha-256 "
      "0F:74:31\r\na=setup:actpass\r\n"
      "a=mid:0\r\na=recvonly\r\na=rtcp-mux\r\na=rtpmap:102 H264/90000\r\na=rtcp-fb:102 nack\r\na=rtcp-fb:102 "
      "nack pli\r\n"
      "a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f\r\n"
      "a=rtpmap:121 rtx/90000\r\na=fmtp:121 apt=102\r\na=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n"
      "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:1\r\na=rtpmap:111 opus/48000/2\r\n");
  EXPECT_EQ(session.attributes.find("group"), "BUNDLE 0 1");
  EXPECT_TRUE(session.attributes.has("extmap-allow-mixed"));
  EXPECT_EQ(session.attributes.find("msid-semantic"), "WMS");
  ASSERT_EQ(session.media.size(), 2u);
  const auto& video = session.media[0];
  EXPECT_EQ(video.mid(), "0");
  EXPECT_EQ(video.formats, (std::vector<std::string>{"102", "121", "127"}));
  EXPECT_EQ(video.attributes.find_all("rtcp-fb"),
            (std::vector<std::string_view>{"102 nack", "102 nack pli"}));
  EXPECT_EQ(find(video.format_parameters(121), "apt"), "102");
  EXPECT_EQ(video.rtpmaps().size(), 2u);  // 127 has none
  EXPECT_EQ(session.media[1].rtpmap(111)->channels, 2u);
}

TEST(Sdp, TakesWhatCamerasGetWrong) {
  struct Case {
    std::string_view what, text;
  };
  const Case cases[] = {
      {"bare LF", "v=0\nm=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\n"},
      {"bare CR", "v=0\rm=video 0 RTP/AVP 96\ra=rtpmap:96 H264/90000\r"},
      {"no end of the last line", "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000"},
      {"no session lines, empty lines", "\r\n\r\nm=video 0 RTP/AVP 96\r\n\r\na=rtpmap:96 H264/90000\r\n"},
      {"blanks all over", "  m=video  0  RTP/AVP  96 \r\n a=rtpmap: 96  H264 / 90000 \r\n"},
      {"a NUL at the end", std::string_view("m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n\0", 48)},
      {"lines that are none",
       "v=0\r\nhello\r\nx\r\n=\r\nm=video 0 RTP/AVP 96\r\nz=?\r\na=rtpmap:96 H264/90000\r\n"},
      {"an empty v and s", "v=\r\ns=\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"},
      {"another map first", "m=video 0 RTP/AVP 96\r\na=rtpmap:97 X/1\r\na=rtpmap:96 H264/90000\r\n"},
      {"half an origin, an empty bandwidth",
       "o=-\r\nb=\r\nb=AS:x\r\nc=IN\r\nm=video 0 RTP/AVP 96\r\na=\r\na=rtpmap:96 H264/90000"},
  };
  for (const auto& test : cases) {
    const auto session = parsed(test.text);
    ASSERT_EQ(session.media.size(), 1u) << test.what;
    EXPECT_EQ(session.media[0].rtpmaps(), (std::vector<RtpMap>{{96, "H264", 90000, 1}})) << test.what;
    EXPECT_TRUE(session.media[0].bandwidths.empty() && session.bandwidths.empty()) << test.what;
  }
}

TEST(Sdp, RefusesWhatMakesNoSense) {
  for (const std::string_view text : {"m=\r\n", "m=video\r\n", "m=video x RTP/AVP 96\r\n",
                                      "m=video 99999 RTP/AVP 96\r\n", "m=video 0\r\n", "v=1\r\n"}) {
    const auto session = parse(text);
    ASSERT_FALSE(session.has_value()) << text;
    EXPECT_EQ(session.error().kind(), ErrorKind::InvalidArgument);
    EXPECT_NE(session.error().message().find("line 1"), std::string::npos) << session.error().message();
  }
}

TEST(Sdp, KeepsToItsLimits) {
  const auto repeated = [](std::string_view line, std::size_t times) {
    std::string text;
    for (std::size_t i = 0; i < times; ++i) text += line;
    return text;
  };
  EXPECT_TRUE(parse(repeated("a=x\n", limits::kSdpLines)).has_value());
  EXPECT_EQ(parse(repeated("a=x\n", limits::kSdpLines + 1)).error().kind(), ErrorKind::ResourceExhausted);
  EXPECT_TRUE(parse(repeated("m=video 0 RTP/AVP 96\n", limits::kSdpMedia)).has_value());
  EXPECT_EQ(parse(repeated("m=video 0 RTP/AVP 96\n", limits::kSdpMedia + 1)).error().kind(),
            ErrorKind::ResourceExhausted);
  EXPECT_EQ(parse(std::string(limits::kSdpBytes + 1, 'a')).error().kind(), ErrorKind::ResourceExhausted);
}

TEST(Sdp, RefusesMapsThatCannotBe) {
  const auto session = parsed(
      "m=video 0 RTP/AVP 96 97 98 99 300 x\na=rtpmap:96 H264\na=rtpmap:97 /90000\na=rtpmap:98 H264/0\n"
      "a=rtpmap:99 H264/99999999999\na=rtpmap:300 H264/90000\n");
  EXPECT_TRUE(session.media[0].rtpmaps().empty());
}

TEST(Sdp, WritesWhatItReads) {
  const auto session = parsed(kCamera);
  EXPECT_EQ(parsed(write(session)), session);
  Session own;
  own.attributes.add("group", "BUNDLE 0");
  own.media.push_back({.kind = "video",
                       .port = 9,
                       .port_count = 2,
                       .protocol = "UDP/TLS/RTP/SAVPF",
                       .formats = {"96"},
                       .title = "t",
                       .connection = Connection{"IN", "IP6", "::1"},
                       .bandwidths = {{"TIAS", 1}},
                       .attributes = {{"mid", "0"}, {"sendonly", ""}}});
  EXPECT_EQ(
      write(own),
      "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
      "m=video 9/2 UDP/TLS/RTP/SAVPF 96\r\ni=t\r\nc=IN IP6 ::1\r\nb=TIAS:1\r\na=mid:0\r\na=sendonly\r\n");
  EXPECT_EQ(parsed(write(own)), own);
}

TEST(Sdp, NoValueCanStartALine) {
  Session session;
  session.name = "x\r\nm=video 1 RTP/AVP 96";
  session.attributes.add("a\nb", "c\r\na=d");
  session.attributes.add("e", std::string("f\0g", 3));
  EXPECT_EQ(write(session), "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=x\r\nt=0 0\r\na=a\r\na=e:f\r\n");
}

TEST(Sdp, TakesEveryTruncationWithoutAFault) {
  for (std::size_t length = 0; length < kCamera.size(); ++length) {
    const std::string part(
        kCamera.substr(0, length));  // a copy, so that a sanitizer sees a read past its end
    if (const auto session = parse(part)) EXPECT_EQ(parsed(write(*session)), *session) << length;
  }
}

}  // namespace
}  // namespace jalousie::sdp
