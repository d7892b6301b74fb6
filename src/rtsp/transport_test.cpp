#include "rtsp/transport.h"

#include <gtest/gtest.h>

namespace jalousie::rtsp {
namespace {

TEST(RtspTransport, ReadsAlternativesInOrder) {
  const auto found = parse_transport(
      "RTP/SAVP;unicast, RTP/AVP/TCP;unicast;interleaved=0-1 "
      ",RTP/AVP;multicast;client_port=5000-5001;mode=\"PLAY\"");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_TRUE(found[0].tcp);
  EXPECT_EQ(found[0].interleaved, (Pair{0, 1}));
  EXPECT_FALSE(found[1].tcp);
  EXPECT_FALSE(found[1].unicast);
  EXPECT_EQ(found[1].client_port, (Pair{5000, 5001}));
  EXPECT_EQ(found[1].mode, "PLAY");
}

TEST(RtspTransport, ReadsAnAnswer) {
  const auto found = parse_transport(
      "RTP/AVP/"
      "UDP;unicast;source=192.0.2.1;client_port=8000-8001;server_port=9000-9001;ssrc=0001Fe2a;mode=PLAY");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].server_port, (Pair{9000, 9001}));
  EXPECT_EQ(found[0].source, "192.0.2.1");
  EXPECT_EQ(found[0].ssrc, 0x1fe2au);
  EXPECT_EQ(parse_transport(write(found[0])), found);
}

TEST(RtspTransport, TakesWhatCamerasGetWrong) {
  EXPECT_EQ(parse_transport("rtp/avp/tcp;interleaved=2").at(0).interleaved, (Pair{2, 3}));
  EXPECT_EQ(parse_transport("RTP/AVP;client_port=9000").at(0).client_port, (Pair{9000, 9001}));
  EXPECT_EQ(parse_transport("RTP/AVP/TCP;interleaved=300-301").at(0).interleaved, std::nullopt);
  EXPECT_EQ(parse_transport("RTP/AVP/TCP;interleaved=255").at(0).interleaved, std::nullopt);
  EXPECT_EQ(parse_transport("RTP/AVP;server_port=99999-1;ssrc=zz").at(0).server_port, std::nullopt);
  EXPECT_EQ(parse_transport(" RTP/AVP ; ; =;client_port = 1 - 2 ").at(0).client_port, (Pair{1, 2}));
  EXPECT_TRUE(parse_transport("").empty());
  EXPECT_TRUE(parse_transport(",,;").empty());
}

TEST(RtspTransport, ReadsSessions) {
  EXPECT_EQ(parse_session("12AB;timeout=30"), (SessionHeader{"12AB", Seconds(30)}));
  EXPECT_EQ(parse_session(" 12AB "), (SessionHeader{"12AB", Seconds(60)}));
  EXPECT_EQ(parse_session("1; Timeout = 0"), (SessionHeader{"1", Seconds(1)}));
  EXPECT_EQ(parse_session("1;timeout=4000000000"), (SessionHeader{"1", Seconds(86400)}));
  EXPECT_EQ(parse_session("1;timeout=x"), (SessionHeader{"1", Seconds(60)}));
  EXPECT_EQ(parse_session(";timeout=3"), std::nullopt);
  EXPECT_EQ(write(SessionHeader{"a", Seconds(5)}), "a;timeout=5");
}

TEST(RtspTransport, ReadsAndWritesRtpInfo) {
  const std::vector<RtpInfo> info{{"rtsp://h/trackID=1", 65535, 4294967295u}, {"rtsp://h/trackID=2", {}, {}}};
  const auto text = write(info);
  EXPECT_EQ(text, "url=rtsp://h/trackID=1;seq=65535;rtptime=4294967295,url=rtsp://h/trackID=2");
  EXPECT_EQ(parse_rtp_info(text), info);
  EXPECT_TRUE(parse_rtp_info("seq=1;rtptime=2").empty());
  EXPECT_EQ(parse_rtp_info("url=x;seq=65536").at(0).sequence, std::nullopt);
}

}  // namespace
}  // namespace jalousie::rtsp
