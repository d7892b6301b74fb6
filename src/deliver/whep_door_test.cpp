// The WHEP door: who gets a session, whose it is, and that a right that goes meanwhile takes it along.
#include "deliver/whep_door.h"

#include "deliver/fixture_for_test.h"

namespace jalousie::deliver {
namespace {

class WhepDoorTest : public DeliverTest {
 protected:
  WhepDoorTest() {
    desk_ = std::make_unique<ViewingDesk>(ViewingDesk::Parts{
        .hub = *hub_,
        .workers = workers_,
        .office = office_,
        .ask_grant = [this](const keeper::GrantRequest& request,
                            keeper::RevokedCall revoked) { return ask(request, std::move(revoked)); },
        .ask_media = [this](const keeper::Principal&, CameraId, StreamId) { return media_; }});
    door_ = std::make_unique<WhepDoor>(WhepDoor::Parts{.desk = *desk_,
                                                       .mux = *mux_,
                                                       .random = random_,
                                                       .metrics = metrics_,
                                                       .events = events_,
                                                       .identity = identity_,
                                                       .advertised = {}});
  }
  ~WhepDoorTest() override {
    close();
    on_loop([] {});  // sessions that ended are forgotten after their last call
  }

  /// The keeper, on a worker thread.
  Result<keeper::Grant> ask(const keeper::GrantRequest& request, keeper::RevokedCall revoked) {
    asked_.emplace_back(std::string(request.door), request.camera);
    if (refusal_) return std::unexpected(*refusal_);
    if (revoked_meanwhile_) revoked(*revoked_meanwhile_);
    revoked_ = std::move(revoked);
    return grant();
  }

