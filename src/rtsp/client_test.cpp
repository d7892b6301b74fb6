#include "rtsp/client.h"

#include <random>

#include <gtest/gtest.h>

namespace jalousie::rtsp {
namespace {

class CountingRandom final : public RandomSource {
 public:
  void fill(MutableBytes target) override {
    for (auto& byte : target) byte = next_++;
  }

 private:
  std::uint8_t next_ = 0;
};

constexpr std::string_view kSdp =
    "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=cam\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 "
    "H264/90000\r\n"
    "a=control:trackID=1\r\nm=audio 0 RTP/AVP 0\r\na=control:trackID=2\r\n";

/// A camera that is scripted answer by answer; the client under test beside it.
class RtspClient : public testing::Test {
 protected:
  void start(std::string username = "", std::string password = "") {
    ClientOptions options;
    options.url = parse_url("rtsp://cam:8554/live")->url;
    options.username = std::move(username);
    options.password = std::move(password);
    client_.emplace(std::move(options), random_, now_);
  }

  /// The one request that the client has sent since.
  Request expect(std::string_view method) {
    Parser parser;
    parser.feed(as_bytes(client_->poll_output()));
    auto item = parser.next();
    if (!item || !*item || !std::holds_alternative<Request>(**item)) {
      ADD_FAILURE() << "no request, " << method << " expected";
      return {};
    }
    auto request = std::get<Request>(**item);
    EXPECT_EQ(request.method, method);
    EXPECT_FALSE(parser.next()->has_value()) << "more than one request";
    return request;
  }

  void reply(const Request& request, int status, Headers headers = {}, std::string_view body = {}) {
    auto response = answer(request, status);
    for (const auto& [name, value] : headers.list()) response.headers.add(name, value);
    response.body = body;
    feed(write(response));
  }

  void feed(std::string_view bytes) {
    client_->feed(as_bytes(bytes), now_);
    while (auto event = client_->poll_event()) take(*event);
  }

  void take(Event& event) {
    if (auto* packet = std::get_if<Packet>(&event)) {
      packets_.push_back(std::to_string(packet->track) + (packet->rtcp ? "c:" : ":") +
                         std::string(as_text(packet->payload)));
    } else if (auto* described = std::get_if<Described>(&event)) {
      description_ = described->description;
    } else if (auto* playing = std::get_if<Playing>(&event)) {
      playing_ = *playing;
    } else {
      failure_ = std::get<Failed>(event).failure;
    }
  }

  void pass(Microseconds by) {
    now_ += by;
    if (auto event = client_->on_deadline(now_)) take(*event);
  }

  void describe() {
    start();
    reply(expect("OPTIONS"), 200, {{"Public", "OPTIONS, DESCRIBE , get_parameter"}});
    reply(expect("DESCRIBE"), 200, {{"Content-Base", "rtsp://10.0.0.1/live/"}}, kSdp);
    ASSERT_TRUE(description_.has_value());
  }

  void play_both() {
    describe();
    client_->play({{0, {}}, {1, {}}}, now_);
    reply(expect("SETUP"), 200,
          {{"Transport", "RTP/AVP/TCP;unicast;interleaved=0-1"}, {"Session", "77;timeout=20"}});
    reply(expect("SETUP"), 200,
          {{"Transport", "RTP/AVP/TCP;unicast;interleaved=2-3"}, {"Session", "77;timeout=20"}});
    reply(expect("PLAY"), 200, {{"RTP-Info", "url=rtsp://cam:8554/live/trackID=1;seq=1;rtptime=2"}});
    ASSERT_TRUE(playing_.has_value());
  }

  /// What the client says when the answer to DESCRIBE is this.
  Failure described_with(int status, Headers headers = {}, std::string_view body = {}) {
    start();
    reply(expect("OPTIONS"), 200);
    reply(expect("DESCRIBE"), status, std::move(headers), body);
    return failure_.value_or(Failure{FailureKind::Protocol, -1, "no failure"});
  }

