#include "webrtc/fragment.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace jalousie::webrtc {
namespace {

// As Chromium 156 and RFC 9725 figure 3 write them.
constexpr std::string_view kChromium =
    "a=ice-ufrag:mV7/\r\n"
    "a=ice-pwd:hXc2FUDbAXVUbbBFpyM2nUdF\r\n"
    "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n"
    "a=mid:0\r\n"
    "a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag mV7/ network-id "
    "1\r\n"
    "a=end-of-candidates\r\n";

TEST(Fragment, SaysWhichSessionItIsFor) {
  struct Case {
    std::string text;
    std::vector<std::string> ufrags;
    bool is_for;
  };
  const Case cases[] = {
      {std::string(kChromium), {"mV7/"}, true},
      {"", {}, true},
      {"a=candidate:1 1 udp 1 192.0.2.1 1 typ host", {}, true},
      {"a=ice-ufrag:mV7/", {"mV7/"}, true},
      {"a=ice-ufrag:mV7/ \n\n", {"mV7/"}, true},
      {"a=ice-ufrag:mV7/\rm=audio 9 X 0\ra=ice-ufrag:mV7/\r", {"mV7/", "mV7/"}, true},
      {"a=ice-ufrag:mV7/\r\nm=audio 9 X 0\r\na=ice-ufrag:other\r\n", {"mV7/", "other"}, true},
      {"m=audio 9 X 0\na=ice-ufrag:new1\nm=video 9 X 0\na=ice-ufrag:new2", {"new1", "new2"}, false},
      {"a=ice-ufrag:mV7", {"mV7"}, false},
      {"a=x-was:a=ice-ufrag:other", {}, true},  // the beginning of a line counts
  };
  for (const auto& test : cases) {
    const auto fragment = parse_fragment(test.text);
    ASSERT_TRUE(fragment) << test.text;
    EXPECT_EQ(fragment->ufrags, test.ufrags) << test.text;
    EXPECT_EQ(fragment->is_for("mV7/"), test.is_for) << test.text;
  }
}

TEST(Fragment, RefusesWhatItIsNot) {
  std::string many;
  for (std::size_t i = 0; i < limits::kSdpMedia + 2; ++i) many += "a=ice-ufrag:mV7/\n";
  const std::pair<std::string, ErrorKind> cases[] = {
      {"{}", ErrorKind::InvalidArgument},
      {"x", ErrorKind::InvalidArgument},
      {"a=ice-ufrag:", ErrorKind::InvalidArgument},
      {"a=ice-ufrag:a b", ErrorKind::InvalidArgument},
      {"a=ice-ufrag:" + std::string(257, 'x'), ErrorKind::InvalidArgument},
      {std::string("a=\0", 3) + "\na=ice-ufrag:\xc3\xa9", ErrorKind::InvalidArgument},
      {many, ErrorKind::ResourceExhausted},
      {std::string(limits::kSdpBytes + 1, '\n'), ErrorKind::ResourceExhausted},
  };
  for (const auto& [text, kind] : cases) {
    const auto fragment = parse_fragment(text);
    ASSERT_FALSE(fragment) << text.substr(0, 80);
    EXPECT_EQ(fragment.error().kind(), kind);
  }
}

TEST(Fragment, IsReadOrRefusedWhereverItIsCut) {
  for (std::size_t size = 0; size <= kChromium.size(); ++size) {
    const auto fragment = parse_fragment(kChromium.substr(0, size));
    if (!fragment) continue;
    for (const std::string& ufrag : fragment->ufrags)
      EXPECT_TRUE(std::string_view("mV7/").starts_with(ufrag));
  }
}

}  // namespace
}  // namespace jalousie::webrtc
