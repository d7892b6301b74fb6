#include "keeper/keeper.h"

#include <fstream>
#include <thread>

#include "base/limits.h"
#include "keeper/fixture.h"

namespace jalousie::keeper {

using ledger::EntryKind;
using registry::Role;

TEST_F(KeeperTest, AGrantOpensWhatTheCamerasSealersSealed) {
  const HomeId in = home();
  const auto of = camera(in);
  const Person owner = person("Anna", in);
  auto main = keeper_->sealer(of.id, of.tenure, StreamId::Main).value();
  auto sub = keeper_->sealer(of.id, of.tenure, StreamId::Sub).value();
  auto granted = grant(owner.principal, of.id).value();
  EXPECT_EQ(granted.label, (seal::Label{in, of.id, Tenure{1}}));
  EXPECT_EQ(granted.lease_until, clock_.steady() + kLease);
  EXPECT_EQ(opened(granted.openers.at(StreamId::Main), sealed(main, "main")), "main");
  EXPECT_EQ(opened(granted.openers.at(StreamId::Sub), sealed(sub, "sub")), "sub");
  EXPECT_EQ(opened(granted.openers.at(StreamId::Sub), sealed(main, "main")), "wrong_label");
  EXPECT_EQ(keeper_->viewings(), 1U);
}

TEST_F(KeeperTest, AGrantOfOneCameraOpensNoOther) {
  const HomeId in = home();
  const auto front = camera(in, "Front");
  const auto back = camera(in, "Back");
  const Person owner = person("Anna", in);
  auto sealer = keeper_->sealer(back.id, back.tenure, StreamId::Main).value();
  auto granted = grant(owner.principal, front.id).value();
  EXPECT_EQ(opened(granted.openers.at(StreamId::Main), sealed(sealer, "back")), "wrong_label");
}

// A GOP of 30 s that began before the change of epochs, and a lease that outlasts the next one.
TEST_F(KeeperTest, KeysReachOverTheChangeOfEpochs) {
  const HomeId in = home();
  const auto of = camera(in);
  const Person owner = person("Anna", in);
  auto sealer = keeper_->sealer(of.id, of.tenure, StreamId::Main).value();
  const std::int64_t into = to_us(clock_.utc()) % seal::kEpochUs;
  clock_.advance(Microseconds(seal::kEpochUs - into) - Seconds(15));
  const auto before = sealed(sealer, "before");
  clock_.advance(Seconds(20));
  auto late = grant(owner.principal, of.id).value();
  EXPECT_EQ(opened(late.openers.at(StreamId::Main), before), "before");
  const auto after = sealed(sealer, "after");
  ASSERT_NE(before->header().epoch, after->header().epoch);
  EXPECT_EQ(opened(late.openers.at(StreamId::Main), after), "after");
  clock_.advance(Microseconds(seal::kEpochUs) - Seconds(10));
  auto early = grant(owner.principal, of.id).value();
  clock_.advance(Seconds(30));
  EXPECT_EQ(opened(early.openers.at(StreamId::Main), sealed(sealer, "next")), "next");
}

TEST_F(KeeperTest, KeysReachOverMidnight) {
  const HomeId in = home();
  const auto of = camera(in);
  const Person owner = person("Anna", in);
  auto sealer = keeper_->sealer(of.id, of.tenure, StreamId::Main).value();
  const std::int64_t day = std::int64_t{86'400} * 1'000'000;
  clock_.advance(Microseconds(day - to_us(clock_.utc()) % day) - Seconds(10));
  ASSERT_TRUE(keeper_->tick());
  const auto before = sealed(sealer, "before");
  auto granted = grant(owner.principal, of.id).value();
  clock_.advance(Seconds(20));
  ASSERT_TRUE(keeper_->tick());
  EXPECT_EQ(opened(granted.openers.at(StreamId::Main), before), "before");
  EXPECT_EQ(opened(granted.openers.at(StreamId::Main), sealed(sealer, "after")), "after");
}

TEST_F(KeeperTest, ARenewalBringsTheKeysOfTheNextEpochs) {
  const HomeId in = home();
  const auto of = camera(in);
  const Person owner = person("Anna", in);
  auto sealer = keeper_->sealer(of.id, of.tenure, StreamId::Main).value();
  auto granted = grant(owner.principal, of.id).value();
  for (int turn = 0; turn < 120; ++turn) {
    clock_.advance(kRenewEvery);
    ASSERT_TRUE(keeper_->tick());
    auto renewal = keeper_->renew(granted.viewing).value();
    EXPECT_EQ(renewal.lease_until, clock_.steady() + kLease);
    granted.openers.at(StreamId::Main).renew(std::move(renewal.keys.at(StreamId::Main)));
    ASSERT_EQ(opened(granted.openers.at(StreamId::Main), sealed(sealer, "x")), "x") << turn;
  }
  EXPECT_EQ(ledger_.of(EntryKind::Renewal).size(), 120U);
  EXPECT_TRUE(revocations_.reasons.empty());
}

TEST_F(KeeperTest, WhatIsNotTheirsIsNotThere) {
  const HomeId in = home();
  const auto of = camera(in);
  const Person stranger = person("Eve", home("Other"));
  const auto theirs = grant(stranger.principal, of.id);
  const auto nothing = grant(stranger.principal, CameraId::random(random_));
  ASSERT_FALSE(theirs || nothing);
  EXPECT_EQ(theirs.error().kind(), ErrorKind::NotFound);
  EXPECT_EQ(nothing.error().kind(), ErrorKind::NotFound);
  EXPECT_EQ(theirs.error().message(), nothing.error().message());
  EXPECT_EQ(keeper_->viewings(), 0U);
  EXPECT_TRUE(ledger_.of(EntryKind::Grant).empty());
}

// What an answer takes says nothing either.
TEST_F(KeeperTest, WhatIsNotTheirsTakesTheStepsOfWhatIsNotThere) {
  const HomeId in = home();
  const auto of = camera(in);
  const Person stranger = person("Eve", home("Other"));
  const Person guest = person("Gil", in, Role::Guest);
  const auto steps = [&](const Person& who, CameraId asked) {
    std::vector<std::string> calls;
    breakable_.calls = &calls;
    EXPECT_EQ(grant(who.principal, asked).error().kind(), ErrorKind::NotFound);
    calls.emplace_back("the page");
    EXPECT_EQ(book_->camera(who.principal, asked).error().kind(), ErrorKind::NotFound);
    breakable_.calls = nullptr;
    return calls;
  };
  const auto of_nothing = steps(stranger, CameraId::random(random_));
  EXPECT_EQ(of_nothing, (std::vector<std::string>{"standing", "the page", "standing"}));
  EXPECT_EQ(steps(stranger, of.id), of_nothing);
  EXPECT_EQ(steps(guest, of.id), of_nothing);
  EXPECT_TRUE(ledger_.of(EntryKind::Grant).empty());
}

TEST_F(KeeperTest, WithoutASessionNothingIsGranted) {
  const HomeId in = home();
  const auto of = camera(in);
  const Person owner = person("Anna", in);
  const Person member = person("Ben", in, Role::Member);
  Principal mixed = owner.principal;
  mixed.session = member.principal.session;
  EXPECT_EQ(grant(mixed, of.id).error().kind(), ErrorKind::Unauthenticated);
  clock_.advance(kSessionLasts + Seconds(1));
  EXPECT_EQ(grant(owner.principal, of.id).error().kind(), ErrorKind::Unauthenticated);
}

TEST_F(KeeperTest, AGuestSeesTheirCamerasUntilTheirDate) {
  const HomeId in = home();
  const auto shown = camera(in, "Garden");
  const auto hidden = camera(in, "Bedroom");
  const Person guest = person("Gil", in, Role::Guest, {shown.id}, clock_.utc() + Seconds(90));
  EXPECT_EQ(grant(guest.principal, hidden.id).error().kind(), ErrorKind::NotFound);
  const auto granted = grant(guest.principal, shown.id).value();
  clock_.advance(Seconds(50));
  ASSERT_TRUE(keeper_->renew(granted.viewing));
  clock_.advance(Seconds(39));
  ASSERT_TRUE(keeper_->tick());
  EXPECT_TRUE(revocations_.reasons.empty());
  clock_.advance(Seconds(1));
  ASSERT_TRUE(keeper_->tick());
  EXPECT_EQ(revocations_.reasons, std::vector{EndReason::RightsChanged});
  EXPECT_EQ(grant(guest.principal, shown.id).error().kind(), ErrorKind::NotFound);
}

// Every cause, one after the other: the viewing concerned ends at once, with its reason, and nobody else's
// does.
TEST_F(KeeperTest, EachCauseRevokesTheViewingsItConcernsAtOnce) {
  const HomeId in = home();
  const Person other = person("Olga", in, Role::Member);
  const auto untouched = camera(in, "Untouched");
  Revocations others;
  ASSERT_TRUE(keeper_->grant({other.principal, untouched.id, "whep"}, others.call()));
  struct Cause {
    EndReason reason;
    std::function<Result<>(const Person&, const registry::Camera&)> act;
  };
  const std::vector<Cause> causes = {
      {EndReason::SignedOut, [&](const Person& who, const auto&) { return desk_->sign_out(who.principal); }},
      {EndReason::SignedOut,
       [&](const Person& who, const auto&) { return desk_->sign_out_everywhere(who.principal); }},
      {EndReason::RightsChanged,
       [&](const Person& who, const auto&) { return book_->remove_member(kOperator, in, who.account); }},
      {EndReason::RightsChanged,
       [&](const Person& who, const auto&) {
         return book_->set_member(kOperator, {in, who.account, Role::Guest, {}, {}});
       }},
      {EndReason::CameraRemoved,
       [&](const Person&, const auto& of) { return book_->remove_camera(kOperator, of.id); }},
      {EndReason::TenureEnded,
       [&](const Person&, const auto& of) -> Result<> {
         TRY_VOID(book_->begin_tenure(of.id, in));
         return {};
       }},
      {EndReason::TenureEnded,
       [&](const Person&, const auto& of) -> Result<> {
         TRY_VOID(book_->begin_tenure(of.id, home("New")));
         return {};
       }},
      {EndReason::Suspended,
       [&](const Person&, const auto& of) {
         return book_->suspend(registry::SuspensionKind::Camera, of.id.to_string(), "test");
       }},
      {EndReason::PrivacyOn,
       [&](const Person&, const auto& of) -> Result<> {
         CameraChange change;
         change.privacy = true;
         TRY_VOID(book_->change_camera(kOperator, of.id, change));
         return {};
       }},
  };
  int number = 0;
  for (const Cause& cause : causes) {
    const Person who = person("Person " + std::to_string(++number), in, Role::Member);
    const auto of = camera(in);
    Revocations revoked;
    const auto granted = keeper_->grant({who.principal, of.id, "whep"}, revoked.call());
    ASSERT_TRUE(granted) << granted.error().message();
    const auto acted = cause.act(who, of);
    ASSERT_TRUE(acted) << acted.error().message();
    EXPECT_EQ(revoked.reasons, std::vector{cause.reason}) << "cause " << number;
    EXPECT_EQ(keeper_->renew(granted->viewing).error().kind(), ErrorKind::NotFound);
    ASSERT_TRUE(keeper_->tick());
    keeper_->end(granted->viewing, 7, 70);
    EXPECT_EQ(revoked.reasons.size(), 1U);
    EXPECT_EQ(ledger_.of(EntryKind::End).back().detail, to_string(cause.reason));
    EXPECT_EQ(ledger_.of(EntryKind::End).back().frames, 7U);
  }
  EXPECT_TRUE(others.reasons.empty());
  EXPECT_EQ(keeper_->viewings(), 1U);
}

TEST_F(KeeperTest, SuspensionsAndPrivacySayWhy) {
  const HomeId in = home();
  const auto of = camera(in);
  const Person owner = person("Anna", in);
  ASSERT_TRUE(book_->suspend(registry::SuspensionKind::Door, "whep", "under repair"));
  const auto suspended = grant(owner.principal, of.id);
  EXPECT_EQ(suspended.error().kind(), ErrorKind::FailedPrecondition);
  EXPECT_NE(suspended.error().message().find("under repair"), std::string::npos);
  ASSERT_TRUE(book_->lift(registry::SuspensionKind::Door, "whep"));
  EXPECT_TRUE(grant(owner.principal, of.id));
}

TEST_F(KeeperTest, AModelThatTurnsOutToBeSuspendedIsSwitchedOff) {
  const HomeId in = home();
  const auto of = camera(in);
  const Person owner = person("Anna", in);
  ASSERT_TRUE(
      store_->suspensions().suspend({registry::SuspensionKind::Firmware, "C1 2.0", "leaks", clock_.utc()}));
  ASSERT_TRUE(grant(owner.principal, of.id));
  ASSERT_TRUE(book_->note_facts(of.id, of.tenure, {"C1", "1.9", ""}));
  EXPECT_TRUE(revocations_.reasons.empty());
  ASSERT_TRUE(book_->note_facts(of.id, of.tenure, {"C1", "2.0", ""}));
  EXPECT_EQ(revocations_.reasons, std::vector{EndReason::Suspended});
}

TEST_F(KeeperTest, AChangeByAnotherProcessIsFollowedAtTheNextTick) {
  const HomeId in = home();
  const auto of = camera(in);
  const Person owner = person("Anna", in);
  auto sealer = keeper_->sealer(of.id, of.tenure, StreamId::Main).value();
  ASSERT_TRUE(grant(owner.principal, of.id));
  ASSERT_TRUE(keeper_->tick());
  const auto command_line = registry::SqliteStore::open(folder_.file("registry.db")).value();
  ASSERT_TRUE(command_line->cameras().remove_camera(of.id, of.tenure, clock_.utc()));
  EXPECT_TRUE(revocations_.reasons.empty());
  ASSERT_TRUE(keeper_->tick());
  EXPECT_EQ(revocations_.reasons, std::vector{EndReason::CameraRemoved});
  EXPECT_EQ(sealer.seal(seal::BlockKind::Video, 0, clock_.utc(), as_bytes("x")).error().kind(),
            ErrorKind::FailedPrecondition);
}

TEST_F(KeeperTest, ALeaseThatIsNotRenewedEnds) {
  const HomeId in = home();
  const auto of = camera(in);
  const Person owner = person("Anna", in);
  const auto granted = grant(owner.principal, of.id).value();
  clock_.advance(kLease - Microseconds(1));
  ASSERT_TRUE(keeper_->tick());
  EXPECT_TRUE(revocations_.reasons.empty());
  clock_.advance(Microseconds(1));
  ASSERT_TRUE(keeper_->tick());
  EXPECT_EQ(revocations_.reasons, std::vector{EndReason::LeaseLost});
  EXPECT_FALSE(keeper_->renew(granted.viewing));
  clock_.advance(kLease);
  ASSERT_TRUE(keeper_->tick());
  ASSERT_EQ(ledger_.of(EntryKind::End).size(), 1U)
      << "one that never says what it showed is closed all the same";
}

TEST_F(KeeperTest, NoKeyLeavesBeforeTheLedgersEntry) {
  const HomeId in = home();
  const auto of = camera(in);
  const Person owner = person("Anna", in);
  ledger_.broken = true;
  const auto refused = grant(owner.principal, of.id);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::Unavailable);
  EXPECT_EQ(keeper_->viewings(), 0U);
  ledger_.broken = false;
  const auto granted = grant(owner.principal, of.id).value();
  ASSERT_EQ(ledger_.of(EntryKind::Grant).size(), 1U);
  const ledger::Entry entry = ledger_.of(EntryKind::Grant).front();
  EXPECT_EQ(entry.home, in);
  EXPECT_EQ(entry.camera, of.id);
  EXPECT_EQ(entry.tenure, of.tenure);
  EXPECT_EQ(entry.account, owner.account);
  EXPECT_EQ(entry.session, owner.principal.session);
  EXPECT_EQ(entry.viewing, granted.viewing);
  EXPECT_EQ(entry.door, "whep");
  ledger_.broken = true;
  EXPECT_EQ(keeper_->renew(granted.viewing).error().kind(), ErrorKind::Unavailable);
  EXPECT_TRUE(revocations_.reasons.empty()) << "the lease still holds: the renewal is tried again";
}

// The change comes after the registry was asked and before the keys leave.
TEST_F(KeeperTest, ARightThatIsTakenWhileAGrantIsMadeIsNotGranted) {
  const HomeId in = home();
  const auto of = camera(in);
  const Person owner = person("Anna", in);
  ledger_.before_append = [&] { ASSERT_TRUE(book_->remove_member(kOperator, in, owner.account)); };
  const auto refused = grant(owner.principal, of.id);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind(), ErrorKind::NotFound);
  EXPECT_TRUE(revocations_.reasons.empty());
  EXPECT_EQ(keeper_->viewings(), 0U);
}

