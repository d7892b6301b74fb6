#include "registry/store_conformance.h"

#include <array>
#include <atomic>
#include <thread>

namespace jalousie::registry {

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(StoreConformance);

Home StoreConformance::add_home(std::uint8_t number) {
  const Home home{numbered<HomeId>(number), "Home " + std::to_string(number), "#3b82f6"};
  EXPECT_TRUE(store_->people().add_home(home, key(number)));
  return home;
}

Account StoreConformance::add_account(std::uint8_t number) {
  const Account account{numbered<AccountId>(number), "Person " + std::to_string(number), std::nullopt};
  EXPECT_TRUE(store_->people().add_account(account));
  return account;
}

Camera StoreConformance::camera_in(const Home& home, std::uint8_t number) {
  return Camera{.id = numbered<CameraId>(number),
                .home = home.id,
                .tenure = Tenure{1},
                .name = "Door \xc3\xa9\xe2\x82\xac",
                .url = "rtsp://192.0.2.1:554/main",
                .sealed_url = Buffer{255, 0, 3},
                .sealed_credentials = Buffer{0, 1, 2, 255},
                .sub_url = "rtsp://192.0.2.1:554/sub",
                .sealed_sub_url = Buffer{4, 0, 5},
                .transport = Transport::Udp,
                .reach = Reach::Anywhere,
                .certificate = {},
                .model = "Model",
                .firmware = "1.2",
                .time_zone = "Europe/Berlin",
                .privacy = false,
                .sound = number % 2 == 0};
}

Camera StoreConformance::add_camera(const Home& home, std::uint8_t number) {
  const Camera camera = camera_in(home, number);
  EXPECT_TRUE(store_->cameras().add_camera(camera, key(number), at(100)));
  return camera;
}

Session StoreConformance::add_session(const Account& account, std::uint8_t number) {
  Session session{.id = numbered<SessionId>(number),
                  .account = account.id,
                  .secret_hash = {},
                  .created = at(10),
                  .last_used = at(10),
                  .expires = at(1000),
                  .ended = std::nullopt};
  session.secret_hash.fill(number);
  EXPECT_TRUE(store_->sessions().add_session(session));
  return session;
}

namespace {

template <class T>
ErrorKind kind_of(const Result<T>& result) {
  EXPECT_FALSE(result.has_value());
  return result ? ErrorKind::Internal : result.error().kind();
}

OneTimeLink link_of(const Account& account, const Home& home, std::uint8_t number, UtcTime expires) {
  OneTimeLink link{.token_hash = {},
                   .account = account.id,
                   .home = home.id,
                   .purpose = LinkPurpose::FirstPassword,
                   .expires = expires,
                   .used = std::nullopt};
  link.token_hash.fill(number);
  return link;
}

NextTenure next_of(const Camera& camera, Tenure number) {
  return {camera.id, number, camera.home, {access_of(camera), access_of(camera)}};
}

}  // namespace

TEST_P(StoreConformance, IsEmptyUntilAHomeIsAdded) {
  EXPECT_TRUE(store_->is_empty().value());
  add_home(1);
  EXPECT_FALSE(store_->is_empty().value());
}

TEST_P(StoreConformance, GivesBackHomesInOrderOfTheirMaking) {
  const Home second = add_home(2);
  const Home first = add_home(1);
  EXPECT_EQ(store_->people().homes().value(), (std::vector{second, first}));
  EXPECT_EQ(store_->people().home(first.id).value(), first);
  EXPECT_EQ(kind_of(store_->people().home(numbered<HomeId>(9))), ErrorKind::NotFound);
  EXPECT_EQ(kind_of(store_->people().add_home(first, key(1))), ErrorKind::AlreadyExists);
  EXPECT_EQ(store_->keys().home_key(second.id).value(), key(2));
}

TEST_P(StoreConformance, TakesAnAccountNameOnceWhateverItsCase) {
  Account account{numbered<AccountId>(1), "Anna", std::nullopt};
  ASSERT_TRUE(store_->people().add_account(account));
  EXPECT_EQ(kind_of(store_->people().add_account({numbered<AccountId>(2), "ANNA", std::nullopt})),
            ErrorKind::AlreadyExists);
  EXPECT_EQ(store_->people().account_by_name("aNNa").value(), account);
  EXPECT_EQ(kind_of(store_->people().account_by_name("Ann")), ErrorKind::NotFound);
  EXPECT_EQ(kind_of(store_->people().account_by_name("")), ErrorKind::NotFound);
}

TEST_P(StoreConformance, KeepsPasswordHashes) {
  Account account = add_account(1);
  ASSERT_TRUE(store_->people().set_password_hash(account.id, "$argon2id$x"));
  account.password_hash = "$argon2id$x";
  EXPECT_EQ(store_->people().account(account.id).value(), account);
  EXPECT_EQ(kind_of(store_->people().set_password_hash(numbered<AccountId>(9), "x")), ErrorKind::NotFound);
}

TEST_P(StoreConformance, KeepsMembershipsWithGuestsCamerasAndDate) {
  const Home home = add_home(1);
  const Account account = add_account(2);
  add_camera(home, 3);
  add_camera(home, 7);
  const Membership guest{
      home.id, account.id, Role::Guest, {numbered<CameraId>(3), numbered<CameraId>(7)}, at(500)};
  ASSERT_TRUE(store_->people().set_membership(guest, LastOwner::MayGo));
  EXPECT_EQ(store_->people().membership(home.id, account.id).value(), guest);
  const Membership owner{home.id, account.id, Role::Owner, {}, std::nullopt};
  ASSERT_TRUE(store_->people().set_membership(owner, LastOwner::MayGo));
  EXPECT_EQ(store_->people().memberships_of(account.id).value(), std::vector{owner});
  EXPECT_EQ(store_->people().members_of(home.id).value(), std::vector{owner});
  ASSERT_TRUE(store_->people().remove_membership(home.id, account.id, LastOwner::MayGo));
  EXPECT_EQ(kind_of(store_->people().membership(home.id, account.id)), ErrorKind::NotFound);
  EXPECT_EQ(kind_of(store_->people().remove_membership(home.id, account.id, LastOwner::MayGo)),
            ErrorKind::NotFound);
  EXPECT_TRUE(store_->people().members_of(home.id).value().empty());
}

TEST_P(StoreConformance, RefusesAMembershipOfNobodyOrNowhere) {
  const Home home = add_home(1);
  const Account account = add_account(2);
  EXPECT_EQ(kind_of(store_->people().set_membership({home.id, numbered<AccountId>(9), Role::Member, {}, {}},
                                                    LastOwner::MayGo)),
            ErrorKind::NotFound);
  EXPECT_EQ(kind_of(store_->people().set_membership({numbered<HomeId>(9), account.id, Role::Member, {}, {}},
                                                    LastOwner::MayGo)),
            ErrorKind::NotFound);
}

TEST_P(StoreConformance, KeepsCameras) {
  const Home home = add_home(1);
  const Home other = add_home(2);
  Camera camera = add_camera(home, 3);
  EXPECT_EQ(store_->cameras().camera(camera.id).value(), camera);
  EXPECT_EQ(store_->cameras().cameras_of(home.id).value(), std::vector{camera});
  EXPECT_TRUE(store_->cameras().cameras_of(other.id).value().empty());
  CameraUpdate update;
  update.name = "";
  update.privacy = true;
  update.access = AccessChange{access_of(camera), {"rtsp://192.0.2.2/sub", Buffer{4}, {}, Reach::Network}};
  camera.name = "";
  camera.privacy = true;
  camera.sound = !camera.sound;
  update.sound = camera.sound;
  set_access(camera, update.access->to);
  EXPECT_EQ(store_->cameras().update_camera(camera.id, Tenure{1}, update).value(), camera);
  EXPECT_EQ(store_->cameras().cameras().value(), std::vector{camera});
  EXPECT_EQ(kind_of(store_->cameras().camera(numbered<CameraId>(9))), ErrorKind::NotFound);
}

TEST_P(StoreConformance, AddsACameraOnceAndOnlyToAHomeThatExists) {
  const Home home = add_home(1);
  const Camera camera = add_camera(home, 3);
  Camera again = camera;
  EXPECT_EQ(kind_of(store_->cameras().add_camera(again, key(1), at(1))), ErrorKind::FailedPrecondition);
  again.tenure = Tenure{2};
  EXPECT_EQ(kind_of(store_->cameras().add_camera(again, key(1), at(1))), ErrorKind::AlreadyExists);
  Camera nowhere = camera_in(home, 4);
  nowhere.home = numbered<HomeId>(9);
  EXPECT_EQ(kind_of(store_->cameras().add_camera(nowhere, key(1), at(1))), ErrorKind::NotFound);
  EXPECT_TRUE(store_->cameras().tenures_of(nowhere.id).value().empty());
}

TEST_P(StoreConformance, EndingATenureDeletesItsKeys) {
  const Home home = add_home(1);
  const Home next = add_home(2);
  const Camera camera = add_camera(home, 3);
  const UtcDay day{20'000};
  ASSERT_TRUE(store_->keys().add_day_key(camera.id, Tenure{1}, day, key(9)));
  const CameraAccess access{"rtsp://192.0.2.1/", {}, Buffer{5}, Reach::Network};
  ASSERT_TRUE(store_->cameras().begin_tenure({camera.id, Tenure{2}, next.id, {access_of(camera), access}},
                                             key(8), at(200)));
  EXPECT_EQ(kind_of(store_->keys().tenure_key(camera.id, Tenure{1})), ErrorKind::NotFound);
  EXPECT_EQ(kind_of(store_->keys().day_key(camera.id, Tenure{1}, day)), ErrorKind::NotFound);
  EXPECT_EQ(kind_of(store_->keys().add_day_key(camera.id, Tenure{1}, day, key(9))), ErrorKind::NotFound);
  EXPECT_EQ(store_->keys().tenure_key(camera.id, Tenure{2}).value(), key(8));
  const Camera begun = store_->cameras().camera(camera.id).value();
  EXPECT_EQ(begun.home, next.id);
  EXPECT_EQ(begun.tenure, Tenure{2});
  EXPECT_EQ(access_of(begun), access);
  const std::vector<TenureRecord> tenures = {{camera.id, Tenure{1}, home.id, at(100), at(200)},
                                             {camera.id, Tenure{2}, next.id, at(200), std::nullopt}};
  EXPECT_EQ(store_->cameras().tenures_of(camera.id).value(), tenures);
}

TEST_P(StoreConformance, RefusesToSkipOrRepeatATenure) {
  const Home home = add_home(1);
  const Camera camera = add_camera(home, 3);
  for (const Tenure number : {Tenure{1}, Tenure{3}}) {
    EXPECT_EQ(kind_of(store_->cameras().begin_tenure(next_of(camera, number), key(8), at(200))),
              ErrorKind::FailedPrecondition);
  }
  EXPECT_EQ(store_->keys().tenure_key(camera.id, Tenure{1}).value(), key(3));
}

TEST_P(StoreConformance, ARemovedCameraKeepsItsTenuresAndNothingElse) {
  const Home home = add_home(1);
  Camera camera = add_camera(home, 3);
  EXPECT_EQ(kind_of(store_->cameras().remove_camera(camera.id, Tenure{2}, at(300))), ErrorKind::NotFound);
  ASSERT_TRUE(store_->cameras().camera(camera.id));
  ASSERT_TRUE(store_->cameras().remove_camera(camera.id, Tenure{1}, at(300)));
  EXPECT_EQ(kind_of(store_->cameras().camera(camera.id)), ErrorKind::NotFound);
  EXPECT_EQ(kind_of(store_->cameras().remove_camera(camera.id, Tenure{1}, at(300))), ErrorKind::NotFound);
  EXPECT_EQ(kind_of(store_->keys().tenure_key(camera.id, Tenure{1})), ErrorKind::NotFound);
  EXPECT_EQ(store_->cameras().tenures_of(camera.id).value().front().ended, at(300));
  EXPECT_EQ(kind_of(store_->cameras().add_camera(camera, key(1), at(400))), ErrorKind::FailedPrecondition);
  camera.tenure = Tenure{2};
  EXPECT_TRUE(store_->cameras().add_camera(camera, key(1), at(400)));
}

TEST_P(StoreConformance, UpdatesAndRemovesNoCameraOfAnEarlierTenure) {
  const Home home = add_home(1);
  const Camera camera = add_camera(home, 3);
  ASSERT_TRUE(store_->cameras().begin_tenure(next_of(camera, Tenure{2}), key(8), at(200)));
  CameraUpdate update;
  update.name = "Gate";
  EXPECT_EQ(kind_of(store_->cameras().update_camera(camera.id, Tenure{1}, update)), ErrorKind::NotFound);
  EXPECT_EQ(kind_of(store_->cameras().remove_camera(camera.id, Tenure{1}, at(300))), ErrorKind::NotFound);
  EXPECT_EQ(kind_of(store_->cameras().update_camera(numbered<CameraId>(9), Tenure{1}, update)),
            ErrorKind::NotFound);
  EXPECT_EQ(store_->cameras().camera(camera.id).value().name, camera.name);
}

// Each field alone: what another has changed meanwhile stays.
TEST_P(StoreConformance, AnUpdateChangesWhatItNamesAndNothingElse) {
  const Camera added = add_camera(add_home(1), 3);
  Camera expected = added;
  const auto is_set = [&](const CameraUpdate& update) {
    EXPECT_EQ(store_->cameras().update_camera(added.id, added.tenure, update).value(), expected);
    EXPECT_EQ(store_->cameras().camera(added.id).value(), expected);
  };
  expected.privacy = true;
  is_set({.privacy = true});
  is_set({});
  expected.name = "Gate";
  is_set({.name = "Gate"});
  set_access(expected, {.url = "rtsp://192.0.2.7/",
                        .sealed_url = Buffer{1},
                        .sealed_credentials = Buffer{2},
                        .reach = Reach::Network,
                        .sub_url = "rtsp://192.0.2.7/2",
                        .sealed_sub_url = Buffer{3}});
  is_set({.access = AccessChange{access_of(added), access_of(expected)}});
  expected.transport = Transport::Tcp;
  is_set({.transport = Transport::Tcp});
  expected.model = "C1";
  is_set({.model = "C1"});
  expected.firmware = "2.0";
  is_set({.firmware = "2.0"});
  expected.time_zone = "UTC";
  is_set({.time_zone = "UTC"});
  expected.privacy = false;
  is_set({.privacy = false});
}

TEST_P(StoreConformance, AnAccessGivesWayOnlyToOneThatWasMadeFromIt) {
  const Home home = add_home(1);
  const Camera camera = add_camera(home, 3);
  for (int part = 0; part < 6; ++part) {
    AccessChange change{access_of(camera), {"rtsp://192.0.2.9/", {}, {}, Reach::Network}};
    if (part == 0) change.from.url += "x";
    if (part == 1) change.from.sealed_url.push_back(1);
    if (part == 2) change.from.sealed_credentials.push_back(1);
    if (part == 3) change.from.reach = Reach::Network;
    if (part == 4) change.from.sub_url += "x";
    if (part == 5) change.from.sealed_sub_url.push_back(1);
    CameraUpdate update;
    update.privacy = true;
    update.access = change;
    EXPECT_EQ(kind_of(store_->cameras().update_camera(camera.id, Tenure{1}, update)),
              ErrorKind::FailedPrecondition);
    EXPECT_EQ(
        kind_of(store_->cameras().begin_tenure({camera.id, Tenure{2}, home.id, change}, key(8), at(200))),
        ErrorKind::FailedPrecondition);
  }
  EXPECT_EQ(store_->cameras().camera(camera.id).value(), camera);
  EXPECT_EQ(store_->keys().tenure_key(camera.id, Tenure{1}).value(), key(3));
}

TEST_P(StoreConformance, ATenureBeginsWithTheNameAndPrivacyOfThatMoment) {
  const Camera camera = add_camera(add_home(1), 3);
  CameraUpdate update;
  update.name = "Gate";
  update.privacy = true;
  ASSERT_TRUE(store_->cameras().update_camera(camera.id, Tenure{1}, update));
  ASSERT_TRUE(store_->cameras().begin_tenure(next_of(camera, Tenure{2}), key(8), at(200)));
  const Camera next = store_->cameras().camera(camera.id).value();
  EXPECT_EQ(next.name, "Gate");
  EXPECT_TRUE(next.privacy);
}

TEST_P(StoreConformance, ATenureInAnotherHomeBeginsWithNothingOfTheHomeBefore) {
  const Camera camera = add_camera(add_home(1), 3);
  const Home next_home = add_home(4);
  CameraUpdate update;
  update.name = "Anna's bedroom";
  update.model = "C1";
  update.firmware = "2.0";
  update.time_zone = "Europe/Berlin";
  update.privacy = true;
  update.sound = !Camera().sound;
  ASSERT_TRUE(store_->cameras().update_camera(camera.id, Tenure{1}, update));
  NextTenure next = next_of(camera, Tenure{2});
  next.home = next_home.id;
  ASSERT_TRUE(store_->cameras().begin_tenure(next, key(8), at(200)));
  const Camera begun = store_->cameras().camera(camera.id).value();
  Camera expected = camera;
  expected.home = next_home.id;
  expected.tenure = Tenure{2};
  expected.name = "Camera";
  expected.model = expected.firmware = expected.time_zone = "";
  expected.privacy = true;  // nothing is shown before somebody there says so
  expected.sound = Camera().sound;
  EXPECT_EQ(begun, expected);
}

TEST_P(StoreConformance, GivesAGuestCamerasOfTheHomeOnly) {
  const Home home = add_home(1);
  const Account account = add_account(2);
  const Camera here = add_camera(home, 3);
  const Camera elsewhere = add_camera(add_home(4), 5);
  for (const CameraId id : {elsewhere.id, numbered<CameraId>(9)}) {
    EXPECT_EQ(kind_of(store_->people().set_membership({home.id, account.id, Role::Guest, {here.id, id}, {}},
                                                      LastOwner::MayGo)),
              ErrorKind::NotFound);
  }
  EXPECT_EQ(kind_of(store_->people().membership(home.id, account.id)), ErrorKind::NotFound);
}

TEST_P(StoreConformance, NarrowingTakesAwayAndGivesNothing) {
  const Home home = add_home(1);
  const Account account = add_account(2);
  const CameraId a = add_camera(home, 3).id;
  const CameraId b = add_camera(home, 4).id;
  const CameraId c = add_camera(home, 5).id;
  const auto is = [&](Role role, std::vector<CameraId> cameras = {}, std::optional<UtcTime> until = {}) {
    return Membership{home.id, account.id, role, std::move(cameras), until};
  };
  EXPECT_EQ(store_->people().narrow_membership(is(Role::Member), LastOwner::MustStay).value(), std::nullopt);
  EXPECT_EQ(kind_of(store_->people().membership(home.id, account.id)), ErrorKind::NotFound);
  struct Case {
    Membership before, to, after;
  };
  const std::vector<Case> cases = {
      {is(Role::Owner), is(Role::Member), is(Role::Member)},
      {is(Role::Member), is(Role::Owner), is(Role::Member)},
      {is(Role::Member), is(Role::Member), is(Role::Member)},
      {is(Role::Member), is(Role::Guest, {a}, at(500)), is(Role::Guest, {a}, at(500))},
      {is(Role::Guest, {a}, at(500)), is(Role::Member), is(Role::Guest, {a}, at(500))},
      {is(Role::Guest, {a, b}, at(500)), is(Role::Guest, {b, c}, at(400)), is(Role::Guest, {b}, at(400))},
      {is(Role::Guest, {a, b}, at(500)), is(Role::Guest, {a, b}, at(600)), is(Role::Guest, {a, b}, at(500))},
      {is(Role::Guest, {a}), is(Role::Guest, {}, at(600)), is(Role::Guest, {}, at(600))},
      {is(Role::Guest, {a}, at(600)), is(Role::Guest, {a}), is(Role::Guest, {a}, at(600))},
      {is(Role::Member, {}, at(5)), is(Role::Member), is(Role::Member, {}, at(5))},
  };
  for (std::size_t index = 0; index < cases.size(); ++index) {
    const auto& [before, to, after] = cases[index];
    ASSERT_TRUE(store_->people().set_membership(before, LastOwner::MayGo));
    EXPECT_EQ(store_->people().narrow_membership(to, LastOwner::MayGo).value(), after) << index;
    EXPECT_EQ(store_->people().membership(home.id, account.id).value(), after) << index;
  }
  ASSERT_TRUE(store_->people().set_membership(is(Role::Owner), LastOwner::MayGo));
  EXPECT_EQ(kind_of(store_->people().narrow_membership(is(Role::Guest), LastOwner::MustStay)),
            ErrorKind::FailedPrecondition);
  EXPECT_EQ(store_->people().membership(home.id, account.id).value(), is(Role::Owner));
}

TEST_P(StoreConformance, KeepsTheCertificateThatWasMetAtACamerasAddress) {
  const Home home = add_home(1);
  Camera camera = add_camera(home, 3);
  const auto set = [&](Tenure tenure, std::string_view url, const std::string& certificate) {
    return store_->cameras().set_certificate(camera.id, tenure, url, certificate);
  };
  const auto counter = store_->change_counter().value();
  ASSERT_TRUE(set(Tenure{1}, camera.url, std::string(64, 'a')));
  EXPECT_GT(store_->change_counter().value(), counter);
  EXPECT_EQ(kind_of(set(Tenure{2}, camera.url, std::string(64, 'b'))), ErrorKind::NotFound);
  EXPECT_EQ(kind_of(set(Tenure{1}, "rtsps://elsewhere/", std::string(64, 'b'))), ErrorKind::NotFound);
  EXPECT_FALSE(set(Tenure{1}, camera.url, "short").has_value());
  camera.certificate = std::string(64, 'a');
  EXPECT_EQ(store_->cameras().camera(camera.id).value(), camera);
  CameraUpdate update;
  update.transport = Transport::Http;
  update.access = AccessChange{access_of(camera), access_of(camera)};
  update.access->to.certificate = std::string(64, 'c');
  camera.transport = Transport::Http;
  camera.certificate = std::string(64, 'c');
  EXPECT_EQ(store_->cameras().update_camera(camera.id, Tenure{1}, update).value(), camera);
  EXPECT_EQ(store_->cameras().camera(camera.id).value(), camera);
  NextTenure next = next_of(camera, Tenure{2});
  next.access.to.certificate.clear();
  ASSERT_TRUE(store_->cameras().begin_tenure(next, key(8), at(200)));
  camera.tenure = Tenure{2};
  camera.certificate.clear();
  EXPECT_EQ(store_->cameras().camera(camera.id).value(), camera);
}

TEST_P(StoreConformance, ForgetsGuestsOfACameraThatLeft) {
  const Home home = add_home(1);
  const Account account = add_account(2);
  const Camera camera = add_camera(home, 3);
  ASSERT_TRUE(
      store_->people().set_membership({home.id, account.id, Role::Guest, {camera.id}, {}}, LastOwner::MayGo));
  ASSERT_TRUE(store_->cameras().remove_camera(camera.id, Tenure{1}, at(300)));
  EXPECT_TRUE(store_->people().membership(home.id, account.id).value().guest_cameras.empty());
}

TEST_P(StoreConformance, TheFirstKeyOfADayStays) {
  const Home home = add_home(1);
  const Camera camera = add_camera(home, 3);
  EXPECT_EQ(store_->keys().add_day_key(camera.id, Tenure{1}, UtcDay{5}, key(1)).value(), key(1));
  EXPECT_EQ(store_->keys().add_day_key(camera.id, Tenure{1}, UtcDay{5}, key(2)).value(), key(1));
  EXPECT_EQ(store_->keys().add_day_key(camera.id, Tenure{1}, UtcDay{6}, key(2)).value(), key(2));
  ASSERT_TRUE(store_->keys().remove_day_keys_before(UtcDay{6}));
  EXPECT_EQ(kind_of(store_->keys().day_key(camera.id, Tenure{1}, UtcDay{5})), ErrorKind::NotFound);
  EXPECT_EQ(store_->keys().day_key(camera.id, Tenure{1}, UtcDay{6}).value(), key(2));
}

TEST_P(StoreConformance, StoresTheRootCheckOnce) {
  EXPECT_EQ(kind_of(store_->keys().root_check()), ErrorKind::NotFound);
  ASSERT_TRUE(store_->keys().set_root_check(key(4)));
  EXPECT_EQ(kind_of(store_->keys().set_root_check(key(5))), ErrorKind::AlreadyExists);
  EXPECT_EQ(store_->keys().root_check().value(), key(4));
}

TEST_P(StoreConformance, KeepsSessionsUntilTheyEnd) {
  const Account account = add_account(1);
  Session session = add_session(account, 5);
  EXPECT_EQ(store_->sessions().session(session.id).value(), session);
  ASSERT_TRUE(store_->sessions().touch_session(session.id, at(20), at(2000)));
  session.last_used = at(20);
  session.expires = at(2000);
  EXPECT_EQ(store_->sessions().session_by_hash(session.secret_hash).value(), session);
  ASSERT_TRUE(store_->sessions().end_session(session.id, at(30)));
  ASSERT_TRUE(store_->sessions().end_session(session.id, at(40)));
  session.ended = at(30);
  EXPECT_EQ(store_->sessions().session(session.id).value(), session);
  EXPECT_EQ(kind_of(store_->sessions().touch_session(session.id, at(50), at(3000))),
            ErrorKind::FailedPrecondition);
  EXPECT_EQ(kind_of(store_->sessions().session(numbered<SessionId>(9))), ErrorKind::NotFound);
  EXPECT_EQ(kind_of(store_->sessions().session_by_hash({})), ErrorKind::NotFound);
}

TEST_P(StoreConformance, EndsAllSessionsOfOneAccountOnly) {
  const Account account = add_account(1);
  const Account other = add_account(2);
  const Session a = add_session(account, 5);
  const Session b = add_session(account, 6);
  const Session c = add_session(other, 7);
  ASSERT_TRUE(store_->sessions().end_sessions_of(account.id, at(30)));
  EXPECT_TRUE(store_->sessions().session(a.id).value().ended);
  EXPECT_TRUE(store_->sessions().session(b.id).value().ended);
  EXPECT_FALSE(store_->sessions().session(c.id).value().ended);
  ASSERT_TRUE(store_->sessions().remove_sessions_before(at(31)));
  EXPECT_EQ(kind_of(store_->sessions().session(a.id)), ErrorKind::NotFound);
  EXPECT_TRUE(store_->sessions().session(c.id));
  ASSERT_TRUE(store_->sessions().remove_sessions_before(at(1001)));
  EXPECT_EQ(kind_of(store_->sessions().session(c.id)), ErrorKind::NotFound);
}

TEST_P(StoreConformance, ALinkWorksOnce) {
  const Home home = add_home(1);
  const Account account = add_account(2);
  OneTimeLink link{.token_hash = {},
                   .account = account.id,
                   .home = home.id,
                   .purpose = LinkPurpose::FirstPassword,
                   .expires = at(100),
                   .used = std::nullopt};
  link.token_hash.fill(7);
  EXPECT_FALSE(store_->sessions().has_open_link(link.account, at(1)).value());
  ASSERT_TRUE(store_->sessions().add_link(link, at(1)));
  EXPECT_TRUE(store_->sessions().has_open_link(link.account, at(99)).value());
  EXPECT_FALSE(store_->sessions().has_open_link(link.account, at(100)).value());
  EXPECT_FALSE(store_->sessions().has_open_link(AccountId(), at(1)).value());
  EXPECT_EQ(store_->sessions().link(link.token_hash).value(), link);
  EXPECT_EQ(kind_of(store_->sessions().link({})), ErrorKind::NotFound);
  EXPECT_EQ(kind_of(store_->sessions().use_link(link.token_hash, at(100), "late")),
            ErrorKind::FailedPrecondition);
  EXPECT_TRUE(store_->sessions().use_link(link.token_hash, at(99), "first"));
  EXPECT_EQ(kind_of(store_->sessions().use_link(link.token_hash, at(99), "second")),
            ErrorKind::FailedPrecondition);
  EXPECT_EQ(kind_of(store_->sessions().use_link({}, at(99), "third")), ErrorKind::NotFound);
  EXPECT_EQ(store_->people().account(account.id).value().password_hash, "first");
  EXPECT_EQ(store_->sessions().link(link.token_hash).value().used, at(99));
  EXPECT_FALSE(store_->sessions().has_open_link(link.account, at(2)).value());
}

TEST_P(StoreConformance, APasswordThatWasSetEndsTheAccountsOtherLinks) {
  const Home home = add_home(1);
  const Account account = add_account(2);
  const Account other = add_account(3);
  const OneTimeLink mine = link_of(account, home, 7, at(100));
  const OneTimeLink others = link_of(other, home, 8, at(100));
  ASSERT_TRUE(store_->sessions().add_link(mine, at(1)));
  ASSERT_TRUE(store_->sessions().add_link(others, at(1)));
  ASSERT_TRUE(store_->sessions().use_link(mine.token_hash, at(2), "first"));
  const OneTimeLink next = link_of(account, home, 9, at(100));
  ASSERT_TRUE(store_->sessions().add_link(next, at(3)));
  EXPECT_EQ(store_->sessions().link(mine.token_hash).value().used, at(2))
      << "a used one says so until it expires";
  ASSERT_TRUE(store_->sessions().use_link(next.token_hash, at(4), "second"));
  EXPECT_EQ(store_->sessions().link(mine.token_hash).value().used, at(2));
  EXPECT_FALSE(store_->sessions().link(others.token_hash).value().used);
}

TEST_P(StoreConformance, APasswordThatWasSetEndsTheAccountsSessionsWithIt) {
  const Home home = add_home(1);
  const Account account = add_account(2);
  const Session mine = add_session(account, 5);
  const Session others = add_session(add_account(3), 6);
  const OneTimeLink link = link_of(account, home, 7, at(100));
  ASSERT_TRUE(store_->sessions().add_link(link, at(1)));
  ASSERT_TRUE(store_->sessions().use_link(link.token_hash, at(20), "first"));
  EXPECT_EQ(store_->sessions().session(mine.id).value().ended, at(20));
  EXPECT_FALSE(store_->sessions().session(others.id).value().ended);
}

TEST_P(StoreConformance, ANewLinkTakesThePlaceOfTheOldAndOfAllThatHaveExpired) {
  const Home home = add_home(1);
  const Account account = add_account(2);
  const Account other = add_account(3);
  const OneTimeLink old = link_of(account, home, 7, at(100));
  const OneTimeLink kept = link_of(other, home, 8, at(100));
  const OneTimeLink expired = link_of(add_account(4), home, 9, at(50));
  for (const OneTimeLink& link : {old, kept, expired}) ASSERT_TRUE(store_->sessions().add_link(link, at(1)));
  ASSERT_TRUE(store_->sessions().add_link(link_of(account, home, 10, at(200)), at(50)));
  EXPECT_EQ(kind_of(store_->sessions().link(old.token_hash)), ErrorKind::NotFound);
  EXPECT_EQ(kind_of(store_->sessions().link(expired.token_hash)), ErrorKind::NotFound);
  EXPECT_EQ(store_->sessions().link(kept.token_hash).value(), kept);
}

TEST_P(StoreConformance, TheLastOwnerStaysWhenTheyMust) {
  const Home home = add_home(1);
  const Account anna = add_account(2);
  const Account ben = add_account(3);
  const auto is = [&](const Account& who, Role role, LastOwner last_owner) {
    return store_->people().set_membership({home.id, who.id, role, {}, {}}, last_owner);
  };
  ASSERT_TRUE(is(ben, Role::Member, LastOwner::MustStay)) << "a home that has no owner yet";
  ASSERT_TRUE(is(anna, Role::Owner, LastOwner::MustStay));
  EXPECT_EQ(kind_of(is(anna, Role::Member, LastOwner::MustStay)), ErrorKind::FailedPrecondition);
  EXPECT_EQ(kind_of(store_->people().remove_membership(home.id, anna.id, LastOwner::MustStay)),
            ErrorKind::FailedPrecondition);
  EXPECT_EQ(store_->people().membership(home.id, anna.id).value().role, Role::Owner);
  EXPECT_TRUE(store_->people().remove_membership(home.id, ben.id, LastOwner::MustStay));
  ASSERT_TRUE(is(ben, Role::Owner, LastOwner::MustStay));
  EXPECT_TRUE(is(anna, Role::Guest, LastOwner::MustStay));
  EXPECT_TRUE(store_->people().remove_membership(home.id, ben.id, LastOwner::MayGo));
}

TEST_P(StoreConformance, OfTwoOwnersWhoLeaveAtOnceOneStays) {
  const Home home = add_home(1);
  const std::array<Account, 2> owners = {add_account(2), add_account(3)};
  for (int turn = 0; turn < 20; ++turn) {
    for (const Account& owner : owners)
      ASSERT_TRUE(
          store_->people().set_membership({home.id, owner.id, Role::Owner, {}, {}}, LastOwner::MayGo));
    std::atomic<int> left{0};
    std::vector<std::thread> leaving;
    leaving.reserve(owners.size());
    for (const Account& owner : owners) {
      leaving.emplace_back([&] {
        left += store_->people().remove_membership(home.id, owner.id, LastOwner::MustStay) ? 1 : 0;
      });
    }
    for (std::thread& thread : leaving) thread.join();
    ASSERT_EQ(left, 1);
  }
}

TEST_P(StoreConformance, KeepsSuspensions) {
  const Suspension model{SuspensionKind::Model, "C1", "shows strangers", at(1)};
  const Suspension door{SuspensionKind::Door, "whep", "under repair", at(2)};
  ASSERT_TRUE(store_->suspensions().suspend(model));
  ASSERT_TRUE(store_->suspensions().suspend({SuspensionKind::Door, "whep", "first words", at(1)}));
  ASSERT_TRUE(store_->suspensions().suspend(door));
  EXPECT_EQ(store_->suspensions().suspensions().value(), (std::vector{door, model}));
  ASSERT_TRUE(store_->suspensions().lift(SuspensionKind::Model, "C1"));
  EXPECT_EQ(kind_of(store_->suspensions().lift(SuspensionKind::Model, "C1")), ErrorKind::NotFound);
  EXPECT_EQ(store_->suspensions().suspensions().value(), std::vector{door});
}

TEST_P(StoreConformance, StandingHoldsWhatAGrantDependsOn) {
  const Home home = add_home(1);
  const Account account = add_account(2);
  const Account stranger = add_account(3);
  const Camera camera = add_camera(home, 4);
  const Session session = add_session(account, 5);
  const Session of_stranger = add_session(stranger, 6);
  const Membership membership{home.id, account.id, Role::Member, {}, {}};
  ASSERT_TRUE(store_->people().set_membership(membership, LastOwner::MayGo));

  const Standing standing = store_->standing(session.id, camera.id, "whep").value();
  EXPECT_EQ(standing.session, session);
  EXPECT_EQ(standing.camera, camera);
  EXPECT_EQ(standing.membership, membership);
  EXPECT_TRUE(standing.suspensions.empty());

  EXPECT_FALSE(store_->standing(of_stranger.id, camera.id, "whep").value().membership);
  const Standing nothing = store_->standing(numbered<SessionId>(9), numbered<CameraId>(9), "whep").value();
  EXPECT_FALSE(nothing.session || nothing.camera || nothing.membership);
}

TEST_P(StoreConformance, StandingHoldsTheSuspensionsThatTouchTheCameraOrTheDoor) {
  const Home home = add_home(1);
  const Account account = add_account(2);
  const Camera camera = add_camera(home, 4);
  const Session session = add_session(account, 5);
  const std::vector<Suspension> touching = {{SuspensionKind::Camera, camera.id.to_string(), "c", at(1)},
                                            {SuspensionKind::Door, "whep", "d", at(1)},
                                            {SuspensionKind::Firmware, "Model 1.2", "f", at(1)},
                                            {SuspensionKind::Home, home.id.to_string(), "h", at(1)},
                                            {SuspensionKind::Model, "Model", "m", at(1)}};
  for (const Suspension& suspension : touching) ASSERT_TRUE(store_->suspensions().suspend(suspension));
  for (const SuspensionKind kind : {SuspensionKind::Camera, SuspensionKind::Home, SuspensionKind::Model,
                                    SuspensionKind::Firmware, SuspensionKind::Door}) {
    ASSERT_TRUE(store_->suspensions().suspend({kind, "another", "x", at(1)}));
  }
  EXPECT_EQ(store_->standing(session.id, camera.id, "whep").value().suspensions.size(), touching.size());
  EXPECT_EQ(store_->standing(session.id, camera.id, "hls").value().suspensions.size(), touching.size() - 1);
}

TEST_P(StoreConformance, ChangeCounterGrowsWithWhatGrantsDependOn) {
  std::uint64_t last = store_->change_counter().value();
  const auto grew = [&] { return std::exchange(last, store_->change_counter().value()) < last; };
  EXPECT_FALSE(grew());
  const Home home = add_home(1);
  EXPECT_TRUE(grew());
  const Account account = add_account(2);
  const Camera camera = add_camera(home, 4);
  EXPECT_TRUE(grew());
  ASSERT_TRUE(store_->people().set_membership({home.id, account.id, Role::Member, {}, {}}, LastOwner::MayGo));
  EXPECT_TRUE(grew());
  const Session session = add_session(account, 5);
  static_cast<void>(grew());
  ASSERT_TRUE(store_->sessions().touch_session(session.id, at(1), at(2)));
  EXPECT_FALSE(grew()) << "using a session must not set off a check of all viewings";
  ASSERT_TRUE(store_->sessions().end_session(session.id, at(30)));
  EXPECT_TRUE(grew());
  ASSERT_TRUE(store_->suspensions().suspend({SuspensionKind::Door, "whep", "", at(1)}));
  EXPECT_TRUE(grew());
  ASSERT_TRUE(store_->people().remove_membership(home.id, account.id, LastOwner::MayGo));
  EXPECT_TRUE(grew());
}

TEST_P(StoreConformance, IsSafeFromManyThreads) {
  const Home home = add_home(1);
  const Camera camera = add_camera(home, 2);
  std::vector<std::thread> threads;
  threads.reserve(8);
  for (std::uint8_t number = 0; number < 8; ++number) {
    threads.emplace_back([this, number, &home, &camera] {
      for (std::uint8_t turn = 0; turn < 10; ++turn) {
        Camera own = camera_in(home, 0);
        own.id.bytes = {number, turn, 1};
        EXPECT_TRUE(store_->cameras().add_camera(own, key(number), at(1)));
        EXPECT_TRUE(store_->standing({}, camera.id, "whep").value().camera);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(store_->cameras().cameras_of(home.id).value().size(), 81U);
}

}  // namespace jalousie::registry
