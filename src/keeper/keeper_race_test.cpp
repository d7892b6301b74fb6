#include "keeper/fixture.h"

// Two who change the same thing at once: the second comes between the first one's look and its change.

namespace jalousie::keeper {

using ledger::EntryKind;
using registry::Role;

namespace {

CameraChange named(std::string name) {
  CameraChange change;
  change.name = std::move(name);
  return change;
}
CameraChange privacy(bool on) {
  CameraChange change;
  change.privacy = on;
  return change;
}

}  // namespace

TEST_F(KeeperTest, ANewNameSwitchesNoPrivacyOff) {
  const HomeId in = home();
  const auto of = camera(in);
  const Person owner = person("Anna", in);
  breakable_.of_cameras.after_read_one = [&] {
    ASSERT_TRUE(book_->change_camera(kOperator, of.id, privacy(true)));
  };
  const auto changed = book_->change_camera(owner.principal, of.id, named("Gate"));
  ASSERT_TRUE(changed);
  EXPECT_TRUE(changed->privacy);
  const auto stored = store_->cameras().camera(of.id).value();
  EXPECT_TRUE(stored.privacy);
  EXPECT_EQ(stored.name, "Gate");
}

TEST_F(KeeperTest, WhatACameraSaysOfItselfSwitchesNoPrivacyOff) {
  const auto of = camera(home());
  breakable_.of_cameras.after_read_one = [&] {
    ASSERT_TRUE(book_->change_camera(kOperator, of.id, privacy(true)));
  };
  ASSERT_TRUE(book_->note_facts(of.id, of.tenure, {"C1", "2.0", ""}));
  const auto stored = store_->cameras().camera(of.id).value();
  EXPECT_TRUE(stored.privacy);
  EXPECT_EQ(stored.model, "C1");
}

TEST_F(KeeperTest, AResetSwitchesNoPrivacyOff) {
  const HomeId in = home();
  const auto of = camera(in);
  breakable_.of_cameras.after_read_one = [&] {
    ASSERT_TRUE(book_->change_camera(kOperator, of.id, privacy(true)));
  };
  ASSERT_TRUE(book_->begin_tenure(of.id, in));
  EXPECT_TRUE(store_->cameras().camera(of.id).value().privacy);
}

// The one who says "off" saw it off already: it is on by the time of the change, and ends with it.
TEST_F(KeeperTest, PrivacyThatEndsIsInTheLedgerFirstWhateverWasSeen) {
  const auto of = camera(home());
  breakable_.of_cameras.after_read_one = [&] {
    ASSERT_TRUE(book_->change_camera(kOperator, of.id, privacy(true)));
    ledger_.broken = true;
  };
  EXPECT_FALSE(book_->change_camera(kOperator, of.id, privacy(false)));
  EXPECT_TRUE(store_->cameras().camera(of.id).value().privacy);
}

TEST_F(KeeperTest, ACameraThatWasHandedOnIsNotChangedByWhoHadIt) {
  const HomeId in = home();
  const auto of = camera(in);
  const Person owner = person("Anna", in);
  const HomeId next = home("Next");
  const auto handed_on = [&] { ASSERT_TRUE(book_->begin_tenure(of.id, next)); };
  breakable_.of_cameras.after_read_one = handed_on;
  EXPECT_EQ(book_->remove_camera(owner.principal, of.id).error().kind(), ErrorKind::NotFound);
  ASSERT_TRUE(store_->cameras().camera(of.id));
  ASSERT_TRUE(book_->begin_tenure(of.id, in));
  breakable_.of_cameras.after_read_one = handed_on;
  EXPECT_EQ(book_->change_camera(owner.principal, of.id, named("Mine")).error().kind(), ErrorKind::NotFound);
  EXPECT_EQ(store_->cameras().camera(of.id).value().name, "Camera");
  ASSERT_TRUE(book_->begin_tenure(of.id, in));
  breakable_.of_cameras.after_read_one = handed_on;
  EXPECT_EQ(
      book_->set_member(owner.principal, {in, book_->create_account("Gil").value(), Role::Guest, {of.id}, {}})
          .error()
          .kind(),
      ErrorKind::NotFound);
}

TEST_F(KeeperTest, APasswordNeverReachesAHostThatCameInBetween) {
  const HomeId in = home();
  const auto of = camera(in);
  const Person owner = person("Anna", in);
  CameraChange moved;
  moved.url = "rtsp://192.0.2.66/main";
  breakable_.of_cameras.after_read_one = [&] {
    ASSERT_TRUE(book_->change_camera(owner.principal, of.id, moved));
  };
  CameraChange renamed_user;
  renamed_user.username = "admin";
  ASSERT_TRUE(book_->change_camera(owner.principal, of.id, renamed_user));
  const auto source = keeper_->camera_source(of.id, of.tenure).value();
  EXPECT_EQ(source.url, *moved.url);
  EXPECT_EQ(source.credentials.username(), "admin");
  EXPECT_EQ(source.credentials.password(), "") << "it was given for the host before";
}

TEST_F(KeeperTest, AUserNameAndAPasswordThatAreSetAtOnceAreBothKept) {
  const auto of = camera(home());
  CameraChange password;
  password.password = "another secret";
  breakable_.of_cameras.after_read_one = [&] {
    ASSERT_TRUE(book_->change_camera(kOperator, of.id, password));
  };
  CameraChange user;
  user.username = "admin";
  ASSERT_TRUE(book_->change_camera(kOperator, of.id, user));
  const auto source = keeper_->camera_source(of.id, of.tenure).value();
  EXPECT_EQ(source.credentials.username(), "admin");
  EXPECT_EQ(source.credentials.password(), "another secret");
}

TEST_F(KeeperTest, AnAddressThatIsSetDuringAResetIsKept) {
  const HomeId in = home();
  const auto of = camera(in);
  CameraChange moved;
  moved.url = "rtsp://192.0.2.9/live?password=hunter2";
  moved.password = "another secret";
  breakable_.of_cameras.after_read_one = [&] { ASSERT_TRUE(book_->change_camera(kOperator, of.id, moved)); };
  const Tenure next = book_->begin_tenure(of.id, in).value();
  const auto source = keeper_->camera_source(of.id, next).value();
  EXPECT_EQ(source.url, *moved.url);
  EXPECT_EQ(source.credentials.password(), "another secret");
}

}  // namespace jalousie::keeper