TEST_F(KeeperTest, ATransferWhileAGrantIsMadeIsNotGranted) {
  const HomeId in = home();
  const auto of = camera(in);
  const Person owner = person("Anna", in);
  const HomeId next = home("Next");
  ledger_.before_append = [&] { ASSERT_TRUE(book_->begin_tenure(of.id, next)); };
  EXPECT_EQ(grant(owner.principal, of.id).error().kind(), ErrorKind::NotFound);
}

TEST_F(KeeperTest, ARefusedBlockIsAnAlarmAndEndsTheViewing) {
  const HomeId in = home();
  const auto of = camera(in);
  const Person owner = person("Anna", in);
  auto sealer = keeper_->sealer(of.id, of.tenure, StreamId::Main).value();
  const auto granted = grant(owner.principal, of.id).value();
  const auto block = sealed(sealer, "secret");
  keeper_->refused(granted.viewing, seal::Refusal::WrongLabel, block->header());
  EXPECT_EQ(revocations_.reasons, std::vector{EndReason::Refused});
  ASSERT_EQ(ledger_.of(EntryKind::Refusal).size(), 1U);
  const ledger::Entry alarm = ledger_.of(EntryKind::Refusal).front();
  EXPECT_EQ(alarm.home, in);
  EXPECT_TRUE(alarm.detail.starts_with("wrong_label home=" + in.to_string())) << alarm.detail;
  EXPECT_NE(metrics_.prometheus_text().find("jalousie_keeper_refusals_total{wall=\"wrong_label\"} 1"),
            std::string::npos);
  EXPECT_EQ(keeper_->renew(granted.viewing).error().kind(), ErrorKind::NotFound);
}

