#include "api/api.h"

#include "api/fixture.h"
#include "api/impl.h"
#include "support/flood.h"

namespace jalousie::api {

TEST_F(ApiTest, SigningInGivesACookieAndTheHomes) {
  const Answer answer = ask("POST", "/session", nullptr, R"({"name":"anna","password":"a fine password"})");
  ASSERT_EQ(answer.status, 200) << answer.text;
  EXPECT_EQ(answer.body.at("account").at("name").as_string(), "Anna");
  ASSERT_EQ(answer.body.at("homes").as_array().size(), 1U);
  EXPECT_EQ(answer.body.at("homes").at(0).at("role").as_string(), "owner");
  EXPECT_EQ(answer.body.at("homes").at(0).at("colour").as_string(), "#3b82f6");
  const std::string cookie(answer.headers.find("Set-Cookie").value());
  EXPECT_TRUE(cookie.starts_with("__Host-jalousie="));
  EXPECT_TRUE(cookie.ends_with("; Path=/; Max-Age=2592000; Secure; HttpOnly; SameSite=Strict")) << cookie;
  const Person anna{cookie.substr(16, 43), {}};
  EXPECT_EQ(ask("GET", "/session", &anna).text, answer.text);
}

TEST_F(ApiTest, AWrongPasswordIs401AndTooManyAre429) {
  const std::string wrong = R"({"name":"Anna","password":"a wrong password"})";
  for (int turn = 0; turn < 6; ++turn) {
    const Answer answer = ask("POST", "/session", nullptr, wrong);
    EXPECT_EQ(answer.status, 401);
    EXPECT_FALSE(answer.headers.find("Set-Cookie"));
  }
  const Answer answer = ask("POST", "/session", nullptr, wrong);
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.headers.find("Retry-After"), "1");
}

TEST_F(ApiTest, EverythingButTheDoorAsksForASession) {
  const std::string home = "/homes/" + home_.to_string();
  const std::string of = "/cameras/" + camera(home_).id.to_string();
  const std::vector<std::pair<std::string, std::string>> calls = {
      {"GET", "/session"},
      {"DELETE", "/session"},
      {"DELETE", "/session/all"},
      {"GET", home + "/cameras"},
      {"POST", home + "/cameras"},
      {"POST", home + "/cameras/test"},
      {"GET", of},
      {"PATCH", of},
      {"DELETE", of},
      {"POST", of + "/whep"},
      {"GET", of + "/still.jpg"},
      {"GET", of + "/mse"},
      {"GET", "/events"},
      {"PATCH", "/viewings/" + std::string(32, '0')},
      {"DELETE", "/viewings/" + std::string(32, '0')}};
  Person stale = owner_;
  const Person guessed{std::string(43, 'A'), {}};
  ASSERT_TRUE(keeper_->sign_in().sign_out(owner_.principal));
  for (const auto& [method, path] : calls) {
    for (const Person* who :
         {static_cast<const Person*>(nullptr), static_cast<const Person*>(&stale), &guessed}) {
      EXPECT_EQ(ask(method, path, who, method == "GET" ? "" : "{}").status, 401) << method << " " << path;
    }
  }
  EXPECT_TRUE(whep_.asked.empty());
  EXPECT_TRUE(stills_.asked.empty());
}

TEST_F(ApiTest, WhatIsNotTheirsAnswersAsWhatIsNotThere) {
  const auto theirs = camera(home_);
  const std::string unknown(32, 'a');
  const std::string change = R"({"name":"Mine"})";
  const std::string wrong = R"({"nonsense":1)";
  struct Call {
    std::string method, before, after, body;
    std::string id;
  };
  for (const auto& [method, before, after, body, id] :
       std::vector<Call>{{"GET", "/homes/", "/cameras", "", home_.to_string()},
                         {"POST", "/homes/", "/cameras", wrong, home_.to_string()},
                         {"POST", "/homes/", "/cameras/test", wrong, home_.to_string()},
                         {"GET", "/cameras/", "", "", theirs.id.to_string()},
                         {"PATCH", "/cameras/", "", change, theirs.id.to_string()},
                         {"PATCH", "/cameras/", "", wrong, theirs.id.to_string()},
                         {"DELETE", "/cameras/", "", "", theirs.id.to_string()}}) {
    const auto path = [&](std::string_view of) { return fmt::format("{}{}{}", before, of, after); };
    const Answer of_others = ask(method, path(id), &stranger_, body);
    const Answer of_nobody = ask(method, path(unknown), &stranger_, body);
    const Answer of_nonsense = ask(method, path("x"), &stranger_, body);
    EXPECT_EQ(of_others.status, 404) << method << before << after;
    EXPECT_EQ(of_others.text, of_nobody.text);
    EXPECT_EQ(of_others.text, of_nonsense.text);
  }
  EXPECT_TRUE(book_->camera(owner_.principal, theirs.id));
}

