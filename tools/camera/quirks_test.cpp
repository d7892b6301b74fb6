#include "camera/quirks.h"

#include <gtest/gtest.h>

namespace jalousie::camera {
namespace {

rtsp::Response response() {
  rtsp::Response made;
  made.headers = {{"CSeq", "3"},
                  {"Session", "ab;timeout=60"},
                  {"Transport", "RTP/AVP;unicast;client_port=2-3;server_port=4-5;ssrc=00000001"},
                  {"Content-Base", "rtsp://192.0.2.1/main/"},
                  {"RTP-Info", "url=x"}};
  made.body = "v=0\r\n";
  return made;
}

std::string with(const std::vector<std::string>& names) {
  return Quirks::parse(names).value().write(response());
}

TEST(Quirks, NoneChangesNothing) { EXPECT_EQ(with({}), rtsp::write(response())); }

TEST(Quirks, BendHeaders) {
  EXPECT_EQ(
      with({"no-rtp-info", "no-cseq", "content-base-no-scheme", "no-server-port", "session-blanks",
            "lower-case-names", "line-feeds"}),
      "RTSP/1.0 200 OK\nsession: ab ; timeout=60\ntransport: RTP/AVP;unicast;client_port=2-3;ssrc=00000001\n"
      "content-base: 192.0.2.1/main/\nContent-Length: 5\n\nv=0\r\n");
}

TEST(Quirks, NamesWhatThereIsNot) {
  const auto failed = Quirks::parse({"no-cseq", "no-such"});
  ASSERT_FALSE(failed.has_value());
  EXPECT_TRUE(failed.error().message().starts_with("--quirk no-such: there are only no-rtp-info no-cseq "));
}

TEST(Quirks, EachHasAName) {
  for (std::size_t i = 0; i < kQuirkNames.size(); ++i) {
    EXPECT_EQ(static_cast<std::size_t>(kQuirkNames[i].second), i);
    EXPECT_TRUE(Quirks::parse({std::string(kQuirkNames[i].first)})->has(kQuirkNames[i].second));
  }
}

}  // namespace
}  // namespace jalousie::camera