TEST_F(KeeperTest, ASessionHoldsABoundedNumberOfViewings) {
  const HomeId in = home();
  const auto of = camera(in);
  const Person owner = person("Anna", in);
  ViewingId last;
  for (std::size_t count = 0; count < limits::kViewingsPerSession; ++count)
    last = grant(owner.principal, of.id).value().viewing;
  EXPECT_EQ(grant(owner.principal, of.id).error().kind(), ErrorKind::ResourceExhausted);
  keeper_->end(last, 0, 0);
  EXPECT_TRUE(grant(owner.principal, of.id));
}

TEST_F(KeeperTest, AHomeHoldsABoundedNumberOfViewings) {
  const HomeId in = home();
  const auto of = camera(in);
  std::size_t granted = 0;
  for (int number = 0; granted < limits::kViewingsPerHome; ++number) {
    const Person who = person("Person " + std::to_string(number), in);
    for (std::size_t count = 0; count < limits::kViewingsPerSession && granted < limits::kViewingsPerHome;
         ++count, ++granted) {
      ASSERT_TRUE(grant(who.principal, of.id));
    }
  }
  EXPECT_EQ(grant(person("Last", in).principal, of.id).error().kind(), ErrorKind::ResourceExhausted);
  const HomeId other = home("Other");
  EXPECT_TRUE(grant(person("Olga", other).principal, camera(other).id));
}