TEST_F(ApiTest, RequestsOfOtherSitesChangeNothing) {
  const auto of = camera(home_);
  const std::string path = "/cameras/" + of.id.to_string();
  const std::vector<Fields> foreign = {
      {{"Origin", "https://evil.example"}},
      {{"Origin", "null"}},
      {{"Origin", "https://jalousie.example.evil.example"}},
      {{"Sec-Fetch-Site", "cross-site"}},
      {{"Sec-Fetch-Site", "same-site"}},
      {{"Origin", "https://jalousie.example"}, {"Sec-Fetch-Site", "cross-site"}}};
  for (const Fields& fields : foreign) {
    EXPECT_EQ(ask("DELETE", path, &owner_, "", fields).status, 403);
    EXPECT_EQ(
        ask("POST", "/session", nullptr, R"({"name":"Anna","password":"a fine password"})", fields).status,
        403);
    EXPECT_EQ(ask("POST", path + "/whep", &owner_, "v=0", fields).status, 403);
    Fields handshake{fields};
    handshake.emplace_back("Upgrade", "websocket");
    EXPECT_EQ(ask("GET", path + "/mse", &owner_, "", handshake).status, 403);
  }
  EXPECT_TRUE(whep_.asked.empty());
  EXPECT_EQ(ask("GET", path, &owner_, "", {{"Sec-Fetch-Site", "cross-site"}}).status, 200)
      << "reading changes nothing";
  for (const Fields& fields : std::vector<Fields>{{{"Origin", "https://jalousie.example"}},
                                                  {{"Origin", "http://JALOUSIE.example"}},
                                                  {{"Sec-Fetch-Site", "same-origin"}},
                                                  {{"Sec-Fetch-Site", "none"}}}) {
    EXPECT_EQ(ask("PATCH", path, &owner_, R"({"name":"Gate"})", fields).status, 200);
  }
  http::Request secure = request("DELETE", path, &owner_, "", {{"Origin", "http://jalousie.example"}});
  secure.secure = true;
  EXPECT_EQ(ask(std::move(secure)).status, 403) << "a plain page is not this server's when it speaks TLS";
}

