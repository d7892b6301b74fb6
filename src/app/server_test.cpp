#include "app/server.h"

#include <future>

#include <gtest/gtest.h>

#include "registry/sqlite_store.h"
#include "support/flood.h"
#include "support/temporary_folder.h"

namespace jalousie::app {

namespace {

constexpr auto kDeadline = std::chrono::seconds(60);

class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    ServeOptions options;
    options.listen = "127.0.0.1:0";
    options.media_port = 0;
    options.loops = 1;
    auto started = Server::start(common_, options);
    EXPECT_TRUE(started) << started.error().message();
    server_ = *std::move(started);
  }

  test::TemporaryFolder folder_;
  CommonOptions common_{.data = folder_.file("data"), .root_key = folder_.file("root.key")};
  std::unique_ptr<Server> server_;
};

}  // namespace

// The right is taken by another process, as by the command line, so that only the tick can notice. All of the
// common workers try to sign in with passwords of the cost of production meanwhile.
TEST_F(ServerTest, ARevocationArrivesWhileTheCommonWorkersAreTakenBySignIns) {
  keeper::Keeper& keeper = server_->data().keeper();
  const HomeId home = keeper.household().create_home("Home", "#3b82f6").value();
  const AccountId anna = keeper.household().create_account("Anna").value();
  ASSERT_TRUE(keeper.household().set_member(keeper::kOperator, {home, anna, registry::Role::Owner, {}, {}}));
  const std::string link = keeper.sign_in().create_link(anna, home).value();
  const auto signed_in = keeper.sign_in().use_link(link, "a fine password", Endpoint()).value();
  const auto camera =
      keeper.household().add_camera(keeper::kOperator, home, {"Door", "rtsp://127.0.0.1:1/", {}, {}}).value();
  std::promise<keeper::EndReason> revoked;
  auto reason = revoked.get_future();
  ASSERT_TRUE(keeper.grant({signed_in.principal, camera.id, "whep"},
                           [&revoked](keeper::EndReason why) { revoked.set_value(why); }));

  std::atomic<unsigned> attempts{0};
  const test::Flood flood(server_->common_workers(), Server::kCommonWorkers, [&keeper, &attempts] {
    const unsigned attempt = ++attempts;  // a name and an address each, so that none is told to wait
    static_cast<void>(keeper.sign_in().sign_in(
        "Nobody " + std::to_string(attempt), "a wrong password",
        Endpoint::v6({0x20, 1, static_cast<std::uint8_t>(attempt / 256), static_cast<std::uint8_t>(attempt)},
                     1)));
  });
  const auto command_line = registry::SqliteStore::open(common_.data + "/registry.sqlite").value();
  ASSERT_TRUE(
      command_line->sessions().end_session(signed_in.principal.session, server_->data().clock().utc()));
  ASSERT_EQ(reason.wait_for(kDeadline), std::future_status::ready);
  EXPECT_EQ(reason.get(), keeper::EndReason::SignedOut);
}

}  // namespace jalousie::app