TEST_F(KeeperTest, ASealerIsMadeForTheCurrentTenureOnlyAndStopsWithIt) {
  const HomeId in = home();
  const auto of = camera(in);
  auto sealer = keeper_->sealer(of.id, of.tenure, StreamId::Main).value();
  sealed(sealer, "x");
  EXPECT_EQ(keeper_->sealer(of.id, Tenure{2}, StreamId::Main).error().kind(), ErrorKind::NotFound);
  EXPECT_EQ(keeper_->sealer(CameraId::random(random_), Tenure{1}, StreamId::Main).error().kind(),
            ErrorKind::NotFound);
  const Tenure next = book_->begin_tenure(of.id, in).value();
  EXPECT_EQ(sealer.seal(seal::BlockKind::Video, 0, clock_.utc(), as_bytes("x")).error().kind(),
            ErrorKind::FailedPrecondition);
  EXPECT_FALSE(keeper_->sealer(of.id, of.tenure, StreamId::Main));
  auto renewed = keeper_->sealer(of.id, next, StreamId::Main).value();
  EXPECT_TRUE(renewed.seal(seal::BlockKind::Video, 0, clock_.utc(), as_bytes("x")));
}

TEST_F(KeeperTest, NumbersOfASecondSealerFollowThoseOfTheFirstEvenWhenTheClockStepsBack) {
  const auto of = camera(home());
  auto first = keeper_->sealer(of.id, of.tenure, StreamId::Main).value();
  const auto before = sealed(first, "x");
  clock_.step_utc(-Seconds(3600));
  auto second = keeper_->sealer(of.id, of.tenure, StreamId::Main).value();
  EXPECT_GT(sealed(second, "x")->header().sequence, before->header().sequence);
}

