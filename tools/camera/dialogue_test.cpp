#include "camera/dialogue.h"

#include <gtest/gtest.h>

#include "sdp/sdp.h"

namespace jalousie::camera {
namespace {

class CountingRandom final : public RandomSource {
 public:
  void fill(MutableBytes target) override {
    for (auto& byte : target) byte = next_++;
  }

 private:
  std::uint8_t next_ = 1;
};

class FakeMedia final : public MediaPort {
 public:
  Result<rtsp::Transport> set_up(std::size_t stream, std::size_t track,
                                 const rtsp::Transport& offered) override {
    if (is_full) return fail(ErrorKind::ResourceExhausted, "full");
    calls += track == kSoundTrack ? fmt::format("setup {} sound;", stream) : fmt::format("setup {};", stream);
    starts.push_back({track, static_cast<std::uint16_t>(77 + track), 9'000});
    auto chosen = offered;
    if (!chosen.tcp) chosen.server_port = rtsp::Pair{5000, 5001};
    return chosen;
  }
  std::vector<Start> play() override {
    calls += "play;";
    return starts;
  }
  void pause() override { calls += "pause;"; }
  void tear_down() override { calls += "teardown;"; }

  std::string calls;
  std::vector<Start> starts;
  bool is_full = false;
};

CameraFacts facts() {
  CameraFacts facts{"Front door", "Test", "1.2", Seconds(60), "/", {}};
  facts.streams = {{"/main", 1280, 720, 25, 2000, {{0x67, 0x4d, 0x40, 0x1f, 0xda}, {0x68, 0xee}}},
                   {"/sub", 640, 360, 25, 300, {{0x67, 0x4d, 0x40, 0x1e, 0xda}, {0x68, 0xee}}}};
  return facts;
}

constexpr std::string_view kTcp = "RTP/AVP/TCP;unicast;interleaved=0-1";

class DialogueTest : public testing::Test {
 protected:
  rtsp::Response ask(std::string method, std::string uri,
                     std::initializer_list<std::pair<std::string, std::string>> headers = {},
                     std::string body = {}) {
    rtsp::Request request{std::move(method), std::move(uri), rtsp::Headers(headers), std::move(body)};
    request.headers.add("CSeq", std::to_string(++cseq));
    auto response = dialogue.answer(request, now);
    EXPECT_EQ(response.cseq(), cseq);
    return response;
  }
  std::string set_up(const std::string& uri = "rtsp://h/main/trackID=1") {
    const auto response = ask("SETUP", uri, {{"Transport", std::string(kTcp)}});
    EXPECT_EQ(response.status, 200);
    return rtsp::parse_session(response.headers.find("Session").value_or(""))
        .value_or(rtsp::SessionHeader{})
        .id;
  }

  SteadyTime now{Seconds(1'000)};
  std::uint32_t cseq = 0;
  CameraFacts camera = facts();
  CountingRandom random;
  FakeMedia media;
  Dialogue dialogue{camera, nullptr, media, random, "192.0.2.1", now};
};

TEST_F(DialogueTest, PlaysAsPlayersAskForIt) {
  EXPECT_NE(ask("OPTIONS", "*").headers.find("Public")->find("DESCRIBE"), std::string_view::npos);
  const auto described = ask("DESCRIBE", "rtsp://h/main", {{"Accept", "application/sdp"}});
  EXPECT_EQ(described.status, 200);
  EXPECT_EQ(described.headers.find("Content-Base"), "rtsp://h/main/");
  EXPECT_EQ(described.headers.find("Server"), "Test/1.2");
  const auto session = set_up();
  const auto playing = ask("PLAY", "rtsp://h/main/", {{"Session", session}, {"Range", "npt=0.000-"}});
  EXPECT_EQ(playing.status, 200);
  EXPECT_EQ(playing.headers.find("RTP-Info"), "url=rtsp://h/main/trackID=1;seq=77;rtptime=9000");
  EXPECT_EQ(playing.headers.find("Session"), session + ";timeout=60");
  EXPECT_EQ(ask("GET_PARAMETER", "rtsp://h/main/", {{"Session", session}}).status, 200);
  EXPECT_EQ(ask("PAUSE", "rtsp://h/main/", {{"Session", session}}).status, 200);
  EXPECT_EQ(ask("PLAY", "rtsp://h/main/", {{"Session", session}}).status, 200);
  EXPECT_EQ(ask("TEARDOWN", "rtsp://h/main/", {{"Session", session}}).status, 200);
  EXPECT_EQ(media.calls, "setup 0;play;pause;play;teardown;");
}

TEST_F(DialogueTest, DescribesAStreamWithItsParameterSets) {
  const auto description = sdp::parse(ask("DESCRIBE", "rtsp://h/sub/").body);
  ASSERT_TRUE(description) << description.error().message();
  EXPECT_EQ(description->name, "Front door");
  EXPECT_EQ(description->information, "Test, firmware 1.2");
  EXPECT_EQ(description->origin.address, "192.0.2.1");
  ASSERT_EQ(description->media.size(), 1u);
  const auto& video = description->media[0];
  EXPECT_EQ(video.rtpmap(96), (sdp::RtpMap{96, "H264", 90'000, 1}));
  EXPECT_EQ(video.fmtp(96),
            "packetization-mode=1;profile-level-id=4d401e;sprop-parameter-sets=Z01AHto=,aO4=");
  EXPECT_EQ(video.control(), "trackID=1");
}

TEST_F(DialogueTest, OffersItsSoundAsASecondTrack) {
  EXPECT_EQ(ask("SETUP", "rtsp://h/main/trackID=2", {{"Transport", std::string(kTcp)}}).status, 404)
      << "without sound there is none";
  camera.sound = codec::AudioFormat{codec::AudioCodec::Aac, 16'000, 1, {0x14, 0x08}};
  const auto description = sdp::parse(ask("DESCRIBE", "rtsp://h/main").body);
  ASSERT_TRUE(description && description->media.size() == 2);
  const auto& sound = description->media[1];
  EXPECT_EQ(sound.kind, "audio");
  EXPECT_EQ(sound.rtpmap(97), (sdp::RtpMap{97, "mpeg4-generic", 16'000, 1}));
  EXPECT_EQ(sdp::find(sound.format_parameters(97), "config"), "1408");
  EXPECT_EQ(sound.control(), "trackID=2");

  const auto session = set_up();
  EXPECT_EQ(ask("SETUP", "rtsp://h/main/trackID=2",
                {{"Session", session}, {"Transport", "RTP/AVP/TCP;unicast;interleaved=2-3"}})
                .status,
            200);
  const auto playing = ask("PLAY", "rtsp://h/main", {{"Session", session}});
  EXPECT_EQ(
      playing.headers.find("RTP-Info"),
      "url=rtsp://h/main/trackID=1;seq=77;rtptime=9000,url=rtsp://h/main/trackID=2;seq=78;rtptime=9000");
  EXPECT_EQ(media.calls, "setup 0;setup 0 sound;play;");
}

TEST_F(DialogueTest, FindsStreamsByPathAndNothingElse) {
  for (const auto* uri : {"rtsp://h/main", "rtsp://h:554/main/", "rtsp://h/sub", "rtsp://h/", "rtsp://h",
                          "rtsp://h/main?a=b", "rtsp://u:p@h/main"}) {
    EXPECT_EQ(ask("DESCRIBE", uri).status, 200) << uri;
  }
  for (const auto* uri :
       {"rtsp://h/other", "rtsp://h/main/x", "rtsp://h/mainx", "/main", "*", "", "http://h/main"}) {
    EXPECT_EQ(ask("DESCRIBE", uri).status, 404) << uri;
  }
  EXPECT_EQ(ask("DESCRIBE", "rtsp://h/main", {{"Accept", "text/html"}}).status, 406);
}

TEST_F(DialogueTest, RefusesTransportsThatItCannotServe) {
  for (const auto* transport : {"", "RTP/AVP;multicast", "RTP/SAVP;unicast;client_port=1-2",
                                "RTP/AVP;unicast", "RTP/AVP/TCP;unicast;interleaved=5-5"}) {
    EXPECT_EQ(ask("SETUP", "rtsp://h/main/trackID=1", {{"Transport", transport}}).status, 461) << transport;
  }
  const auto second = ask("SETUP", "rtsp://h/main/trackID=1",
                          {{"Transport", "RTP/AVP;multicast,RTP/AVP;unicast;client_port=4000-4001"}});
  EXPECT_EQ(second.status, 200);
  EXPECT_EQ(second.headers.find("Transport"), "RTP/AVP;unicast;client_port=4000-4001;server_port=5000-5001");
}

TEST_F(DialogueTest, SaysWhenThereIsNoRoom) {
  media.is_full = true;
  EXPECT_EQ(ask("SETUP", "rtsp://h/main/trackID=1", {{"Transport", std::string(kTcp)}}).status, 453);
  EXPECT_EQ(ask("PLAY", "rtsp://h/main").status, 455);
}

TEST_F(DialogueTest, KeepsToTheTableOfStates) {
  EXPECT_EQ(ask("PLAY", "rtsp://h/main").status, 455);
  EXPECT_EQ(ask("PAUSE", "rtsp://h/main").status, 455);
  EXPECT_EQ(ask("TEARDOWN", "rtsp://h/main").status, 454);
  const auto session = set_up();
  EXPECT_EQ(ask("PLAY", "rtsp://h/main").status, 454);
  EXPECT_EQ(ask("PLAY", "rtsp://h/main", {{"Session", "0000"}}).status, 454);
  EXPECT_EQ(ask("PLAY", "rtsp://h/sub", {{"Session", session}}).status, 404);
  EXPECT_EQ(
      ask("SETUP", "rtsp://h/sub/trackID=1", {{"Transport", std::string(kTcp)}, {"Session", session}}).status,
      459);
  EXPECT_EQ(ask("SETUP", "rtsp://h/main/trackID=1", {{"Transport", std::string(kTcp)}, {"Session", session}})
                .status,
            200);
  EXPECT_EQ(ask("PLAY", "rtsp://h/main", {{"Session", session}}).status, 200);
  EXPECT_EQ(ask("SETUP", "rtsp://h/main/trackID=1", {{"Transport", std::string(kTcp)}, {"Session", session}})
                .status,
            455);
  EXPECT_EQ(ask("GET_PARAMETER", "rtsp://h/main", {{"Session", "0000"}}).status, 454);
  EXPECT_EQ(ask("TEARDOWN", "rtsp://h/main", {{"Session", session}}).status, 200);
  EXPECT_EQ(ask("TEARDOWN", "rtsp://h/main", {{"Session", session}}).status, 454);
  EXPECT_NE(set_up(), session);
}

TEST_F(DialogueTest, AnswersWhatItDoesNotKnow) {
  EXPECT_EQ(ask("ANNOUNCE", "rtsp://h/main").status, 501);
  EXPECT_EQ(ask("GET_PARAMETER", "rtsp://h/main").status, 200);
  EXPECT_EQ(ask("GET_PARAMETER", "rtsp://h/main", {}, "jitter").status, 451);
  const auto required = ask("DESCRIBE", "rtsp://h/main", {{"Require", "onvif-replay"}});
  EXPECT_EQ(required.status, 551);
  EXPECT_EQ(required.headers.find("Unsupported"), "onvif-replay");
  EXPECT_EQ(dialogue.answer({"OPTIONS", "*", {}, {}}, now).status, 400);  // no CSeq
}

TEST_F(DialogueTest, ExpiresAfterSilence) {
  set_up();
  now += Seconds(60);
  EXPECT_FALSE(dialogue.is_expired(now));
  EXPECT_TRUE(dialogue.is_expired(now + Seconds(1)));
  dialogue.heard(now);
  EXPECT_FALSE(dialogue.is_expired(now + Seconds(59)));
  now += Seconds(50);
  ask("OPTIONS", "*");
  EXPECT_FALSE(dialogue.is_expired(now + Seconds(59)));
}

TEST_F(DialogueTest, AsksForThePasswordOfEverythingButOptions) {
  for (const auto algorithm : {rtsp::DigestAlgorithm::Md5, rtsp::DigestAlgorithm::Sha256}) {
    rtsp::DigestVerifier verifier(
        {.realm = "Test", .username = "u", .password = "p", .algorithms = {algorithm}, .qop = false}, random);
    Dialogue guarded(camera, &verifier, media, random, "192.0.2.1", now);
    const auto send = [&](const std::string& method, const std::string& authorization) {
      rtsp::Request request{method, "rtsp://h/main", {{"CSeq", "1"}}, {}};
      if (!authorization.empty()) request.headers.add("Authorization", authorization);
      return guarded.answer(request, now);
    };
    EXPECT_EQ(send("OPTIONS", "").status, 200);
    for (const auto* method :
         {"DESCRIBE", "SETUP", "PLAY", "PAUSE", "GET_PARAMETER", "TEARDOWN", "ANNOUNCE"}) {
      EXPECT_EQ(send(method, "").status, 401) << method;
    }
    const auto challenge = send("DESCRIBE", "");
    const std::string value(challenge.headers.find("WWW-Authenticate").value_or(""));
    EXPECT_EQ(value.find("algorithm=SHA-256") != std::string::npos,
              algorithm == rtsp::DigestAlgorithm::Sha256)
        << value;
    CountingRandom client_random;
    rtsp::Authenticator right("u", "p", client_random), wrong("u", "q", client_random);
    ASSERT_EQ(right.challenged({value}), rtsp::Authenticator::Verdict::TryAgain);
    ASSERT_EQ(wrong.challenged({value}), rtsp::Authenticator::Verdict::TryAgain);
    EXPECT_EQ(send("DESCRIBE", *right.authorization("DESCRIBE", "rtsp://h/main")).status, 200);
    EXPECT_EQ(send("DESCRIBE", *right.authorization("PLAY", "rtsp://h/main")).status, 401);
    EXPECT_EQ(send("DESCRIBE", *wrong.authorization("DESCRIBE", "rtsp://h/main")).status, 401);
    now += Seconds(301);  // the nonce has grown old
    const auto stale = send("DESCRIBE", *right.authorization("DESCRIBE", "rtsp://h/main"));
    EXPECT_EQ(stale.status, 401);
    EXPECT_NE(std::string(*stale.headers.find("WWW-Authenticate")).find("stale=true"), std::string::npos);
  }
}

}  // namespace
}  // namespace jalousie::camera
