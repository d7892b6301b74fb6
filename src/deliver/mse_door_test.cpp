// The MSE door: what is answered before a request becomes a WebSocket.
#include "deliver/mse_door.h"

#include "deliver/fixture_for_test.h"

namespace jalousie::deliver {
namespace {

using codec::VideoCodec;

class MseDoorTest : public DeliverTest {
 protected:
  http::Response open(bool is_handshake) {
    http::Request request;
    request.method = "GET";
    if (is_handshake) {
      request.headers.set("Upgrade", "websocket");
      request.headers.set("Connection", "Upgrade");
      request.headers.set("Sec-WebSocket-Version", "13");
      request.headers.set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
      request.headers.set("Sec-WebSocket-Protocol", std::string(kMseProtocol));
    }
    return io::run_and_wait(first_.loop(), door_.open({.account = {}, .session = owner_}, label_.label.camera,
                                                      StreamId::Main, std::move(request)));
  }
  static codec::VideoFormat format(VideoCodec codec, bool has_b_frames) {
    return {
        .codec = codec, .profile = {}, .width = 640, .height = 360, .fps = 25, .has_b_frames = has_b_frames};
  }

  io::Workers workers_{1};
  int granted_ = 0;
  Result<Media> media_ = Media{};
  ViewingDesk desk_{ViewingDesk::Parts{
      .hub = *hub_,
      .workers = workers_,
      .office = office_,
      .ask_grant = [this](const keeper::GrantRequest&, keeper::RevokedCall) -> Result<keeper::Grant> {
        ++granted_;
        return grant();
      },
      .ask_media = [this](const keeper::Principal&, CameraId, StreamId) { return media_; }}};
  MseDoor door_{MseDoor::Parts{desk_, metrics_, events_}};
};

TEST_F(MseDoorTest, WhatItDoesNotCarryIsRefusedInWordsBeforeTheKeeperIsAsked) {
  const std::pair<codec::VideoFormat, std::string_view> kRefused[] = {
      {format(VideoCodec::Jpeg, false), "The camera sends Motion JPEG, which browsers do not take"},
      {format(VideoCodec::H264, true), "The camera sends H.264 with B-frames"},
      {format(VideoCodec::H265, true), "The camera sends H.265 with B-frames"}};
  for (const auto& [video, words] : kRefused) {
    media_ = Media{.video = video};
    for (const bool is_handshake : {true, false}) {
      const http::Response response = open(is_handshake);
      EXPECT_EQ(response.status, 406) << words;
      EXPECT_NE(response.body.find(words), std::string::npos) << response.body;
    }
  }
  EXPECT_EQ(granted_, 0);
}

TEST_F(MseDoorTest, WhatIsNotTheAskersIsNotThere) {
  media_ = fail(ErrorKind::NotFound, "There is no such camera.");
  EXPECT_EQ(open(true).status, 404);
  EXPECT_EQ(open(false).status, 404);
  EXPECT_EQ(granted_, 0);
}

TEST_F(MseDoorTest, AHandshakeForWhatItCarriesBecomesAWebSocket) {
  for (const std::optional<codec::VideoFormat>& video :
       {std::optional<codec::VideoFormat>(), std::optional(format(VideoCodec::H264, false)),
        std::optional(format(VideoCodec::H265, false))}) {
    media_ = Media{.video = video};
    granted_ = 0;
    EXPECT_EQ(open(false).status, 426);
    EXPECT_EQ(granted_, 0);
    http::Response response;
    response = open(true);
    EXPECT_EQ(response.status, 101);
    EXPECT_EQ(granted_, 1);
    on_loop([&] { response = {}; });  // the session is the connection's, on its loop
  }
}

}  // namespace
}  // namespace jalousie::deliver