TEST_F(KeeperTest, CredentialsGoToTheCamerasIngestAlone) {
  const HomeId in = home();
  const auto of = camera(in);
  const Person owner = person("Anna", in);
  EXPECT_TRUE(of.sealed_credentials.empty());
  EXPECT_TRUE(book_->camera(owner.principal, of.id).value().sealed_credentials.empty());
  EXPECT_TRUE(book_->cameras(owner.principal, in).value().front().sealed_credentials.empty());
  const auto source = keeper_->camera_source(of.id, of.tenure).value();
  EXPECT_EQ(source.url, "rtsp://192.0.2.1/main");
  EXPECT_EQ(source.credentials.username(), "user");
  EXPECT_EQ(source.credentials.password(), "camera secret");
  EXPECT_EQ(keeper_->camera_source(of.id, Tenure{2}).error().kind(), ErrorKind::NotFound);
  EXPECT_FALSE(is_on_disk("camera secret"));
}

// Many cameras want their password in the URL itself.
TEST_F(KeeperTest, SecretsInAnAddressAreSealedAndGoToIngestAlone) {
  const HomeId in = home();
  const Person owner = person("Anna", in);
  const std::string urls[] = {"rtsp://192.0.2.1/live?user=admin&password=hunter2",
                              "rtsp://192.0.2.1/user=admin_password=hunter2_channel=1_stream=0.sdp"};
  for (const std::string& url : urls) {
    const auto of = book_->add_camera(owner.principal, in, {"Door", url, {}, {}}).value();
    const auto seen = book_->camera(owner.principal, of.id).value();
    for (const registry::Camera& shown : {of, seen, store_->cameras().camera(of.id).value()}) {
      EXPECT_EQ(shown.url.find("hunter2"), std::string::npos);
      EXPECT_TRUE(shown.url.starts_with("rtsp://192.0.2.1/"));
    }
    EXPECT_TRUE(seen.sealed_url.empty());
    EXPECT_EQ(keeper_->camera_source(of.id, of.tenure).value().url, url);
    CameraChange name;
    name.name = "Gate";
    ASSERT_TRUE(book_->change_camera(owner.principal, of.id, name));
    EXPECT_EQ(keeper_->camera_source(of.id, of.tenure).value().url, url) << "a new name changes no address";
    const Tenure reset = book_->begin_tenure(of.id, in).value();
    EXPECT_EQ(keeper_->camera_source(of.id, reset).value().url, url);
    const Tenure transferred = book_->begin_tenure(of.id, home("New")).value();
    EXPECT_EQ(keeper_->camera_source(of.id, transferred).value().url.find("hunter2"), std::string::npos)
        << "who hands a camera over keeps its password";
  }
  CameraChange to;
  to.url = "rtsp://192.0.2.9/live?password=hunter2";
  const auto moved = camera(in);
  EXPECT_EQ(book_->change_camera(owner.principal, moved.id, to).value().url, "rtsp://192.0.2.9/live");
  EXPECT_EQ(keeper_->camera_source(moved.id, moved.tenure).value().url, *to.url);
  EXPECT_FALSE(is_on_disk("hunter2"));
}

