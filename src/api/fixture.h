// An API with a real keeper, registry and ledger in a folder of its own, behind fakes of what the app puts
// there; and people who ask it. Tests only.
#pragma once

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "api/api.h"
#include "api/fakes.h"
#include "crypto/system_random.h"
#include "io/loop_thread.h"
#include "ledger/file_ledger.h"
#include "registry/sqlite_store.h"
#include "support/temporary_folder.h"

namespace jalousie::api {

namespace json = boost::json;
using registry::Membership;
using registry::Role;

struct Answer {
  int status = 0;
  json::value body;
  std::string text;
  http::Headers headers;
  std::string detail() const {
    return body.is_object() && body.as_object().contains("detail")
               ? std::string(body.at("detail").as_string())
               : std::string();
  }
};

class ApiTest : public testing::Test {
 protected:
  ApiTest() {
    store_ = registry::SqliteStore::open(folder_.file("registry")).value();
    ledger_ = ledger::FileLedger::open(folder_.file("ledger"), random_).value();
    keeper_ = keeper::Keeper::create(
                  {*store_, *ledger_, clock_, random_, metrics_, {.memory_kib = 64, .passes = 1}},
                  keeper::create_root_key(folder_.file("root.key"), random_).value())
                  .value();
    book_ = &keeper_->household();
    api_ = std::make_unique<Api>(Api::Parts{*keeper_, *store_, workers_, revoking_, clock_, metrics_, states_,
                                            whep_, stills_, whep_, prober_, viewings_, "1.2.3", "run one"});
    api_->add_routes(router_);
    home_ = book_->create_home("Home", "#3b82f6").value();
    other_home_ = book_->create_home("Other", "#ffffff").value();
    owner_ = person("Anna", home_, Role::Owner);
    stranger_ = person("Eve", other_home_, Role::Owner);
  }
  std::string invite(std::string_view name, HomeId home, Role role) {
    const AccountId account = book_->create_account(name).value();
    EXPECT_TRUE(book_->set_member(keeper::kOperator, {home, account, role, {}, {}}));
    return keeper_->sign_in().create_link(account, home).value();
  }
  struct Person {
    std::string cookie;
    keeper::Principal principal;
  };
  Person person(std::string_view name, HomeId home, Role role) {
    const auto signed_in =
        keeper_->sign_in().use_link(invite(name, home, role), "a fine password", Endpoint()).value();
    return {signed_in.cookie, signed_in.principal};
  }
  registry::Camera camera(HomeId home) {
    return book_
        ->add_camera(keeper::kOperator, home,
                     {"Door", "rtsp://192.0.2.1/main", {"user", "camera secret"}, {}})
        .value();
  }

  using Fields = std::vector<std::pair<std::string, std::string>>;
  http::Request request(std::string method, std::string path, const Person* who, std::string body = {},
                        Fields more = {}) {
    http::Request made;
    made.method = std::move(method);
    made.path =
        path.starts_with("/api") || path == "/healthz" || path == "/metrics" ? path : "/api/v1" + path;
    made.headers.add("Host", "jalousie.example");
    if (who != nullptr) made.headers.add("Cookie", "__Host-jalousie=" + who->cookie);
    if (!body.empty()) made.headers.add("Content-Type", "application/json");
    made.body = std::move(body);
    for (auto& [name, value] : more) made.headers.set(name, value);
    made.peer = Endpoint::v4({127, 0, 0, 1}, 1);
    return made;
  }
  http::Response raw(http::Request asked) {
    return io::run_and_wait(thread_.loop(), router_.handle(std::move(asked)));
  }
  Answer ask(http::Request asked) {
    http::Response response = raw(std::move(asked));
    Answer answer{response.status, {}, response.body, response.headers};
    const auto type = response.headers.find("Content-Type");
    if (type && type->find("json") != std::string_view::npos) answer.body = json::parse(response.body);
    // Whatever is answered, these never leave.
    for (const std::string_view secret : {"camera secret", "a fine password", "argon2id"}) {
      EXPECT_EQ(response.body.find(secret), std::string::npos);
    }
    EXPECT_EQ(answer.headers.find("Cache-Control"), "no-store");
    return answer;
  }
  Answer ask(std::string method, std::string path, const Person* who, std::string body = {},
             Fields more = {}) {
    return ask(request(std::move(method), std::move(path), who, std::move(body), std::move(more)));
  }

  test::TemporaryFolder folder_;
  crypto::SystemRandom random_;
  FakeClock clock_;
  Metrics metrics_;
  std::unique_ptr<registry::SqliteStore> store_;
  std::unique_ptr<ledger::FileLedger> ledger_;
  std::unique_ptr<keeper::Keeper> keeper_;
  keeper::Household* book_ = nullptr;
  FakeCameraStates states_;
  FakeViewingEvents viewings_;
  FakeWhep whep_;
  FakeStills stills_;
  FakeProber prober_;
  io::LoopThread thread_;
  io::Workers workers_{3};
  io::Workers revoking_{1};
  std::unique_ptr<Api> api_;
  http::Router router_;
  HomeId home_;
  HomeId other_home_;
  Person owner_;
  Person stranger_;
};

}  // namespace jalousie::api
