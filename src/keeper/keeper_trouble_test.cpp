#include <array>
#include <functional>

#include "keeper/fixture.h"
#include "keeper/key_chest.h"
#include "keeper/late_entries.h"

// What must hold while something else fails, or happens at the same time.

namespace jalousie::keeper {

using ledger::EntryKind;
using registry::Role;

// Nothing reports either yet: it would look as if the cameras were switched off.
TEST_F(KeeperTest, NoModelOrFirmwareIsSuspendedThatNobodyReports) {
  for (const auto kind : {registry::SuspensionKind::Model, registry::SuspensionKind::Firmware}) {
    const auto suspended = book_->suspend(kind, "C1 2.0", "leaks");
    ASSERT_FALSE(suspended);
    EXPECT_EQ(suspended.error().kind(), ErrorKind::Unsupported);
  }
  EXPECT_TRUE(store_->suspensions().suspensions().value().empty());
  EXPECT_TRUE(ledger_.of(EntryKind::RightsChange).empty());
}

TEST_F(KeeperTest, CamerasThatCannotBeReadKeepNoViewingAlive) {
  const HomeId in = home();
  const auto of = camera(in);
  const Person removed = person("Anna", in, Role::Member);
  const Person silent = person("Ben", in, Role::Member);
  ASSERT_TRUE(grant(removed.principal, of.id));
  clock_.advance(Seconds(30));
  Revocations lapsed;
  ASSERT_TRUE(keeper_->grant({silent.principal, of.id, "whep"}, lapsed.call()));
  breakable_.of_cameras.broken = true;
  ASSERT_TRUE(store_->people().remove_membership(in, removed.account, registry::LastOwner::MayGo));
  EXPECT_EQ(keeper_->tick().error().kind(), ErrorKind::DataLoss);
  EXPECT_EQ(revocations_.reasons, std::vector{EndReason::RightsChanged});
  clock_.advance(kLease);
  EXPECT_EQ(keeper_->tick().error().kind(), ErrorKind::DataLoss) << "what failed is tried again";
  EXPECT_EQ(lapsed.reasons, std::vector{EndReason::LeaseLost});
  breakable_.of_cameras.broken = false;
  EXPECT_TRUE(keeper_->tick());
}

TEST_F(KeeperTest, OneViewingThatCannotBeCheckedKeepsNoOtherAlive) {
  const HomeId in = home();
  const auto of = camera(in);
  std::vector<Person> people;
  for (int number = 0; number < 6; ++number)
    people.push_back(person("Person " + std::to_string(number), in, Role::Member));
  for (const Person& who : people) {
    for (int count = 0; count < 3; ++count) ASSERT_TRUE(grant(who.principal, of.id));
  }
  breakable_.broken_session = people[3].principal.session;
  CameraChange change;
  change.privacy = true;
  EXPECT_EQ(book_->change_camera(kOperator, of.id, change).error().kind(), ErrorKind::DataLoss);
  EXPECT_EQ(revocations_.reasons.size(), 15U);
  breakable_.broken_session.reset();
  EXPECT_TRUE(keeper_->tick());
  EXPECT_EQ(revocations_.reasons.size(), 18U);
}

// Every way to take a right away, from a person of `in` or a camera there.
class TakingRights : public KeeperTest {
 protected:
  using Cause = std::function<Result<>(const Person&, const registry::Camera&)>;
  std::vector<Cause> causes() {
    return {
        [&](const Person& who, const auto&) { return book_->remove_member(kOperator, in_, who.account); },
        [&](const Person& who, const auto&) {
          return book_->set_member(kOperator, {in_, who.account, Role::Guest, {}, {}});
        },
        [&](const Person&, const auto& of) { return book_->remove_camera(kOperator, of.id); },
        [&](const Person&, const auto& of) -> Result<> {
          TRY_VOID(book_->begin_tenure(of.id, in_));
          return {};
        },
        [&](const Person&, const auto& of) {
          return book_->suspend(registry::SuspensionKind::Camera, of.id.to_string(), "test");
        },
        [&](const Person&, const auto& of) -> Result<> {
          CameraChange change;
          change.privacy = true;
          TRY_VOID(book_->change_camera(kOperator, of.id, change));
          return {};
        },
    };
  }
  HomeId in_ = home();
};

TEST_F(TakingRights, IsDoneBeforeTheLedgerIsWaitedFor) {
  int number = 0;
  for (const auto& cause : causes()) {
    const Person who = person("Person " + std::to_string(++number), in_, Role::Member);
    const auto of = camera(in_);
    Revocations revoked;
    ASSERT_TRUE(keeper_->grant({who.principal, of.id, "whep"}, revoked.call()));
    std::size_t by_then = 0;
    ledger_.before_append = [&] { by_then = revoked.reasons.size(); };
    ASSERT_TRUE(cause(who, of));
    EXPECT_FALSE(ledger_.before_append) << "it is in the ledger";
    EXPECT_EQ(by_then, 1U) << "cause " << number;
  }
}

TEST_F(TakingRights, IsDoneWhenTheLedgerCannotBeWrittenAndWrittenLater) {
  auto all = causes();
  all.emplace_back([&](const Person& who, const auto&) { return desk_->sign_out(who.principal); });
  all.emplace_back([&](const Person& who, const auto&) { return desk_->sign_out_everywhere(who.principal); });
  int number = 0;
  for (const auto& cause : all) {
    const Person who = person("Person " + std::to_string(++number), in_, Role::Member);
    const auto of = camera(in_);
    Revocations revoked;
    const auto granted = keeper_->grant({who.principal, of.id, "whep"}, revoked.call()).value();
    ledger_.broken = true;
    EXPECT_TRUE(cause(who, of)) << "cause " << number;
    EXPECT_EQ(revoked.reasons.size(), 1U) << "cause " << number;
    keeper_->end(granted.viewing, 7, 70);
    ASSERT_TRUE(keeper_->tick());
    ledger_.broken = false;
  }
  const auto changes = ledger_.of(EntryKind::RightsChange).size();
  EXPECT_TRUE(ledger_.of(EntryKind::End).empty());
  const std::string failed = "jalousie_keeper_ledger_failures_total " + std::to_string(6 + all.size());
  EXPECT_NE(metrics_.prometheus_text().find(failed), std::string::npos) << metrics_.prometheus_text();
  ASSERT_TRUE(keeper_->tick());
  EXPECT_EQ(ledger_.of(EntryKind::RightsChange).size(), changes + 6);
  EXPECT_EQ(ledger_.of(EntryKind::End).size(), all.size());
  ASSERT_TRUE(keeper_->tick());
  EXPECT_EQ(ledger_.of(EntryKind::RightsChange).size(), changes + 6) << "once";
  EXPECT_NE(metrics_.prometheus_text().find("jalousie_keeper_ledger_missing 0"), std::string::npos);
}

// A tick is what revocations by another process wait for.
TEST_F(TakingRights, WritesWhatIsMissingFromTheLedgerAFewAtATime) {
  const auto of = camera(in_);
  CameraChange change;
  ledger_.broken = true;
  for (std::size_t number = 0; number < 2 * LateEntries::kAtOnce + 1; ++number) {
    change.name = "Door " + std::to_string(number);
    ASSERT_TRUE(book_->change_camera(kOperator, of.id, change));
  }
  ledger_.broken = false;
  const auto before = ledger_.of(EntryKind::RightsChange).size();
  for (const std::size_t written : {LateEntries::kAtOnce, 2 * LateEntries::kAtOnce,
                                    2 * LateEntries::kAtOnce + 1, 2 * LateEntries::kAtOnce + 1}) {
    ASSERT_TRUE(keeper_->tick());
    EXPECT_EQ(ledger_.of(EntryKind::RightsChange).size(), before + written);
  }
  EXPECT_NE(metrics_.prometheus_text().find("jalousie_keeper_ledger_missing 0"), std::string::npos);
}

// One camera for another: the one goes, the other waits for the ledger.
TEST_F(TakingRights, IsDoneWhereTheSameChangeGivesSomethingToo) {
  const auto taken = camera(in_, "Taken");
  const auto given = camera(in_, "Given");
  const Person guest = person("Gil", in_, Role::Guest, {taken.id});
  ASSERT_TRUE(grant(guest.principal, taken.id));
  const registry::Membership wanted{in_, guest.account, Role::Guest, {given.id}, {}};
  ledger_.broken = true;
  EXPECT_EQ(book_->set_member(kOperator, wanted).error().kind(), ErrorKind::Unavailable);
  EXPECT_EQ(revocations_.reasons, std::vector{EndReason::RightsChanged});
  EXPECT_EQ(store_->people().membership(in_, guest.account).value().guest_cameras, std::vector<CameraId>());
  ledger_.broken = false;
  ASSERT_TRUE(keeper_->tick());
  EXPECT_TRUE(ledger_.of(EntryKind::RightsChange)
                  .back()
                  .detail.ends_with(" is guest of 0 cameras until further notice"));
  ASSERT_TRUE(book_->set_member(kOperator, wanted));
  EXPECT_TRUE(grant(guest.principal, given.id));
}

TEST_F(KeeperTest, WhatGivesARightIsNotDoneWithoutTheLedger) {
  const HomeId in = home();
  const auto of = camera(in);
  const Person guest = person("Gil", in, Role::Guest, {of.id}, clock_.utc() + Seconds(60));
  const AccountId nobody = book_->create_account("Nora").value();
  const auto until = [&](Microseconds later) {
    return registry::Membership{in, guest.account, Role::Guest, {of.id}, clock_.utc() + later};
  };
  CameraChange privacy;
  privacy.privacy = true;
  const auto hidden = camera(in);
  ASSERT_TRUE(book_->change_camera(kOperator, hidden.id, privacy));
  privacy.privacy = false;
  ASSERT_TRUE(book_->suspend(registry::SuspensionKind::Door, "hls", "test"));
  const HomeId next = home("Next");
  ledger_.broken = true;
  EXPECT_FALSE(book_->set_member(kOperator, {in, nobody, Role::Guest, {}, {}}));
  EXPECT_FALSE(book_->set_member(kOperator, {in, guest.account, Role::Member, {}, {}}));
  EXPECT_FALSE(book_->set_member(kOperator, until(Seconds(61))));
  EXPECT_FALSE(book_->change_camera(kOperator, hidden.id, privacy));
  EXPECT_FALSE(book_->lift(registry::SuspensionKind::Door, "hls"));
  EXPECT_FALSE(book_->begin_tenure(of.id, next));
  EXPECT_EQ(store_->people().members_of(in).value(), std::vector{until(Seconds(60))});
  EXPECT_TRUE(store_->cameras().camera(hidden.id).value().privacy);
  EXPECT_EQ(store_->suspensions().suspensions().value().size(), 1U);
  EXPECT_EQ(store_->cameras().camera(of.id).value().home, in);
}

// Ingest maps the camera's clock on its own: it goes on where it was when the wall clock is set.
TEST_F(KeeperTest, KeysReachWhatIsBeingSealedAfterTheWallClockWasSet) {
  const HomeId in = home();
  const auto of = camera(in);
  const Person owner = person("Anna", in);
  auto sealer = keeper_->sealer(of.id, of.tenure, StreamId::Main).value();
  ASSERT_TRUE(keeper_->tick());
  const auto sealed_at = [&](UtcTime capture) {
    return sealer.seal(seal::BlockKind::Video, seal::kFlagKeyFrame, capture, as_bytes("x")).value();
  };
  const UtcTime capture = clock_.utc();
  ASSERT_TRUE(sealed_at(capture));
  for (const Microseconds step : {Seconds(3600), Seconds(-7200), Seconds(3 * 86'400)}) {
    clock_.step_utc(step);
    ASSERT_TRUE(keeper_->tick());
    auto granted = grant(owner.principal, of.id).value();
    EXPECT_EQ(opened(granted.openers.at(StreamId::Main), sealed_at(capture)), "x");
    auto renewal = keeper_->renew(granted.viewing).value();
    granted.openers.at(StreamId::Main).renew(std::move(renewal.keys.at(StreamId::Main)));
    EXPECT_EQ(opened(granted.openers.at(StreamId::Main), sealed_at(capture)), "x");
    EXPECT_EQ(opened(granted.openers.at(StreamId::Main), sealed_at(capture + Seconds(600))), "x");
    EXPECT_EQ(sealed_at(capture)->header().epoch, seal::epoch_of(capture));
    keeper_->end(granted.viewing, 0, 0);
  }
}

TEST_F(KeeperTest, AnOpenerGetsTheKeysAroundNowAndAroundWhatIsSealedOnce) {
  const HomeId in = home();
  const auto of = camera(in);
  const auto chest = KeyChest::open(*store_, random_, root_key(1)).value();
  const seal::StreamLabel label{{in, of.id, of.tenure}, StreamId::Sub};
  const std::uint32_t now = seal::epoch_of(clock_.utc());
  const auto epochs = [&] {
    std::vector<std::uint32_t> found;
    for (const auto& key : chest->opener_keys(label, clock_.utc()).value()->keys)
      found.push_back(key.epoch());
    return found;
  };
  using Epochs = std::vector<std::uint32_t>;
  EXPECT_EQ(epochs(), (Epochs{now - 1, now, now + 1}));
  auto sealed = chest->sealed_epochs(label.label);
  sealed->note(StreamId::Main, now + 50);
  EXPECT_EQ(epochs(), (Epochs{now - 1, now, now + 1})) << "another stream's";
  sealed->note(StreamId::Sub, now + 1);
  EXPECT_EQ(epochs(), (Epochs{now - 1, now, now + 1, now + 2}));
  sealed->note(StreamId::Sub, now - 9);
  EXPECT_EQ(epochs(), (Epochs{now - 10, now - 9, now - 8, now - 1, now, now + 1}));
  sealed->note(StreamId::Sub, now + 20);
  sealed->note(StreamId::Sub, now + 20);
  EXPECT_EQ(epochs(), (Epochs{now - 9, now - 1, now, now + 1, now + 19, now + 20, now + 21}))
      << "the ring still holds pictures of the epoch before";
  sealed.reset();
  EXPECT_EQ(epochs(), (Epochs{now - 1, now, now + 1})) << "nothing is sealed any more";
}

TEST_F(KeeperTest, ADateEndsAnyMembershipAndOnlyAGuestIsGivenOne) {
  const HomeId in = home();
  const auto of = camera(in);
  const Person member = person("Ben", in, Role::Member);
  const auto said = [&](const registry::Membership& membership) {
    const auto set = book_->set_member(kOperator, membership);
    EXPECT_FALSE(set);
    return set ? std::string() : std::string(to_string(set.error().kind())) + " " + set.error().message();
  };
  const std::string invalid(to_string(ErrorKind::InvalidArgument));
  for (const Role role : {Role::Owner, Role::Member}) {
    EXPECT_TRUE(said({in, member.account, role, {}, clock_.utc()}).starts_with(invalid + " guest_until: "));
    EXPECT_TRUE(said({in, member.account, role, {of.id}, {}}).starts_with(invalid + " guest_cameras: "));
  }
  ASSERT_TRUE(store_->people().set_membership(
      {in, member.account, Role::Member, {}, clock_.utc() + Seconds(10)}, registry::LastOwner::MayGo));
  ASSERT_TRUE(grant(member.principal, of.id));
  clock_.advance(Seconds(10));
  EXPECT_EQ(grant(member.principal, of.id).error().kind(), ErrorKind::NotFound);
  EXPECT_EQ(book_->camera(member.principal, of.id).error().kind(), ErrorKind::NotFound);
  ASSERT_TRUE(keeper_->tick());
  EXPECT_EQ(revocations_.reasons, std::vector{EndReason::RightsChanged});
}

// The guest's date is brought forward between a renewal's look into the registry and its answer.
TEST_F(KeeperTest, ADateThatIsBroughtForwardDuringARenewalEndsTheViewingThen) {
  const HomeId in = home();
  const auto of = camera(in);
  const Person guest = person("Gil", in, Role::Guest, {of.id}, clock_.utc() + Seconds(3600));
  const auto granted = grant(guest.principal, of.id).value();
  ASSERT_TRUE(keeper_->tick());
  breakable_.after_standing = [&] {
    ASSERT_TRUE(
        book_->set_member(kOperator, {in, guest.account, Role::Guest, {of.id}, clock_.utc() + Seconds(5)}));
    ASSERT_TRUE(keeper_->tick());
  };
  ASSERT_TRUE(keeper_->renew(granted.viewing));
  clock_.advance(Seconds(5));
  ASSERT_TRUE(keeper_->tick());
  EXPECT_EQ(revocations_.reasons, std::vector{EndReason::RightsChanged});
}

TEST_F(KeeperTest, ATenureThatBeginsWhileAllAreCheckedIsNotEnded) {
  const HomeId in = home();
  const auto of = camera(in);
  std::optional<seal::Sealer> sealer;
  breakable_.of_cameras.after_read = [&] {
    const Tenure next = book_->begin_tenure(of.id, in).value();
    sealer.emplace(keeper_->sealer(of.id, next, StreamId::Main).value());
  };
  ASSERT_TRUE(keeper_->tick());
  ASSERT_TRUE(sealer);
  EXPECT_TRUE(sealer->seal(seal::BlockKind::Video, 0, clock_.utc(), as_bytes("x")));
}

TEST_F(KeeperTest, OfTwoOwnersWhoRemoveEachOtherAtOnceOneStays) {
  const HomeId in = home();
  const Person anna = person("Anna", in);
  const Person ben = person("Ben", in);
  // Anna was found to be an owner, of two, when Ben leaves.
  breakable_.of_people.after_membership = [&] {
    ASSERT_TRUE(book_->remove_member(ben.principal, in, ben.account));
  };
  const auto demoted = book_->set_member(anna.principal, {in, anna.account, Role::Member, {}, {}});
  ASSERT_FALSE(demoted);
  EXPECT_EQ(demoted.error().kind(), ErrorKind::FailedPrecondition);
  EXPECT_EQ(store_->people().membership(in, anna.account).value().role, Role::Owner);
}

}  // namespace jalousie::keeper