  CountingRandom random_;
  SteadyTime now_{Seconds(100)};
  std::optional<Client> client_;
  std::vector<std::string> packets_;
  std::optional<sdp::Session> description_;
  std::optional<Playing> playing_;
  std::optional<Failure> failure_;
};

TEST_F(RtspClient, PlaysInterleaved) {
  start();
  auto request = expect("OPTIONS");
  EXPECT_EQ(request.uri, "rtsp://cam:8554/live");
  EXPECT_EQ(request.cseq(), 1u);
  reply(request, 200, {{"Public", "OPTIONS, DESCRIBE"}});
  request = expect("DESCRIBE");
  EXPECT_EQ(request.headers.find("Accept"), "application/sdp");
  reply(request, 200, {{"Content-Base", "rtsp://10.0.0.1/live/"}}, kSdp);
  ASSERT_TRUE(description_.has_value());
  EXPECT_EQ(client_->next_deadline(), std::nullopt);

  client_->play({{.media = 1}, {.media = 0}}, now_);
  request = expect("SETUP");
  EXPECT_EQ(request.uri, "rtsp://cam:8554/live/trackID=2");
  EXPECT_EQ(request.headers.find("Transport"), "RTP/AVP/TCP;unicast;interleaved=0-1");
  EXPECT_EQ(request.headers.find("Session"), std::nullopt);
  reply(request, 200,
        {{"Transport", "RTP/AVP/TCP;unicast;interleaved=4-5"},
         {"Session", "ab;timeout=20"}});  // its own channels
  request = expect("SETUP");
  EXPECT_EQ(request.uri, "rtsp://cam:8554/live/trackID=1");
  EXPECT_EQ(request.headers.find("Session"), "ab");
  reply(request, 200);  // no Transport: as asked
  request = expect("PLAY");
  EXPECT_EQ(request.uri, "rtsp://cam:8554/live/");
  feed(
      std::string("$\x02\x00\x01"
                  "a",
                  5));  // before the answer
  reply(request, 200);
  ASSERT_TRUE(playing_.has_value());
  EXPECT_EQ(playing_->transports[0]->interleaved, (Pair{4, 5}));
  EXPECT_EQ(playing_->transports[1]->interleaved, (Pair{2, 3}));
  feed(
      std::string("$\x04\x00\x01"
                  "b$\x05\x00\x01"
                  "c$\x09\x00\x01"
                  "d",
                  15));  // 9 is nobody's
  EXPECT_EQ(packets_, (std::vector<std::string>{"1:a", "0:b", "0c:c"}));

  client_->send_rtcp(0, as_bytes("rr"));
  EXPECT_EQ(client_->poll_output(), std::string("$\x05\x00\x02rr", 6));
  client_->teardown(now_);
  EXPECT_EQ(expect("TEARDOWN").headers.find("Session"), "ab");
  feed(
      std::string("$\x04\x00\x01"
                  "b",
                  5));
  EXPECT_EQ(packets_.size(), 3u);
  EXPECT_FALSE(failure_.has_value());
}

TEST_F(RtspClient, SetsUpUdp) {
  describe();
  client_->play({{0, Pair{5000, 5001}}}, now_);
  const auto request = expect("SETUP");
  EXPECT_EQ(request.headers.find("Transport"), "RTP/AVP;unicast;client_port=5000-5001");
  reply(request, 200,
        {{"Transport", "RTP/AVP;unicast;client_port=5000-5001;server_port=6000-6001"}, {"Session", "1"}});
  reply(expect("PLAY"), 200);
  EXPECT_EQ(playing_->transports[0]->server_port, (Pair{6000, 6001}));
  client_->send_rtcp(0, as_bytes("rr"));
  EXPECT_EQ(client_->poll_output(), "");
}

TEST_F(RtspClient, GoesOnWithoutAnOptionalTrackThatIsRefused) {
  enum class How { Status, Transport, Silence, SignIn };
  for (const auto how : {How::Status, How::Transport, How::Silence, How::SignIn}) {
    playing_.reset();
    packets_.clear();
    describe();
    client_->play({{.media = 0}, {.media = 1, .is_optional = true}}, now_);
    const auto first = expect("SETUP");
    EXPECT_TRUE(client_->is_setting_up(0));
    EXPECT_FALSE(client_->is_setting_up(1));
    reply(first, 200, {{"Session", "1"}});
    const auto request = expect("SETUP");
    EXPECT_EQ(request.uri, "rtsp://cam:8554/live/trackID=2");
    EXPECT_TRUE(client_->is_setting_up(1));
    if (how == How::Status) reply(request, 461);
    if (how == How::Transport)
      reply(request, 200, {{"Transport", "RTP/AVP/TCP;unicast;interleaved=0-1"}});  // the other's channels
    if (how == How::Silence) pass(Seconds(2));
    if (how == How::SignIn) reply(request, 401);
    const auto play = expect("PLAY");
    EXPECT_FALSE(client_->is_setting_up(1));
    reply(play, 200);
    ASSERT_TRUE(playing_.has_value());
    EXPECT_TRUE(playing_->transports[0]);
    EXPECT_FALSE(playing_->transports[1]);
    feed(
        std::string("$\x00\x00\x01"
                    "v$\x02\x00\x01"
                    "a",
                    10));
    EXPECT_EQ(packets_, std::vector<std::string>{"0:v"});
    client_->send_rtcp(1, as_bytes("rr"));
    EXPECT_FALSE(client_->has_output());
    EXPECT_FALSE(failure_.has_value());
  }
}

TEST_F(RtspClient, KeepsTheSessionAliveAtHalfItsTimeout) {
  play_both();
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(client_->next_deadline(), now_ + Seconds(10));
    pass(Seconds(9));
    EXPECT_EQ(client_->poll_output(), "");
    pass(Seconds(1));
    const auto request = expect("GET_PARAMETER");
    EXPECT_EQ(request.uri, "rtsp://cam:8554/live/");
    EXPECT_EQ(request.headers.find("Session"), "77");
    reply(request, 200);
  }
  EXPECT_FALSE(failure_.has_value());
}

TEST_F(RtspClient, KeepsAliveByOptionsWhenGetParameterIsRefused) {
  play_both();
  pass(Seconds(10));
  reply(expect("GET_PARAMETER"), 501);
  reply(expect("OPTIONS"), 200);  // at once: half of the session's time is gone
  pass(Seconds(10));
  reply(expect("OPTIONS"), 405);  // refused, too: no loop
  EXPECT_EQ(client_->poll_output(), "");
  EXPECT_FALSE(failure_.has_value());
}

TEST_F(RtspClient, GoesOnWithoutAnAnswerToAKeepAlive) {
  play_both();
  pass(Seconds(10));
  const auto first = expect("GET_PARAMETER");
  pass(Seconds(8));  // no answer
  pass(Seconds(2));
  const auto second = expect("GET_PARAMETER");
  reply(first, 454);  // late, and no longer waited for
  EXPECT_FALSE(failure_.has_value());
  reply(second, 454);
  ASSERT_TRUE(failure_.has_value());
  EXPECT_EQ(failure_->kind, FailureKind::SessionLost);
}

TEST_F(RtspClient, NeedsAnAnswerInTime) {
  start();
  EXPECT_EQ(client_->next_deadline(), now_ + Seconds(8));
  pass(Seconds(7));
  EXPECT_FALSE(failure_.has_value());
  reply(expect("OPTIONS"), 200);
  pass(Seconds(8));
  ASSERT_TRUE(failure_.has_value());
  EXPECT_EQ(failure_->kind, FailureKind::NoAnswer);
  EXPECT_EQ(failure_->message, "DESCRIBE: no answer");
  EXPECT_EQ(client_->next_deadline(), std::nullopt);
}

TEST_F(RtspClient, AnswersADigestChallengeAndKeepsTheNonce) {
  DigestVerifier verifier({.realm = "cam", .username = "admin", .password = "secret"}, random_);
  start("admin", "secret");
  const auto check = [&](const Request& request, SteadyTime at) {
    return verifier.verify(request.headers.find("Authorization").value_or(""), request.method, request.uri,
                           at);
  };
  const auto refuse = [&](const Request& request, bool stale) {
    Headers headers;
    for (const auto& value : verifier.challenges(stale, now_)) headers.add("WWW-Authenticate", value);
    reply(request, 401, headers);
  };
  auto request = expect("OPTIONS");
  EXPECT_EQ(check(request, now_), DigestVerifier::Outcome::Refused);
  refuse(request, false);
  request = expect("OPTIONS");
  EXPECT_EQ(request.cseq(), 2u);
  EXPECT_EQ(check(request, now_), DigestVerifier::Outcome::Accepted);
  reply(request, 200);
  request = expect("DESCRIBE");
  EXPECT_EQ(check(request, now_), DigestVerifier::Outcome::Accepted) << "the nonce is used again";
  refuse(request, true);
  request = expect("DESCRIBE");
  EXPECT_EQ(check(request, now_), DigestVerifier::Outcome::Accepted);
  reply(request, 200, {}, kSdp);
  EXPECT_TRUE(description_.has_value());
}

TEST_F(RtspClient, TriesAWrongPasswordOnce) {
  start("admin", "hunter2");
  const Headers challenge{{"WWW-Authenticate", "Digest realm=\"r\", nonce=\"1\""}};
  reply(expect("OPTIONS"), 401, challenge);
  reply(expect("OPTIONS"), 401, {{"WWW-Authenticate", "Digest realm=\"r\", nonce=\"2\""}});
  ASSERT_TRUE(failure_.has_value());
  EXPECT_EQ(failure_->kind, FailureKind::WrongPassword);
  EXPECT_EQ(failure_->message.find("hunter2"), std::string::npos);
  EXPECT_EQ(client_->poll_output(), "");
}

TEST_F(RtspClient, SaysWhatIsMissingToSignIn) {
  start();
  reply(expect("OPTIONS"), 401, {{"WWW-Authenticate", "Basic realm=\"r\""}});
  EXPECT_EQ(failure_.value().kind, FailureKind::CredentialsNeeded);
  failure_.reset();
  start("a", "b");
  reply(expect("OPTIONS"), 401);  // says nothing: DESCRIBE may say more
  reply(expect("DESCRIBE"), 401, {{"WWW-Authenticate", "Negotiate"}});
  EXPECT_EQ(failure_.value().kind, FailureKind::AuthUnsupported);
}

TEST_F(RtspClient, NamesEveryRefusal) {
  const std::pair<int, FailureKind> cases[] = {
      {301, FailureKind::Redirected},  {302, FailureKind::Redirected},  {400, FailureKind::Refused},
      {403, FailureKind::Forbidden},   {404, FailureKind::NotFound},    {410, FailureKind::NotFound},
      {453, FailureKind::Busy},        {454, FailureKind::SessionLost}, {461, FailureKind::TransportRefused},
      {500, FailureKind::ServerError}, {503, FailureKind::Busy},        {551, FailureKind::ServerError}};
  for (const auto& [status, kind] : cases) {
    failure_.reset();
    const auto failure = described_with(status);
    EXPECT_EQ(failure.kind, kind) << status;
    EXPECT_EQ(failure.status, status);
    EXPECT_NE(failure.message.find("DESCRIBE: " + std::to_string(status)), std::string::npos)
        << failure.message;
  }
}

TEST_F(RtspClient, SaysWhereARedirectLeads) {
  EXPECT_EQ(described_with(302, {{"Location", "rtsp://u:hunter2@other.example/x?token=1"}}).location,
            "rtsp://other.example/x?token=1");
  EXPECT_EQ(described_with(305, {{"location", " rtsps://other.example "}}).location, "rtsps://other.example");
  EXPECT_EQ(described_with(301, {{"Location", "/new?x=1"}}).location, "rtsp://cam:8554/new?x=1");
  EXPECT_EQ(described_with(301, {{"Location", "http://other.example/"}}).location, "");
  EXPECT_EQ(described_with(301).location, "");
}

TEST_F(RtspClient, FollowsNoRedirectInMidStreamByItself) {
  play_both();
  feed("REDIRECT rtsp://cam/live RTSP/1.0\r\nCSeq: 1\r\nLocation: rtsp://other/live\r\n\r\n");
  ASSERT_TRUE(failure_.has_value());
  EXPECT_EQ(failure_->kind, FailureKind::Redirected);
  EXPECT_EQ(failure_->location, "rtsp://other/live");
}

TEST_F(RtspClient, NamesTheHostOfARedirectAndNothingElse) {
  EXPECT_EQ(described_with(302, {{"Location", "rtsp://u:hunter2@other.example/x?token=1"}}).message,
            "DESCRIBE: 302 Moved Temporarily, to other.example");
  failure_.reset();
  EXPECT_EQ(described_with(302, {{"Location", "javascript:x"}}).message, "DESCRIBE: 302 Moved Temporarily");
}

TEST_F(RtspClient, RefusesDescriptionsWithoutAStream) {
  EXPECT_EQ(described_with(200).kind, FailureKind::BadDescription);
  failure_.reset();
  EXPECT_EQ(described_with(200, {}, "v=0\r\nm=\r\n").kind, FailureKind::BadDescription);
}

TEST_F(RtspClient, RefusesAnotherTransportThanAskedFor) {
  describe();
  client_->play({{0, {}}}, now_);
  reply(expect("SETUP"), 200, {{"Transport", "RTP/AVP;unicast;client_port=1-2"}});
  EXPECT_EQ(failure_.value().kind, FailureKind::TransportRefused);
}

TEST_F(RtspClient, RefusesTwoStreamsOnOneChannel) {
  describe();
  client_->play({{0, {}}, {1, {}}}, now_);
  reply(expect("SETUP"), 200, {{"Transport", "RTP/AVP/TCP;interleaved=0-1"}});
  reply(expect("SETUP"), 200, {{"Transport", "RTP/AVP/TCP;interleaved=1-2"}});
  EXPECT_EQ(failure_.value().kind, FailureKind::Protocol);
}

TEST_F(RtspClient, AnswersTheCamerasRequests) {
  play_both();
  feed("OPTIONS rtsp://x RTSP/1.0\r\nCSeq: 5\r\n\r\n");
  EXPECT_EQ(client_->poll_output(),
            "RTSP/1.0 200 OK\r\nCSeq: 5\r\nPublic: OPTIONS, GET_PARAMETER, TEARDOWN\r\n\r\n");
  feed("SET_PARAMETER rtsp://x RTSP/1.0\r\nCSeq: 6\r\n\r\n");
  EXPECT_EQ(client_->poll_output(), "RTSP/1.0 501 Not Implemented\r\nCSeq: 6\r\n\r\n");
  feed("TEARDOWN rtsp://x RTSP/1.0\r\nCSeq: 7\r\n\r\n");
  EXPECT_EQ(failure_.value().kind, FailureKind::SessionLost);
}

TEST_F(RtspClient, DoesNotHoardAnswersForAPeerThatOnlyAsks) {
  play_both();
  for (int i = 0; i < 10'000 && !failure_; ++i) feed("OPTIONS rtsp://x RTSP/1.0\r\nCSeq: 5\r\n\r\n");
  EXPECT_EQ(failure_.value().kind, FailureKind::Protocol);
  EXPECT_LT(client_->poll_output().size(), 70'000u);
}

TEST_F(RtspClient, EndsOnGarbage) {
  play_both();
  feed("GET / HTTP/1.1\r\n\r\n");
  EXPECT_EQ(failure_.value().kind, FailureKind::Protocol);
  EXPECT_FALSE(client_->poll_event().has_value());
}

TEST_F(RtspClient, PassesOverAnswersThatAreNotForIt) {
  describe();
  client_->play({{0, {}}}, now_);
  const auto request = expect("SETUP");
  feed("RTSP/1.0 404 Not Found\r\nCSeq: 999\r\n\r\nRTSP/1.0 100 Continue\r\n\r\n");
  EXPECT_FALSE(failure_.has_value());
  feed("RTSP/1.0 200 OK\r\nSession: 5\r\n\r\n");  // no CSeq at all: taken
  expect("PLAY");
  static_cast<void>(request);
}

/// One whole session's bytes, cut in any way, give the same events.
TEST_F(RtspClient, GivesTheSameForEverySplit) {
  const std::string video("$\x00\x00\x05video", 9), rtcp("$\x01\x00\x04rtcp", 8);
  for (unsigned seed = 0; seed < 100; ++seed) {
    std::mt19937 random(seed);
    const auto feed_cut = [&](std::string bytes) {
      std::string_view rest = bytes;
      while (!rest.empty()) {
        const auto count = std::min<std::size_t>(rest.size(), seed == 0 ? 1 : 1 + random() % 40);
        feed(rest.substr(0, count));
        rest.remove_prefix(count);
      }
    };
    packets_.clear();
    playing_.reset();
    start();
    expect("OPTIONS");
    feed_cut("RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n");
    expect("DESCRIBE");
    feed_cut("RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: " + std::to_string(kSdp.size()) + "\r\n\r\n" +
             std::string(kSdp));
    client_->play({{0, {}}}, now_);
    expect("SETUP");
    feed_cut(video +
             "RTSP/1.0 200 OK\r\nCSeq: 3\r\nSession: 9\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n\r\n" +
             video);
    expect("PLAY");
    feed_cut(video + rtcp + "RTSP/1.0 200 OK\r\nCSeq: 4\r\n\r\n" + rtcp + video);
    EXPECT_TRUE(playing_.has_value()) << seed;
    EXPECT_EQ(packets_, (std::vector<std::string>{"0:video", "0:video", "0c:rtcp", "0c:rtcp", "0:video"}))
        << seed;
  }
}

}  // namespace
}  // namespace jalousie::rtsp
