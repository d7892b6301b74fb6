#include "rtsp/url.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace jalousie::rtsp {
namespace {

TEST(RtspUrl, SplitsCredentialsOff) {
  struct Case {
    std::string_view text, url, username, password;
  };
  const Case cases[] = {
      {"rtsp://192.0.2.1/a/b?c=d", "rtsp://192.0.2.1/a/b?c=d", "", ""},
      {"RTSP://cam.local:8554", "rtsp://cam.local:8554", "", ""},
      {"rtsp://admin:secret@cam/x", "rtsp://cam/x", "admin", "secret"},
      {"rtsp://admin@cam/x", "rtsp://cam/x", "admin", ""},
      {"rtsp://ad%40min:p%3a%2Fw@cam:554/x", "rtsp://cam/x", "ad@min", "p:/w"},
      {"rtsp://admin:p@ss:w@rd@cam/x@y", "rtsp://cam/x@y", "admin", "p@ss:w@rd"},
      {"rtsp://u:p%zz%4@cam/", "rtsp://cam/", "u", "p%zz%4"},
      {"rtsps://u:p@[2001:db8::1]:322/x#frag", "rtsps://[2001:db8::1]/x", "u", "p"},
      {"rtsp://[::1]:99?x", "rtsp://[::1]:99?x", "", ""},
      {"  rtsp://cam/a b\r\nX: y  ", "rtsp://cam/a%20b%0D%0AX:%20y", "", ""},
  };
  for (const auto& test : cases) {
    const auto parsed = parse_url(test.text);
    ASSERT_TRUE(parsed.has_value()) << test.text;
    EXPECT_EQ(parsed->url.to_string(), test.url);
    EXPECT_EQ(parsed->username, test.username);
    EXPECT_EQ(parsed->password, test.password);
  }
}

TEST(RtspUrl, RefusesWithoutRepeatingAnything) {
  const std::string_view cases[] = {"",
                                    "http://u:hunter2@cam/",
                                    "u:hunter2@cam",
                                    "rtsp://",
                                    "rtsp://u:hunter2@",
                                    "rtsp://u:hunter2@/x",
                                    "rtsp://u:hunter2/x@cam",
                                    "rtsp://cam:0/hunter2",
                                    "rtsp://cam:65536/hunter2",
                                    "rtsp://cam:12x/hunter2",
                                    "rtsp://[::1/hunter2",
                                    "rtsp://[::1]hunter2",
                                    "rtsp://hun ter2/"};
  for (const auto text : cases) {
    const auto parsed = parse_url(text);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_EQ(parsed.error().kind(), ErrorKind::InvalidArgument);
    EXPECT_EQ(parsed.error().message().find("hunter2"), std::string::npos) << parsed.error().message();
  }
  EXPECT_FALSE(parse_url("rtsp://h/" + std::string(limits::kUrlBytes, 'x')).has_value());
  EXPECT_FALSE(parse_url("rtsp://" + std::string(254, 'x')).has_value());
}

TEST(RtspUrl, TakesThePathOfTheContentBase) {
  const auto request = parse_url("rtsp://192.0.2.1:8554/cam")->url;
  struct Case {
    std::string_view base, location, expected;
  };
  const Case cases[] = {
      {"", "", "rtsp://192.0.2.1:8554/cam"},
      {"rtsp://192.0.2.1:8554/cam/", "", "rtsp://192.0.2.1:8554/cam/"},
      {"rtsp://0.0.0.0/live/", "", "rtsp://192.0.2.1:8554/live/"},     // an address that leads nowhere
      {"rtsp://10.0.0.9:554/cam/", "", "rtsp://192.0.2.1:8554/cam/"},  // behind NAT
      {"10.0.0.9/cam/", "", "rtsp://192.0.2.1:8554/cam/"},             // no scheme (seen in the wild: retina)
      {"/cam/", "", "rtsp://192.0.2.1:8554/cam/"},
      {"rtsp://10.0.0.9", "", "rtsp://192.0.2.1:8554/cam"},
      {"http://10.0.0.9/x", "", "rtsp://192.0.2.1:8554/cam"},
      {"", "rtsp://10.0.0.9/loc/", "rtsp://192.0.2.1:8554/loc/"},
      {"rtsp://u:p@10.0.0.9/cam/", "", "rtsp://192.0.2.1:8554/cam/"},
      {"rtsp://h/cam/realmonitor?channel=1&subtype=0/", "",
       "rtsp://192.0.2.1:8554/cam/realmonitor?channel=1&subtype=0/"},
  };
  for (const auto& test : cases)
    EXPECT_EQ(control_base(request, test.base, test.location), test.expected) << test.base;
}

TEST(RtspUrl, ResolvesControls) {
  struct Case {
    std::string_view base, control, expected;
  };
  const Case cases[] = {
      {"rtsp://h/a/", "trackID=1", "rtsp://h/a/trackID=1"},
      {"rtsp://h/a", "trackID=1", "rtsp://h/a/trackID=1"},
      {"rtsp://h/a/", "/trackID=1", "rtsp://h/a/trackID=1"},
      {"rtsp://h/a?b=c", "track1", "rtsp://h/a?b=c/track1"},
      {"rtsp://h/a/", "*", "rtsp://h/a/"},
      {"rtsp://h/a/", "", "rtsp://h/a/"},
      {"rtsp://h/a/", "rtsp://other:554/x/track1", "rtsp://other:554/x/track1"},
      {"rtsp://h/a/", "rtsp://u:p@other:554/x", "rtsp://other/x"},
      {"rtsp://h/a/", "rtsp://", "rtsp://h/a/"},
      {"rtsp://h/a/", "x y\r\nz", "rtsp://h/a/x%20y%0D%0Az"},
  };
  for (const auto& test : cases)
    EXPECT_EQ(resolve_control(test.base, test.control), test.expected) << test.control;
}

}  // namespace
}  // namespace jalousie::rtsp
