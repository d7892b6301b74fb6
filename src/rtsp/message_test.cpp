#include "rtsp/message.h"

#include <gtest/gtest.h>

namespace jalousie::rtsp {
namespace {

TEST(RtspMessage, WritesRequests) {
  Request request{"DESCRIBE", "rtsp://host/a", {{"CSeq", "2"}, {"Accept", "application/sdp"}}, ""};
  EXPECT_EQ(write(request), "DESCRIBE rtsp://host/a RTSP/1.0\r\nCSeq: 2\r\nAccept: application/sdp\r\n\r\n");
  request.body = "xy";
  EXPECT_EQ(
      write(request),
      "DESCRIBE rtsp://host/a RTSP/1.0\r\nCSeq: 2\r\nAccept: application/sdp\r\nContent-Length: 2\r\n\r\nxy");
}

TEST(RtspMessage, AnswersWithTheSameCSeq) {
  const Request request{"OPTIONS", "*", {{"cseq", "77"}}, ""};
  EXPECT_EQ(write(answer(request, 461)), "RTSP/1.0 461 Unsupported transport\r\nCSeq: 77\r\n\r\n");
  EXPECT_EQ(answer(request, 200).cseq(), 77u);
  EXPECT_EQ(answer(Request{}, 200).cseq(), std::nullopt);
}

TEST(RtspMessage, NoValueCanStartALine) {
  const Request request{
      "GET\r\nX: 1", "rtsp://h/\r\nY: 2", {{"A\r\nZ", "b\r\nC: d"}, {"E", std::string("f\0g", 3)}}, ""};
  EXPECT_EQ(write(request), "GET rtsp://h/ RTSP/1.0\r\nA: b\r\nE: f\r\n\r\n");
  Response response;
  response.status = 299;
  response.reason = "a\nb";
  EXPECT_EQ(write(response), "RTSP/1.0 299 a\r\n\r\n");
}

TEST(RtspMessage, FindsHeadersInAnyCase) {
  const Headers headers{{"WWW-Authenticate", "a"}, {"Www-authenticate", "b"}};
  EXPECT_EQ(headers.find("www-AUTHENTICATE"), "a");
  EXPECT_EQ(headers.find_all("WWW-Authenticate"), (std::vector<std::string_view>{"a", "b"}));
  EXPECT_EQ(headers.find("WWW"), std::nullopt);
}

TEST(RtspMessage, WritesFrameHeaders) {
  EXPECT_EQ(interleaved_header(3, 0x1234), (std::array<std::uint8_t, 4>{0x24, 3, 0x12, 0x34}));
}

}  // namespace
}  // namespace jalousie::rtsp