TEST_F(KeeperTest, OnlyOwnersChangeAHomeAndItAlwaysHasOne) {
  const HomeId in = home();
  const auto of = camera(in);
  const Person owner = person("Anna", in);
  const Person member = person("Ben", in, Role::Member);
  const Person guest = person("Gil", in, Role::Guest);
  const Person stranger = person("Eve", home("Other"));
  const NewCamera added{"New", "rtsp://192.0.2.9/", {}, {}};
  EXPECT_EQ(book_->add_camera(member.principal, in, added).error().kind(), ErrorKind::PermissionDenied);
  EXPECT_EQ(book_->add_camera(stranger.principal, in, added).error().kind(), ErrorKind::NotFound);
  EXPECT_TRUE(book_->add_camera(owner.principal, in, added));
  CameraChange change;
  change.name = "Mine";
  EXPECT_EQ(book_->change_camera(member.principal, of.id, change).error().kind(),
            ErrorKind::PermissionDenied);
  EXPECT_EQ(book_->change_camera(guest.principal, of.id, change).error().kind(), ErrorKind::NotFound);
  EXPECT_EQ(book_->change_camera(stranger.principal, of.id, change).error().kind(), ErrorKind::NotFound);
  EXPECT_EQ(book_->remove_camera(stranger.principal, of.id).error().kind(), ErrorKind::NotFound);
  EXPECT_EQ(book_->remove_camera(member.principal, of.id).error().kind(), ErrorKind::PermissionDenied);
  EXPECT_EQ(book_->remove_member(member.principal, in, owner.account).error().kind(),
            ErrorKind::PermissionDenied);
  EXPECT_EQ(book_->remove_member(owner.principal, in, owner.account).error().kind(),
            ErrorKind::FailedPrecondition);
  EXPECT_EQ(book_->set_member(owner.principal, {in, owner.account, Role::Member, {}, {}}).error().kind(),
            ErrorKind::FailedPrecondition);
  EXPECT_TRUE(book_->set_member(owner.principal, {in, member.account, Role::Owner, {}, {}}));
  EXPECT_TRUE(book_->remove_member(member.principal, in, owner.account));
  EXPECT_EQ(book_->cameras(guest.principal, in).value().size(), 0U);
  EXPECT_EQ(book_->cameras(stranger.principal, in).error().kind(), ErrorKind::NotFound);
  EXPECT_EQ(book_->homes(stranger.principal).value().size(), 1U);
}

