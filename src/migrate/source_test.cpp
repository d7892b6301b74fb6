#include "migrate/source.h"

#include <gtest/gtest.h>

namespace jalousie::migrate {

namespace {

std::optional<std::string> variables(const std::string& name) {
  if (name == "CAMERA_PASSWORD") return "p@ss";
  if (name == "FRIGATE_RTSP_PASSWORD") return "secret";
  return std::nullopt;
}

}  // namespace

TEST(Source, NamesArePutForPeople) {
  EXPECT_EQ(name_for_people("front_door"), "Front door");
  EXPECT_EQ(name_for_people("back-yard-2"), "Back yard 2");
  EXPECT_EQ(name_for_people("Garage (old_one)"), "Garage (old_one)");
  EXPECT_EQ(name_for_people(""), "");
}

TEST(Source, VariablesAreFilledIn) {
  EXPECT_EQ(fill_in("rtsp://u:${CAMERA_PASSWORD}@h/${PATH_:live}", variables).value(),
            "rtsp://u:p@ss@h/live");
  EXPECT_EQ(fill_in("rtsp://u:{FRIGATE_RTSP_PASSWORD}@h/", variables).value(), "rtsp://u:secret@h/");
  EXPECT_EQ(fill_in("rtsp://h/{other}?a=${}&b=${x", variables).value(), "rtsp://h/{other}?a=${}&b=${x");
  const auto missing = fill_in("rtsp://u:${MISSING}@h/", variables);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message(),
            "its address holds the variable MISSING: run this again with MISSING set");
}

TEST(Source, AddressesAreWhatTheyComeTo) {
  EXPECT_EQ(rtsp_address("rtsp://u:p@h/a?b=c#backchannel=0").value(), "rtsp://u:p@h/a?b=c");
  EXPECT_EQ(rtsp_address("ffmpeg:rtsp://h/a#video=copy").value(), "rtsp://h/a");
  EXPECT_EQ(rtsp_address("rtspx://h:7441/a").value(), "rtsps://h:7441/a");
  const std::pair<std::string_view, std::string_view> kRefused[] = {
      {"onvif://u:p@h", "it is reached by onvif"},
      {"ffmpeg:door#audio=opus", "it is reached by ffmpeg"},
      {"exec:ffmpeg -i x", "it is reached by exec"},
      {"", "it has no address of a camera"},
      {"no address", "it has no address of a camera"}};
  for (const auto& [source, words] : kRefused) {
    const auto refused = rtsp_address(source);
    ASSERT_FALSE(refused) << source;
    EXPECT_TRUE(refused.error().message().starts_with(words)) << refused.error().message();
  }
  const auto wrong = rtsp_address("rtsp://user:geheim@:99999/");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().message().find("geheim"), std::string::npos);
}

TEST(Source, PlacesAndBridges) {
  EXPECT_TRUE(is_same_place("rtsp://u:p@h/a", "rtsp://h:554/b"));
  EXPECT_FALSE(is_same_place("rtsp://h/a", "rtsps://h/a"));
  EXPECT_FALSE(is_same_place("rtsp://h/a", "rtsp://h:8554/a"));
  EXPECT_FALSE(is_same_place("rtsp://h/a", "nonsense"));
  EXPECT_EQ(stream_of_bridge("rtsp://127.0.0.1:8554/door?video=copy"), "door");
  EXPECT_EQ(stream_of_bridge("rtsp://localhost:8554/door"), "door");
  EXPECT_EQ(stream_of_bridge("rtsp://192.0.2.1:8554/door"), "");
  EXPECT_EQ(stream_of_bridge("rtsp://127.0.0.1:8554/"), "");
}

}  // namespace jalousie::migrate
