#include "base/redact.h"

#include <gtest/gtest.h>

namespace jalousie {
namespace {

TEST(WithoutSecrets, ShowsWhereACameraIsAndNoMore) {
  struct Case {
    std::string_view url, shown;
  };
  const Case cases[] = {
      {"rtsp://192.0.2.1/main", "rtsp://192.0.2.1/main"},
      {"rtsp://192.0.2.1:8554", "rtsp://192.0.2.1:8554"},
      {"rtsp://[2001:db8::1]:99/a/b", "rtsp://[2001:db8::1]:99/a/b"},
      {"rtsp://h/Streaming/Channels/101", "rtsp://h/Streaming/Channels/101"},
      {"rtsp://h/h264Preview_01_main", "rtsp://h/h264Preview_01_main"},
      {"rtsp://h/", "rtsp://h/"},
      {"rtsp://h//cam/", "rtsp://h//cam/"},
      {"rtsp://u:hunter2@h/x", "rtsp://h/x"},
      {"rtsp://u:hun@ter2@h/x", "rtsp://h/x"},
      {"rtsp://h/cam/realmonitor?channel=1&subtype=0", "rtsp://h/cam/realmonitor"},
      {"rtsp://h/live?user=admin&password=hunter2", "rtsp://h/live"},
      {"rtsp://h?user=admin&password=hunter2", "rtsp://h"},
      {"rtsp://h/x#hunter2", "rtsp://h/x"},
      {"rtsp://h/user=admin_password=hunter2_channel=1_stream=0.sdp?real_stream", "rtsp://h/***"},
      {"rtsp://h/user=admin&password=hunter2&channel=1&stream=0.sdp", "rtsp://h/***"},
      {"rtsp://h/a/USER=admin;PWD=hunter2/b", "rtsp://h/a/***"},
      {"rtsp://h/a/user%3Dadmin_password%3dhunter2/b", "rtsp://h/a/***"},
      {"rtsp://h/a/p%2561ss%253Dhunter2", "rtsp://h/a/***"},
      {"rtsp://h/live/%3Fpwd%3Dhunter2", "rtsp://h/live/***"},
      {"rtsp://h/admin:hunter2/live", "rtsp://h/***"},
      {"rtsp://h/user/admin/password/hunter2", "rtsp://h/***"},
      {"rtsp://h/live;token=hunter2", "rtsp://h/***"},
      {"hunter2@h", "h"},
      {"", ""},
  };
  for (const auto& [url, shown] : cases) {
    EXPECT_EQ(without_secrets(url), shown) << url;
    EXPECT_EQ(without_secrets(shown), shown) << "what is shown is shown as it is";
    for (std::size_t size = 0; size <= url.size(); ++size) {
      EXPECT_EQ(without_secrets(url.substr(0, size)).find("password="), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace jalousie