TEST_F(KeeperTest, AGuestIsGivenCamerasOfTheirHomeOnly) {
  const HomeId in = home();
  const Person owner = person("Anna", in);
  const auto elsewhere = camera(home("Other"));
  const AccountId guest = book_->create_account("Gil").value();
  EXPECT_EQ(book_->set_member(owner.principal, {in, guest, Role::Guest, {elsewhere.id}, {}}).error().kind(),
            ErrorKind::NotFound);
}

TEST_F(KeeperTest, FieldsAreCheckedByName) {
  const HomeId in = home();
  const auto said = [&](const NewCamera& camera) {
    const auto added = book_->add_camera(kOperator, in, camera);
    EXPECT_FALSE(added);
    return added ? std::string() : added.error().message();
  };
  EXPECT_TRUE(said({"", "rtsp://h/", {}, {}}).starts_with("name: "));
  EXPECT_TRUE(said({"  ", "rtsp://h/", {}, {}}).starts_with("name: "));
  EXPECT_TRUE(said({std::string(101, 'x'), "rtsp://h/", {}, {}}).starts_with("name: "));
  EXPECT_TRUE(said({"two\nlines", "rtsp://h/", {}, {}}).starts_with("name: "));
  EXPECT_TRUE(said({"\xff", "rtsp://h/", {}, {}}).starts_with("name: "));
  EXPECT_TRUE(said({"Door", "http://h/", {}, {}}).starts_with("url: "));
  EXPECT_TRUE(said({"Door", "rtsp:///", {}, {}}).starts_with("url: "));
  EXPECT_TRUE(said({"Door", "rtsp://user:secret@h/", {}, {}}).starts_with("url: "));
  EXPECT_EQ(said({"Door", "rtsp://user:secret@h/", {}, {}}).find("secret"), std::string::npos);
  EXPECT_TRUE(said({"Door", "rtsp://h/\r\nX: y", {}, {}}).starts_with("url: "));
  EXPECT_FALSE(book_->create_home("Home", "blue"));
}

