// Addresses, passwords, certificates and reach of cameras: how long they stay, and for whom.
#include "keeper/fixture.h"

namespace jalousie::keeper {

TEST_F(KeeperTest, AHomeWhoseKeyCannotBeReadKeepsNoOtherDark) {
  const HomeId broken = HomeId::random(random_);
  ASSERT_TRUE(store_->people().add_home({broken, "Broken", "#000000"}, Buffer{1}));
  registry::Camera old;
  old.id = CameraId::random(random_);
  old.home = broken;
  old.tenure = Tenure{1};
  old.url = "rtsp://192.0.2.1/live?password=hunter2";
  ASSERT_TRUE(store_->cameras().add_camera(old, Buffer{1}, clock_.utc()));
  const auto of = camera(home());
  const auto present = access_of(store_->cameras().camera(of.id).value());
  registry::CameraUpdate later;
  later.access = registry::AccessChange{present, present};
  later.access->to.url = "rtsp://192.0.2.1/live?password=swordfish";
  ASSERT_TRUE(store_->cameras().update_camera(of.id, of.tenure, later));
  start();
  EXPECT_EQ(store_->cameras().camera(of.id).value().url, "rtsp://192.0.2.1/live") << "the next one is sealed";
  const AccountId owner = book_->create_account("Anna").value();
  ASSERT_TRUE(book_->set_member(kOperator, {broken, owner, registry::Role::Owner, {}, {}}));
  const auto signed_in =
      desk_->use_link(desk_->create_link(owner, broken).value(), "a fine password", Endpoint()).value();
  EXPECT_EQ(book_->camera(signed_in.principal, old.id).value().url, "rtsp://192.0.2.1/live");
}

TEST_F(KeeperTest, WhatAnOwnerEntersLeadsIntoTheNetworkOnly) {
  const HomeId in = home();
  const Person owner = person("Anna", in);
  const auto reach_of = [&](const registry::Camera& of) {
    return keeper_->camera_source(of.id, of.tenure).value().reach;
  };
  const auto theirs = book_->add_camera(owner.principal, in, {"Door", "rtsp://127.0.0.1/x", {}, {}}).value();
  EXPECT_EQ(reach_of(theirs), registry::Reach::Network);
  const auto of = book_->add_camera(kOperator, in, {"Bridge", "rtsp://127.0.0.1:8554/x", {}, {}}).value();
  EXPECT_EQ(reach_of(of), registry::Reach::Anywhere);
  CameraChange change;
  change.url = "rtsp://127.0.0.1:8554/y";
  ASSERT_TRUE(book_->change_camera(owner.principal, of.id, change));
  EXPECT_EQ(reach_of(of), registry::Reach::Anywhere) << "another path of where the operator led it";
  const auto named = book_->add_camera(kOperator, in, {"Mixer", "rtsp://bridge:8554/x", {}, {}}).value();
  EXPECT_EQ(reach_of(named), registry::Reach::Anywhere);
  change.url = "rtsp://bridge:8554/y";
  ASSERT_TRUE(book_->change_camera(owner.principal, named.id, change));
  EXPECT_EQ(reach_of(named), registry::Reach::Network) << "a name may lead elsewhere";
  change.url = "rtsp://127.0.0.1:22/y";
  ASSERT_TRUE(book_->change_camera(owner.principal, of.id, change));
  EXPECT_EQ(reach_of(of), registry::Reach::Network);
  ASSERT_TRUE(book_->change_camera(kOperator, of.id, change));
  EXPECT_EQ(reach_of(of), registry::Reach::Anywhere);
}

TEST_F(KeeperTest, ASmallStreamIsOfTheSamePlaceAndKeepsItsSecrets) {
  const HomeId in = home();
  const Person owner = person("Anna", in);
  NewCamera entered{"Door", "rtsp://192.0.2.1/main", {"user", "camera secret"}, {}};
  const std::string whole = "rtsp://192.0.2.1/sub?token=hunter2";
  for (const std::string elsewhere :
       {"rtsp://192.0.2.2/sub", "rtsp://192.0.2.1:8554/sub", "rtsps://192.0.2.1/sub",
        "rtsp://u:p@192.0.2.1/sub", "http://192.0.2.1/sub"}) {
    entered.sub_url = elsewhere;
    EXPECT_EQ(book_->add_camera(owner.principal, in, entered).error().kind(), ErrorKind::InvalidArgument)
        << elsewhere;
  }
  entered.sub_url = whole;
  const auto of = book_->add_camera(owner.principal, in, entered).value();
  const auto source = [&](Tenure tenure) { return keeper_->camera_source(of.id, tenure).value(); };
  EXPECT_EQ(source(of.tenure).sub_url, whole);
  const auto seen = book_->camera(owner.principal, of.id).value();
  EXPECT_EQ(seen.sub_url, "rtsp://192.0.2.1/sub");
  EXPECT_TRUE(seen.sealed_sub_url.empty());

  CameraChange change;
  change.url = "rtsp://192.0.2.1/other";
  ASSERT_TRUE(book_->change_camera(owner.principal, of.id, change));
  EXPECT_EQ(source(of.tenure).sub_url, whole) << "another path of the same camera";
  const Tenure reset = book_->begin_tenure(of.id, in).value();
  EXPECT_EQ(source(reset).sub_url, whole);
  change.sub_url = "rtsp://192.0.2.9/sub";
  EXPECT_EQ(book_->change_camera(owner.principal, of.id, change).error().kind(), ErrorKind::InvalidArgument);
  change = {};
  change.url = "rtsps://192.0.2.1/main";
  ASSERT_TRUE(book_->change_camera(owner.principal, of.id, change));
  EXPECT_EQ(source(reset).sub_url, "") << "what is asked for in the clear goes with nothing that is not";
  change.sub_url = "rtsps://192.0.2.1/sub?token=swordfish";
  ASSERT_TRUE(book_->change_camera(owner.principal, of.id, change));
  EXPECT_EQ(source(reset).sub_url, *change.sub_url);
  const Tenure given = book_->begin_tenure(of.id, home("New")).value();
  EXPECT_EQ(source(given).sub_url, "rtsps://192.0.2.1/sub") << "without what may be a secret";
}

TEST_F(KeeperTest, SealedCredentialsOpenForTheirOwnCameraOnly) {
  const HomeId in = home();
  const auto front = camera(in, "Front");
  const auto back = camera(in, "Back");
  const auto present = access_of(store_->cameras().camera(back.id).value());
  registry::CameraUpdate moved;
  moved.access = registry::AccessChange{present, present};
  moved.access->to.sealed_credentials = store_->cameras().camera(front.id).value().sealed_credentials;
  ASSERT_TRUE(store_->cameras().update_camera(back.id, back.tenure, moved));
  EXPECT_EQ(keeper_->camera_source(back.id, back.tenure).error().kind(), ErrorKind::DataLoss);
}

TEST_F(KeeperTest, WhoHandsACameraOverKeepsItsPassword) {
  const HomeId in = home();
  const auto of = camera(in);
  const Tenure reset = book_->begin_tenure(of.id, in).value();
  EXPECT_EQ(keeper_->camera_source(of.id, reset).value().credentials.password(), "camera secret");
  const Tenure transferred = book_->begin_tenure(of.id, home("New")).value();
  EXPECT_TRUE(keeper_->camera_source(of.id, transferred).value().credentials.empty());
}

TEST_F(KeeperTest, NothingOfTheHomeBeforeGoesAlongWithACamera) {
  const HomeId in = home();
  const auto of = camera(in, "Anna's bedroom");
  CameraChange chosen;
  chosen.sound = !registry::Camera().sound;
  ASSERT_TRUE(book_->change_camera(kOperator, of.id, chosen));
  ASSERT_TRUE(book_->note_facts(of.id, of.tenure, {"C1", "2.0", "Europe/Berlin"}));
  ASSERT_TRUE(keeper_->keep_certificate(of.id, of.tenure, of.url, std::string(64, 'a')));
  const HomeId next = home("New");
  const Tenure begun = book_->begin_tenure(of.id, next).value();
  const Person owner = person("Ben", next);
  const auto seen = book_->camera(owner.principal, of.id).value();
  const registry::Camera expected{.id = of.id,
                                  .home = next,
                                  .tenure = begun,
                                  .name = "Camera",
                                  .url = "rtsp://192.0.2.1/main",
                                  .sealed_url = {},
                                  .sealed_credentials = {},
                                  .transport = of.transport,
                                  .reach = registry::Reach::Network,
                                  .certificate = {},
                                  .model = {},
                                  .firmware = {},
                                  .time_zone = {},
                                  .privacy = false,
                                  .sound = registry::Camera().sound};
  EXPECT_EQ(seen, expected);
}

TEST_F(KeeperTest, ACertificateStaysWithTheAddressAndTenureThatItWasMetIn) {
  const HomeId in = home();
  const auto of = camera(in);
  const auto kept = [&](Tenure tenure) { return keeper_->camera_source(of.id, tenure).value().certificate; };
  const std::string met(64, 'a');
  EXPECT_EQ(kept(of.tenure), "");
  ASSERT_TRUE(keeper_->keep_certificate(of.id, of.tenure, of.url, met));
  EXPECT_EQ(kept(of.tenure), met);
  // Of a connection that ends because the address was changed.
  EXPECT_EQ(
      keeper_->keep_certificate(of.id, of.tenure, "rtsps://192.0.2.9/", std::string(64, 'b')).error().kind(),
      ErrorKind::NotFound);
  const Person owner = person("Anna", in);
  CameraChange accepted;
  accepted.certificate = std::string(64, 'c');
  ASSERT_TRUE(book_->change_camera(owner.principal, of.id, accepted));
  EXPECT_EQ(kept(of.tenure), std::string(64, 'c'));
  CameraChange moved;
  moved.url = "rtsps://192.0.2.1/other";
  ASSERT_TRUE(book_->change_camera(owner.principal, of.id, moved));
  EXPECT_EQ(kept(of.tenure), std::string(64, 'c'));  // the same host
  moved.url = "rtsps://192.0.2.2/other";
  ASSERT_TRUE(book_->change_camera(owner.principal, of.id, moved));
  EXPECT_EQ(kept(of.tenure), "");
  EXPECT_FALSE(book_->change_camera(owner.principal, of.id, accepted)) << "for where none was met";
  ASSERT_TRUE(keeper_->keep_certificate(of.id, of.tenure, "rtsps://192.0.2.2/other", met));
  EXPECT_EQ(kept(book_->begin_tenure(of.id, in).value()), "");
}

TEST_F(KeeperTest, APasswordStaysWithTheHostThatItWasGivenFor) {
  const HomeId in = home();
  const auto of = camera(in);
  const Person owner = person("Anna", in);
  const auto password = [&] {
    return keeper_->camera_source(of.id, of.tenure).value().credentials.password();
  };
  CameraChange change;
  change.url = "rtsp://192.0.2.1/sub";
  ASSERT_TRUE(book_->change_camera(owner.principal, of.id, change));
  EXPECT_EQ(password(), "camera secret");
  change.url = "rtsp://192.0.2.66/sub";
  ASSERT_TRUE(book_->change_camera(owner.principal, of.id, change));
  EXPECT_EQ(password(), "");
  change.url = "rtsp://192.0.2.7/sub";
  change.password = "another";
  ASSERT_TRUE(book_->change_camera(owner.principal, of.id, change));
  EXPECT_EQ(password(), "another");
}

TEST_F(KeeperTest, APasswordThatWasEncryptedIsNotSentInTheClear) {
  const HomeId in = home();
  const auto of = camera(in);
  const Person owner = person("Anna", in);
  const auto password = [&] {
    return keeper_->camera_source(of.id, of.tenure).value().credentials.password();
  };
  CameraChange change;
  change.url = "rtsps://192.0.2.1/main";
  ASSERT_TRUE(book_->change_camera(owner.principal, of.id, change));
  EXPECT_EQ(password(), "camera secret") << "encrypted from now on";
  change.url = "rtsp://192.0.2.1/main";
  ASSERT_TRUE(book_->change_camera(owner.principal, of.id, change));
  EXPECT_EQ(password(), "");
}

TEST_F(KeeperTest, SealsAddressesThatAnOlderVersionStoredInTheClear) {
  const HomeId in = home();
  const auto of = camera(in);
  const auto present = access_of(store_->cameras().camera(of.id).value());
  registry::CameraUpdate old;
  old.access = registry::AccessChange{present, present};
  old.access->to.url = "rtsp://192.0.2.1/live?password=hunter2";
  ASSERT_TRUE(store_->cameras().update_camera(of.id, of.tenure, old));
  ASSERT_TRUE(is_on_disk("hunter2"));
  start();
  EXPECT_EQ(store_->cameras().camera(of.id).value().url, "rtsp://192.0.2.1/live");
  EXPECT_EQ(keeper_->camera_source(of.id, of.tenure).value().url, old.access->to.url);
  EXPECT_EQ(keeper_->camera_source(of.id, of.tenure).value().credentials.password(), "camera secret");
  EXPECT_FALSE(is_on_disk("hunter2"));
}

}  // namespace jalousie::keeper