TEST_F(ApiTest, BodiesHaveToBeJson) {
  const std::string good = R"({"name":"Anna","password":"a fine password"})";
  for (const std::string type :
       {"text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""}) {
    EXPECT_EQ(ask("POST", "/session", nullptr, good, {{"Content-Type", type}}).status, 415) << type;
  }
  EXPECT_EQ(
      ask("POST", "/session", nullptr, good, {{"Content-Type", "Application/JSON; charset=utf-8"}}).status,
      200);
  for (const std::string body :
       {"{", "[]", "null", "\"x\"", R"({"name":1,"password":"x"})", R"({"name":"Anna"})",
        R"({"name":"Anna","password":"x","more":"y"})", R"({"name":{"a":"b"},"password":"x"})"}) {
    EXPECT_EQ(ask("POST", "/session", nullptr, body).status, 400) << body;
  }
  EXPECT_EQ(ask("POST", "/session", nullptr, R"({"name":"Anna"})").detail(), "password: is missing.");
  EXPECT_EQ(ask("POST", "/session", nullptr, R"({"name":"Anna","password":null})").detail(),
            "password: must be a string.");
  EXPECT_EQ(ask("POST", "/session", nullptr, std::string(20'000, ' ')).status, 400);
}

TEST_F(ApiTest, AWelcomeSetsThePasswordOnce) {
  const std::string token = invite("Ben", home_, Role::Member);
  const std::string lookup = fmt::format(R"({{"token":"{}"}})", token);
  const Answer found = ask("POST", "/welcome/lookup", nullptr, lookup);
  ASSERT_EQ(found.status, 200);
  EXPECT_EQ(found.body.at("account").at("name").as_string(), "Ben");
  EXPECT_EQ(found.body.at("home").at("name").as_string(), "Home");
  const auto use = [&](std::string_view password) {
    return ask("POST", "/welcome", nullptr,
               fmt::format(R"({{"token":"{}","password":"{}"}})", token, password));
  };
  const Answer too_short = use("short");
  EXPECT_EQ(too_short.status, 400);
  EXPECT_TRUE(too_short.detail().starts_with("password: "));
  EXPECT_EQ(use("password123").status, 400);
  const Answer used = use("a fine password");
  ASSERT_EQ(used.status, 200);
  EXPECT_EQ(used.body.at("homes").at(0).at("role").as_string(), "member");
  EXPECT_TRUE(used.headers.find("Set-Cookie"));
  EXPECT_EQ(use("a fine password").status, 404);
  EXPECT_EQ(ask("POST", "/welcome/lookup", nullptr, lookup).status, 404);
}

// All of the common workers are taken by people who try to sign in, and stay so until the test lets them go.
TEST_F(ApiTest, WhatEndsViewingsDoesNotWaitForTheCommonWorkers) {
  const std::string of = "/cameras/" + camera(home_).id.to_string();
  const std::string next = "/cameras/" + camera(home_).id.to_string();
  std::atomic<unsigned> attempts{0};
  const test::Flood flood(workers_, 3, [this, &attempts] {
    const unsigned attempt =
        ++attempts;  // another name from another address each, so that none is told to wait
    static_cast<void>(keeper_->sign_in().sign_in(
        "Nobody " + std::to_string(attempt), "a wrong password",
        Endpoint::v6({0x20, 1, static_cast<std::uint8_t>(attempt / 256), static_cast<std::uint8_t>(attempt)},
                     1)));
  });
  EXPECT_EQ(ask("PATCH", of, &owner_, R"({"name":"Gate"})").status, 200);
  EXPECT_EQ(ask("DELETE", next, &owner_, "{}").status, 204);
  EXPECT_EQ(ask("DELETE", "/session", &owner_, "{}").status, 204);
  EXPECT_EQ(ask("DELETE", "/session/all", &stranger_, "{}").status, 204);
  EXPECT_FALSE(keeper_->sign_in().authenticate(owner_.cookie));
  EXPECT_FALSE(keeper_->sign_in().authenticate(stranger_.cookie));
}

TEST_F(ApiTest, SigningOutEndsTheSessionAndItsCookie) {
  const Answer out = ask("DELETE", "/session", &owner_);
  EXPECT_EQ(out.status, 204);
  EXPECT_TRUE(out.headers.find("Set-Cookie")->find("Max-Age=0") != std::string_view::npos);
  EXPECT_EQ(ask("GET", "/session", &owner_).status, 401);
}

TEST_F(ApiTest, ACameraIsAddedChangedShownAndRemoved) {
  const std::string cameras = "/homes/" + home_.to_string() + "/cameras";
  const Answer added =
      ask("POST", cameras, &owner_,
          R"({"name":"Door","url":"rtsp://user:camera%20secret@192.0.2.1:8554/main?x=1","transport":"udp"})");
  ASSERT_EQ(added.status, 201) << added.text;
  const std::string id(added.body.at("id").as_string());
  EXPECT_EQ(added.headers.find("Location"), "/api/v1/cameras/" + id);
  EXPECT_EQ(added.body.at("host").as_string(), "192.0.2.1:8554");
  EXPECT_EQ(added.body.at("transport").as_string(), "udp");
  EXPECT_EQ(added.body.at("state").as_string(), "connecting");
  EXPECT_TRUE(added.body.at("age_ms").is_null());
  EXPECT_EQ(added.text.find("user"), std::string::npos);
  const auto source = keeper_->camera_source(CameraId::parse(id).value(), Tenure{1}).value();
  EXPECT_EQ(source.url, "rtsp://192.0.2.1:8554/main?x=1");
  EXPECT_EQ(source.credentials.username(), "user");
  EXPECT_EQ(source.credentials.password(), "camera secret");
  EXPECT_FALSE(source.sound);

  states_.set(CameraId::parse(id).value(), {.state = "live",
                                            .reason = "",
                                            .advice = "",
                                            .since = clock_.utc(),
                                            .video = VideoFacts{"H.264 Main 4.0", 1280, 720, 25},
                                            .audio = AudioFacts{"PCMA", 8000, 1},
                                            .newest_capture = clock_.utc()});
  clock_.advance(Milliseconds(120));
  const Answer live = ask("GET", "/cameras/" + id, &owner_);
  EXPECT_EQ(live.body.at("state").as_string(), "live");
  EXPECT_EQ(live.body.at("video").at("width").as_int64(), 1280);
  EXPECT_EQ(live.body.at("age_ms").as_int64(), 120);
  EXPECT_EQ(live.body.at("since").as_string(), to_rfc3339(clock_.utc() - Milliseconds(120)));

  const Answer changed =
      ask("PATCH", "/cameras/" + id, &owner_, R"({"name":"Gate","transport":"tcp","sound":"on"})");
  EXPECT_EQ(changed.status, 200);
  EXPECT_EQ(changed.body.at("name").as_string(), "Gate");
  const Answer listed = ask("GET", cameras, &owner_);
  ASSERT_EQ(listed.body.at("cameras").as_array().size(), 1U);
  EXPECT_EQ(listed.body.at("cameras").at(0).at("transport").as_string(), "tcp");
  EXPECT_EQ(live.body.at("sound").as_string(), "off") << "until an owner says so";
  EXPECT_EQ(live.body.at("audio").at("codec").as_string(), "PCMA");
  EXPECT_EQ(live.body.at("audio").at("rate").as_int64(), 8000);
  EXPECT_EQ(listed.body.at("cameras").at(0).at("sound").as_string(), "on");
  EXPECT_TRUE(keeper_->camera_source(CameraId::parse(id).value(), Tenure{1}).value().sound);
  EXPECT_EQ(ask("PATCH", "/cameras/" + id, &owner_, R"({"sound":"loud"})").status, 400);
  EXPECT_TRUE(live.body.at("sub").is_null());
  const Answer with_sub = ask("PATCH", "/cameras/" + id, &owner_,
                              R"({"sub_url":"rtsp://me:secret@192.0.2.1:8554/sub?key=secret"})");
  EXPECT_EQ(with_sub.status, 200) << with_sub.text;
  EXPECT_EQ(with_sub.body.at("sub").at("state").as_string(), "idle");
  EXPECT_EQ(with_sub.text.find("secret"), std::string::npos);
  EXPECT_EQ(keeper_->camera_source(CameraId::parse(id).value(), Tenure{1}).value().sub_url,
            "rtsp://192.0.2.1:8554/sub?key=secret");
  EXPECT_EQ(ask("PATCH", "/cameras/" + id, &owner_, R"({"sub_url":"rtsp://192.0.2.2/sub"})").status, 400);
  EXPECT_TRUE(ask("PATCH", "/cameras/" + id, &owner_, R"({"sub_url":""})").body.at("sub").is_null());
  EXPECT_EQ(ask("PATCH", "/cameras/" + id, &owner_, R"({"url":"rtsps://192.0.2.1/main"})").status, 200);
  const std::string accept = R"({"transport":"http","certificate":")" + std::string(64, 'A') + "\"}";
  EXPECT_EQ(ask("PATCH", "/cameras/" + id, &owner_, accept).status, 400) << "none was met";
  ASSERT_TRUE(keeper_->keep_certificate(CameraId::parse(id).value(), Tenure{1}, "rtsps://192.0.2.1/main",
                                        std::string(64, 'b')));
  EXPECT_EQ(ask("PATCH", "/cameras/" + id, &owner_, accept).status, 200);
  EXPECT_EQ(keeper_->camera_source(CameraId::parse(id).value(), Tenure{1}).value().certificate,
            std::string(64, 'a'));
  EXPECT_EQ(ask("PATCH", "/cameras/" + id, &owner_, R"({"certificate":"abc"})").status, 400);
  EXPECT_EQ(ask("PATCH", "/cameras/" + id, &owner_, R"({"certificate":""})").status, 200);
  EXPECT_EQ(keeper_->camera_source(CameraId::parse(id).value(), Tenure{1}).value().certificate, "");
  EXPECT_EQ(ask("DELETE", "/cameras/" + id, &owner_).status, 204);
  EXPECT_EQ(ask("GET", "/cameras/" + id, &owner_).status, 404);
  EXPECT_TRUE(ask("GET", cameras, &owner_).body.at("cameras").as_array().empty());
}

TEST_F(ApiTest, CamerasComeInTheOrderThatPeopleExpect) {
  const std::vector<std::string> names = {"Camera 10", "camera 2", "Garden", "Camera 1", "Attic"};
  for (const std::string& name : names)
    ASSERT_TRUE(book_->add_camera(keeper::kOperator, home_, {name, "rtsp://192.0.2.1/main", {}, {}}));
  std::string order;
  const Answer listed = ask("GET", "/homes/" + home_.to_string() + "/cameras", &owner_);
  for (const auto& camera : listed.body.at("cameras").as_array())
    order.append(camera.at("name").as_string()).append(", ");
  EXPECT_EQ(order, "Attic, Camera 1, camera 2, Camera 10, Garden, ");
}

TEST_F(ApiTest, WhatIsWrongWithACameraIsSaidByField) {
  const std::string cameras = "/homes/" + home_.to_string() + "/cameras";
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {R"({"url":"rtsp://h/"})", "name: "},
      {R"({"name":"","url":"rtsp://h/"})", "name: "},
      {R"({"name":"Door"})", "url: "},
      {R"({"name":"Door","url":"http://h/"})", "url: "},
      {R"({"name":"Door","url":"http://h/"})", "url: "},
      {R"({"name":"Door","url":"rtsp://user:camera secret@/"})", "url: "},
      {R"({"name":"Door","url":"rtsp://h/\r\nX: y"})", "url: "},
      {R"({"name":"Door","url":"rtsp://h/","transport":"smoke"})", "transport: "},
      {R"({"name":"Door","url":"rtsp://h/","username":"a\nb"})", "username: "},
      {R"({"name":"Door","url":"rtsp://h/","password":"a\u0000b"})", "password: "},
      {R"({"name":"Door","url":"rtsp://h/","colour":"red"})", "colour: "}};
  for (const auto& [body, begins] : wrong) {
    const Answer answer = ask("POST", cameras, &owner_, body);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_TRUE(answer.detail().starts_with(begins)) << body << " -> " << answer.detail();
  }
  EXPECT_TRUE(ask("GET", cameras, &owner_).body.at("cameras").as_array().empty());
}

TEST_F(ApiTest, OnlyOwnersChangeCameras) {
  const Person member = person("Ben", home_, Role::Member);
  const std::string path = "/cameras/" + camera(home_).id.to_string();
  const std::string cameras = "/homes/" + home_.to_string() + "/cameras";
  const std::string added = R"({"name":"Door","url":"rtsp://h/"})";
  EXPECT_EQ(ask("GET", path, &member).status, 200);
  EXPECT_EQ(ask("PATCH", path, &member, R"({"name":"Mine"})").status, 403);
  EXPECT_EQ(ask("DELETE", path, &member).status, 403);
  EXPECT_EQ(ask("POST", cameras, &member, added).status, 403);
  EXPECT_EQ(ask("POST", cameras + "/test", &member, R"({"url":"rtsp://h/"})").status, 403);
  EXPECT_FALSE(prober_.probed);
}

TEST_F(ApiTest, ATestConnectionSaysWhatWasFoundOrWhatIsWrong) {
  const std::string test = "/homes/" + home_.to_string() + "/cameras/test";
  prober_.outcome.video = VideoFacts{"H.264 High 4.1", 1920, 1080, 29.97};
  const Answer found = ask("POST", test, &owner_, R"({"url":"rtsp://a:b@h/x","username":"other"})");
  ASSERT_EQ(found.status, 200);
  EXPECT_TRUE(found.body.at("ok").as_bool());
  EXPECT_EQ(found.body.at("video").at("codec").as_string(), "H.264 High 4.1");
  EXPECT_DOUBLE_EQ(found.body.at("video").at("fps").as_double(), 29.97);
  EXPECT_EQ(prober_.probed->url, "rtsp://h/x");
  EXPECT_EQ(prober_.probed->credentials.username(), "other");
  EXPECT_EQ(prober_.probed->credentials.password(), "b");
  EXPECT_FALSE(found.body.as_object().contains("sub"));
  prober_.outcome.sub = SubState{.state = "no_stream", .reason = "There is none.", .video = std::nullopt};
  const Answer with_sub = ask("POST", test, &owner_, R"({"url":"rtsp://h/x","sub_url":"rtsp://a:b@h/y"})");
  EXPECT_EQ(prober_.probed->sub_url, "rtsp://h/y");
  EXPECT_EQ(with_sub.body.at("sub").at("state").as_string(), "no_stream");
  EXPECT_EQ(with_sub.body.at("sub").at("reason").as_string(), "There is none.");
  prober_.probed.reset();
  EXPECT_EQ(ask("POST", test, &owner_, R"({"url":"rtsp://h/x","sub_url":"rtsp://other/y"})").status, 400);
  EXPECT_FALSE(prober_.probed) << "one address is tried, not two";
  prober_.outcome = {.video = std::nullopt,
                     .state = "wrong_password",
                     .reason = "The camera refused the password.",
                     .advice = "Check it."};
  const Answer wrong = ask("POST", test, &owner_, R"({"url":"rtsp://h/x"})");
  EXPECT_FALSE(wrong.body.at("ok").as_bool());
  EXPECT_EQ(wrong.body.at("state").as_string(), "wrong_password");
  EXPECT_EQ(wrong.body.at("reason").as_string(), "The camera refused the password.");
}

TEST_F(ApiTest, TestConnectionsAreBounded) {
  const std::string test = "/homes/" + home_.to_string() + "/cameras/test";
  const std::string body = R"({"url":"rtsp://h/x"})";
  prober_.outcome.video = VideoFacts{};
  const auto most = static_cast<int>(kProbes.account.per_minute);
  for (int turn = 0; turn < most; ++turn) ASSERT_EQ(ask("POST", test, &owner_, body).status, 200);
  clock_.advance(Seconds(20));
  const Answer refused = ask("POST", test, &owner_, body);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.headers.find("Retry-After"), "40");
  EXPECT_NE(refused.detail().find("try again in 40 seconds"), std::string::npos) << refused.detail();
  EXPECT_EQ(prober_.probes, most);
  const std::string of_others = "/homes/" + other_home_.to_string() + "/cameras/test";
  EXPECT_EQ(ask("POST", of_others, &stranger_, body).status, 200) << "one's flood is not another's";
  clock_.advance(Seconds(40));
  EXPECT_EQ(ask("POST", test, &owner_, body).status, 200);
}

TEST_F(ApiTest, NewAddressesAreNoWayRoundThat) {
  const Person member = person("Ben", home_, Role::Member);
  const std::string of = "/cameras/" + camera(home_).id.to_string();
  const std::string body = R"({"url":"rtsp://h/x"})";
  for (int turn = 0; turn < 50; ++turn) ASSERT_EQ(ask("PATCH", of, &member, body).status, 403);
  for (std::size_t turn = 0; turn < kNewAddresses.account.per_minute; ++turn)
    ASSERT_EQ(ask("PATCH", of, &owner_, body).status, 200);
  EXPECT_EQ(ask("PATCH", of, &owner_, body).status, 429);
  EXPECT_EQ(ask("PATCH", of, &owner_, R"({"name":"Gate"})").status, 200) << "a name is no address";
  const Answer added = ask("POST", "/homes/" + home_.to_string() + "/cameras", &owner_,
                           R"({"name":"Door","url":"rtsp://h/x"})");
  EXPECT_EQ(added.status, 429);
  EXPECT_TRUE(added.headers.find("Retry-After"));
}

// Whatever is asked, and whatever is told to a page.
TEST_F(ApiTest, SecretsInAnAddressNeverComeOut) {
  const std::string cameras = "/homes/" + home_.to_string() + "/cameras";
  for (const std::string path :
       {"live?user=admin&password=hunter2", "user=admin_password=hunter2_channel=1.sdp"}) {
    const Answer added =
        ask("POST", cameras, &owner_, fmt::format(R"({{"name":"Door","url":"rtsp://192.0.2.1/{}"}})", path));
    ASSERT_EQ(added.status, 201);
    const std::string id(added.body.at("id").as_string());
    for (const Answer& answer : {added, ask("GET", cameras, &owner_), ask("GET", "/cameras/" + id, &owner_),
                                 ask("PATCH", "/cameras/" + id, &owner_, R"({"name":"Gate"})")}) {
      EXPECT_EQ(answer.text.find("hunter2"), std::string::npos) << answer.text;
      EXPECT_NE(answer.text.find("192.0.2.1"), std::string::npos);
    }
    const auto source = keeper_->camera_source(CameraId::parse(id).value(), Tenure{1}).value();
    EXPECT_EQ(source.url, "rtsp://192.0.2.1/" + path);
  }
}

TEST_F(ApiTest, PrivacyAndSuspensionComeBeforeTheConnection) {
  const auto of = camera(home_);
  states_.set(of.id, {.state = "live",
                      .reason = {},
                      .advice = {},
                      .since = {},
                      .video = VideoFacts{},
                      .newest_capture = clock_.utc()});
  keeper::CameraChange change;
  change.privacy = true;
  ASSERT_TRUE(book_->change_camera(keeper::kOperator, of.id, change));
  const Answer hidden = ask("GET", "/cameras/" + of.id.to_string(), &owner_);
  EXPECT_EQ(hidden.body.at("state").as_string(), "privacy");
  EXPECT_TRUE(hidden.body.at("age_ms").is_null());
  ASSERT_TRUE(book_->suspend(registry::SuspensionKind::Camera, of.id.to_string(), "It shows strangers."));
  const Answer suspended = ask("GET", "/cameras/" + of.id.to_string(), &owner_);
  EXPECT_EQ(suspended.body.at("state").as_string(), "suspended");
  EXPECT_EQ(suspended.body.at("reason").as_string(), "It shows strangers.");
}

TEST_F(ApiTest, WatchingPassesOnWhoAsksForWhat) {
  const auto of = camera(home_);
  const std::string path = "/cameras/" + of.id.to_string() + "/whep";
  const Answer options = ask("OPTIONS", path, nullptr);
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(options.headers.find("Accept-Post"), "application/sdp");
  EXPECT_EQ(ask("POST", path, &owner_, "v=0", {{"Content-Type", "application/sdp"}}).status, 201);
  EXPECT_EQ(whep_.asked,
            fmt::format("offer {} {} v=0", owner_.principal.account.to_string(), of.id.to_string()));
  const auto ask_for = [&](const std::string& stream) {
    auto made = request("POST", path, &owner_, "v=0", {{"Content-Type", "application/sdp"}});
    made.query["stream"] = stream;
    return raw(std::move(made)).status;
  };
  EXPECT_EQ(ask_for("sub"), 201);
  EXPECT_EQ(whep_.asked,
            fmt::format("offer {} {} v=0 of sub", owner_.principal.account.to_string(), of.id.to_string()));
  EXPECT_EQ(ask_for("tiny"), 400);
  const std::string viewing(32, 'b');
  EXPECT_EQ(ask("PATCH", "/viewings/" + viewing, &owner_, "x").status, 204);
  EXPECT_EQ(whep_.asked, "patch " + viewing);
  EXPECT_EQ(ask("DELETE", "/viewings/" + viewing, &owner_).status, 204);
  EXPECT_EQ(whep_.asked, "remove " + viewing);
  const Fields handshake{{"Upgrade", "websocket"}, {"Origin", "https://jalousie.example"}};
  EXPECT_EQ(ask("GET", "/cameras/" + of.id.to_string() + "/mse", &owner_, "", handshake).text, "a socket");
  EXPECT_EQ(whep_.asked, fmt::format("open {} {}", owner_.principal.account.to_string(), of.id.to_string()));
}

TEST_F(ApiTest, AStillHasItsAgeAndIsKeptByNobody) {
  const auto of = camera(home_);
  const std::string path = "/cameras/" + of.id.to_string() + "/still.jpg";
  stills_.made =
      StillPicture{.jpeg = {}, .owner = stills_.bytes, .capture = clock_.utc() - Milliseconds(2700)};
  const http::Response still = raw(request("GET", path, &owner_));
  EXPECT_EQ(still.status, 200);
  EXPECT_EQ(as_text(still.borrowed_body), "JPEG");
  EXPECT_EQ(still.headers.find("Content-Type"), "image/jpeg");
  EXPECT_EQ(still.headers.find("Age"), "2");
  EXPECT_EQ(still.headers.find("X-Capture-Time"), to_rfc3339(clock_.utc() - Milliseconds(2700)));
  EXPECT_EQ(still.headers.find("Cache-Control"), "no-store");
  EXPECT_EQ(stills_.bytes.use_count(), 3);  // the fake's two, and the answer's
  const std::string who = owner_.principal.account.to_string() + " " + of.id.to_string();
  EXPECT_EQ(stills_.asked, who + " 0");
  for (const auto& [width, asked] : std::vector<std::pair<std::string, std::string>>{
           {"320", "320"}, {"1", "16"}, {"0", "16"}, {"99999", "65535"}, {std::string(40, '9'), "65535"}}) {
    auto made = request("GET", path, &owner_);
    made.query["width"] = width;
    EXPECT_EQ(raw(std::move(made)).status, 200);
    EXPECT_EQ(stills_.asked, fmt::format("{} {}", who, asked));
  }
  for (const std::string width : {"", "wide", "-5", "3.5", "320px", " 320"}) {
    auto made = request("GET", path, &owner_);
    made.query["width"] = width;
    EXPECT_EQ(raw(std::move(made)).status, 400) << width;
  }
}

TEST_F(ApiTest, WithoutAPictureItSaysWhyAndWhenToAskAgain) {
  const auto of = camera(home_);
  const std::string path = "/cameras/" + of.id.to_string() + "/still.jpg";
  const auto answer = [&](ErrorKind kind, std::string words) {
    stills_.made = fail(kind, std::move(words));
    return ask("GET", path, &owner_);
  };
  stills_.granted = seal::Label{of.home, of.id, of.tenure};
  const Answer offline = answer(ErrorKind::Unavailable, "The camera has no picture.");
  EXPECT_EQ(offline.status, 503);
  EXPECT_EQ(offline.detail(), "The camera has no picture.");
  EXPECT_EQ(offline.headers.find("Retry-After"), "5");
  states_.set(of.id, {.state = "unreachable",
                      .reason = "The camera does not answer.",
                      .advice = "",
                      .since = utc_from_us(1'700'000'000'000'000),
                      .video = {},
                      .newest_capture = {}});
  EXPECT_EQ(answer(ErrorKind::Unavailable, "none").detail(),
            "No picture since 2023-11-14T22:13:20.000Z: The camera does not answer.");
  // The registry failed before it said whose camera it is.
  stills_.granted.reset();
  for (const auto kind : {ErrorKind::Unavailable, ErrorKind::DataLoss, ErrorKind::DeadlineExceeded}) {
    const Answer bare = answer(kind, "the registry /data/registry.db: disk I/O error");
    EXPECT_EQ(bare.status, 503);
    EXPECT_EQ(bare.detail(), "Whether there is one cannot be said at the moment.");
    EXPECT_EQ(bare.headers.find("Retry-After"), "5");
  }
  const Answer hidden = answer(ErrorKind::FailedPrecondition, "The camera's privacy is on.");
  EXPECT_EQ(hidden.status, 503);
  EXPECT_EQ(hidden.detail(), "The camera's privacy is on.");
  EXPECT_EQ(hidden.headers.find("Retry-After"), "30");
  const Answer often = answer(ErrorKind::ResourceExhausted, "Too many stills.");
  EXPECT_EQ(often.status, 429);
  EXPECT_EQ(often.headers.find("Retry-After"), "1");
  // Nothing of the camera's state for who may not know it.
  const Answer unknown = answer(ErrorKind::NotFound, "There is no such camera.");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.detail(), "There is no such camera.");
}

TEST_F(ApiTest, HealthIsForAllAndMetricsForThisMachine) {
  EXPECT_EQ(ask("GET", "/healthz", nullptr).text, R"({"status":"ok","version":"1.2.3"})");
  api_->set_serving(false);
  EXPECT_EQ(ask("GET", "/healthz", nullptr).status, 503);
  const Answer metrics = ask("GET", "/metrics", nullptr, "", {{"Host", "127.0.0.1:8480"}});
  EXPECT_EQ(metrics.status, 200);
  EXPECT_NE(metrics.text.find("jalousie_keeper_viewings"), std::string::npos);
  EXPECT_EQ(
      ask("GET", "/metrics", nullptr, "", {{"Host", "127.0.0.1:8480"}, {"X-Forwarded-For", "203.0.113.1"}})
          .status,
      404);
  // What a proxy on this machine passes on, without a word of itself.
  EXPECT_EQ(ask("GET", "/metrics", nullptr, "", {{"Host", "cameras.example"}}).status, 404);
  http::Request from_afar = request("GET", "/metrics", nullptr);
  from_afar.peer = Endpoint::v4({203, 0, 113, 1}, 1);
  EXPECT_EQ(ask(std::move(from_afar)).status, 404);
}

}  // namespace jalousie::api