TEST_F(KeeperTest, RefusesARootKeyThatDoesNotFitTheData) {
  const HomeId in = home();
  const auto of = camera(in);
  const auto wrong = Keeper::create({*store_, ledger_, clock_, random_, metrics_, {}}, root_key(2));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().kind(), ErrorKind::FailedPrecondition);
  EXPECT_NE(wrong.error().message().find("not the one"), std::string::npos);
  start();
  EXPECT_EQ(keeper_->camera_source(of.id, of.tenure).value().credentials.password(), "camera secret");
}

TEST_F(KeeperTest, GrantsRevocationsAndTicksFromManyThreads) {
  const HomeId in = home();
  const auto of = camera(in);
  std::vector<Person> people;
  for (int number = 0; number < 4; ++number)
    people.push_back(person("Person " + std::to_string(number), in, Role::Member));
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (const Person& who : people) {
    threads.emplace_back([&, principal = who.principal] {
      while (!stop) {
        if (auto granted = grant(principal, of.id)) keeper_->end(granted->viewing, 1, 1);
      }
    });
  }
  for (int turn = 0; turn < 4; ++turn) {
    for (const Person& who : people) {
      ASSERT_TRUE(book_->remove_member(kOperator, in, who.account));
      ASSERT_TRUE(book_->set_member(kOperator, {in, who.account, Role::Member, {}, {}}));
      ASSERT_TRUE(keeper_->tick());
    }
  }
  for (const Person& who : people) ASSERT_TRUE(book_->remove_member(kOperator, in, who.account));
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(keeper_->viewings(), 0U);
}

}  // namespace jalousie::keeper