  http::Request request(std::string_view type, std::string body) const {
    http::Request made;
    made.headers.set("Content-Type", std::string(type));
    made.body = std::move(body);
    made.local = Endpoint::v4({127, 0, 0, 1}, 443);
    made.peer = Endpoint::v4({127, 0, 0, 1}, 50'000);
    return made;
  }
  keeper::Principal principal() const { return {.account = {}, .session = owner_}; }
  keeper::Principal somebody_else() { return {.account = {}, .session = SessionId::random(random_)}; }

  http::Response offer(http::Request with) {
    return io::run_and_wait(first_.loop(),
                            door_->offer(principal(), label_.label.camera, StreamId::Main, std::move(with)));
  }
  /// A session that was made; `viewing_` and `etag_` are its own.
  void open() {
    const auto response = offer(request("application/sdp", viewer_.offer()));
    ASSERT_EQ(response.status, 201) << response.body;
    constexpr std::string_view kPath = "/api/v1/viewings/";
    const std::string location(response.headers.find("location").value());
    ASSERT_TRUE(location.starts_with(kPath));
    viewing_ = ViewingId::parse(location.substr(kPath.size())).value();
    etag_ = response.headers.find("etag").value();
    viewer_.read_answer(response.body);
  }
  int patch(keeper::Principal as, std::optional<std::string> match, std::string body = "",
            std::string_view type = "application/trickle-ice-sdpfrag") {
    auto made = request(type, std::move(body));
    if (match) made.headers.set("If-Match", *match);
    return io::run_and_wait(first_.loop(), door_->patch(as, viewing_, std::move(made))).status;
  }
  int remove(keeper::Principal as) {
    return io::run_and_wait(first_.loop(), door_->remove(as, viewing_)).status;
  }
  void close() { io::run_and_wait(first_.loop(), door_->close()); }

  /// The whole way: by the UDP port, as a browser does.
  void connect() {
    viewer_.send(viewer_.check(), viewer_.candidate);
    Viewer::Received came;
    while (came.stun == 0) {
      const Buffer datagram = viewer_.receive();
      ASSERT_FALSE(datagram.empty());
      viewer_.take(datagram, came);
    }
    while (!viewer_.is_connected()) {
      for (const Buffer& datagram : viewer_.handshake()) viewer_.send(datagram, viewer_.candidate);
      if (viewer_.is_connected()) break;
      const Buffer datagram = viewer_.receive();
      ASSERT_FALSE(datagram.empty());
      viewer_.take(datagram, came);
    }
  }

  io::Workers workers_{1};
  std::unique_ptr<ViewingDesk> desk_;
  std::unique_ptr<WhepDoor> door_;
  std::vector<std::pair<std::string, CameraId>> asked_;
  std::optional<Error> refusal_;
  Result<Media> media_ = Media{};
  std::optional<keeper::EndReason> revoked_meanwhile_;
  keeper::RevokedCall revoked_;
  ViewingId viewing_;
  std::string etag_;
};

TEST_F(WhepDoorTest, AnOfferBecomesASessionThatShowsTheCamera) {
  publish(nal(200, 1), true);
  open();
  EXPECT_EQ(asked_, (std::vector<std::pair<std::string, CameraId>>{{"whep", label_.label.camera}}));
  EXPECT_EQ(viewer_.candidate, mux_->local());
  connect();
  Viewer::Received came;
  while (came.rtp.empty()) {
    const Buffer datagram = viewer_.receive();
    ASSERT_FALSE(datagram.empty());
    viewer_.take(datagram, came);
  }
  EXPECT_EQ(came.rtp[0].payload, nal(200, 1));
}

TEST_F(WhepDoorTest, WhatIsNoOfferIsTurnedAwayBeforeTheKeeperIsAsked) {
  EXPECT_EQ(offer(request("application/json", viewer_.offer())).status, 415);
  EXPECT_EQ(offer(request("application/sdpx", viewer_.offer())).status, 415);
  EXPECT_EQ(offer(request("application/sdp", "v=0\r\nnothing of use")).status, 400);
  EXPECT_EQ(offer(request("application/sdp", "")).status, 400);
  std::string without_h264 = viewer_.offer();
  for (auto at = without_h264.find(" H264/"); at != std::string::npos; at = without_h264.find(" H264/"))
    without_h264.replace(at, 6, " H000/");
  EXPECT_EQ(offer(request("application/sdp", without_h264)).status, 406);
  EXPECT_TRUE(asked_.empty());
  EXPECT_EQ(counted("jalousie_deliver_whep_sessions_total"), 0);
}

TEST_F(WhepDoorTest, AnOfferIsJudgedByWhatTheCameraSends) {
  const std::string h264 = viewer_.offer();
  std::string h265 = h264;
  for (auto at = h265.find(" H264/"); at != h265.npos; at = h265.find(" H264/"))
    h265.replace(at, 6, " H265/");
  const auto answer = [&](const std::string& offered, std::optional<codec::VideoFormat> video) {
    media_ = Media{.video = std::move(video)};
    const auto response = offer(request("application/sdp", offered));
    return std::pair(response.status, response.body);
  };
  const codec::VideoFormat sends_h265{codec::VideoCodec::H265, "1.6.L120.90", 1920, 1080, 25, false};
  const auto refused = answer(h264, sends_h265);
  EXPECT_EQ(refused.first, 406);
  EXPECT_NE(refused.second.find("sends H.265"), std::string::npos) << refused.second;
  EXPECT_NE(refused.second.find("Set the video encoding to H.264"), std::string::npos);
  const auto taken = answer(h265, sends_h265);
  EXPECT_EQ(taken.first, 201) << taken.second;
  EXPECT_NE(taken.second.find(" H265/90000"), std::string::npos);
  EXPECT_EQ(answer(h265, codec::VideoFormat{}).first, 406) << "a camera of H.264";
  EXPECT_EQ(answer(h264, std::nullopt).first, 201) << "nothing has come yet";

  codec::VideoFormat with_b_frames{codec::VideoCodec::H264, "4d401f", 640, 360, 25, true};
  EXPECT_NE(answer(h264, with_b_frames).second.find("Turn B-frames off"), std::string::npos);
  with_b_frames.codec = codec::VideoCodec::H265;
  EXPECT_EQ(answer(h265, with_b_frames).first, 406);
  EXPECT_EQ(answer(h264, codec::VideoFormat{codec::VideoCodec::Jpeg, "", 640, 360, 5, false}).first, 406);

  media_ = fail(ErrorKind::NotFound, "There is no such camera.");
  EXPECT_EQ(offer(request("application/sdp", h264)).status, 404) << "and no word of what it sends";
}

TEST_F(WhepDoorTest, TheContentTypeMayBeInAnyCaseAndHaveParameters) {
  EXPECT_EQ(offer(request("Application/SDP ; charset=utf-8", viewer_.offer())).status, 201);
}

TEST_F(WhepDoorTest, WhatTheKeeperRefusesHasNoSession) {
  refusal_ = fail(ErrorKind::NotFound, "There is no such camera.").error();
  EXPECT_EQ(offer(request("application/sdp", viewer_.offer())).status, 404);
  refusal_ = fail(ErrorKind::ResourceExhausted, "Too many.").error();
  EXPECT_EQ(offer(request("application/sdp", viewer_.offer())).status, 429);
  EXPECT_EQ(counted("jalousie_deliver_whep_sessions_total"), 0);
}

TEST_F(WhepDoorTest, AnotherSessionsViewingIsNotThereForAnybodyElse) {
  open();
  EXPECT_EQ(patch(somebody_else(), etag_), 404);
  EXPECT_EQ(remove(somebody_else()), 404);
  EXPECT_EQ(patch(principal(), etag_), 204);
  EXPECT_EQ(remove(principal()), 204);
  EXPECT_EQ(office_.ended_.load(), 1);
  EXPECT_TRUE(events_.ends().empty());  // who leaves knows
  EXPECT_EQ(patch(principal(), etag_), 404);
  EXPECT_EQ(remove(principal()), 404);
}

TEST_F(WhepDoorTest, APatchIsHeldAgainstTheSessionThatItNames) {
  open();
  const std::string own = "a=ice-ufrag:" + std::string(Viewer::kUfrag) + "\r\n";
  EXPECT_EQ(patch(principal(), etag_, own), 204);
  EXPECT_EQ(patch(principal(), etag_, own, "application/sdp"), 415);
  EXPECT_EQ(patch(principal(), std::nullopt, own), 428);
  EXPECT_EQ(patch(principal(), "\"another\"", own), 412);
  EXPECT_EQ(patch(principal(), "*", own), 422);
  EXPECT_EQ(patch(principal(), etag_, "a=ice-ufrag:restart\r\n"), 422);
  const std::string first = etag_;
  open();
  EXPECT_NE(etag_, first);
  EXPECT_EQ(patch(principal(), first, own), 412);
}

TEST_F(WhepDoorTest, ARevocationThatComesWhileTheGrantIsBeingMadeEndsTheSessionAtOnce) {
  publish(nal(200, 1), true);
  revoked_meanwhile_ = keeper::EndReason::RightsChanged;
  open();
  on_loop([] {});
  on_loop([] {});
  ASSERT_EQ(events_.ends(),
            std::vector<RecordingEvents::End>({{owner_, viewing_, keeper::EndReason::RightsChanged}}));
  EXPECT_EQ(office_.ended_.load(), 1);
  EXPECT_EQ(patch(principal(), etag_), 404);
  // Its port does not know it any more.
  viewer_.send(viewer_.check(), viewer_.candidate);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (counted("jalousie_deliver_unknown_datagrams_total") < 1 &&
         std::chrono::steady_clock::now() < deadline)
    on_loop([] {});
  EXPECT_EQ(counted("jalousie_deliver_unknown_datagrams_total"), 1);
  EXPECT_TRUE(received().empty());
}

TEST_F(WhepDoorTest, ALaterRevocationEndsTheSessionAndSaysGoodbye) {
  open();
  connect();
  revoked_(keeper::EndReason::SignedOut);
  on_loop([] {});
  on_loop([] {});
  EXPECT_EQ(events_.ends(),
            std::vector<RecordingEvents::End>({{owner_, viewing_, keeper::EndReason::SignedOut}}));
  received();
  viewer_.handshake();
  EXPECT_TRUE(viewer_.was_told_goodbye());
  EXPECT_EQ(remove(principal()), 404);
}

TEST_F(WhepDoorTest, ClosingItEndsEverySession) {
  open();
  open();
  connect();
  close();
  EXPECT_EQ(office_.ended_.load(), 2);
  received();
  viewer_.handshake();
  EXPECT_TRUE(viewer_.was_told_goodbye());
  EXPECT_EQ(remove(principal()), 404);
}

}  // namespace
}  // namespace jalousie::deliver
