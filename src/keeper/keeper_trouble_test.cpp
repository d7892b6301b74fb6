#include <array>
#include <functional>

#include "keeper/fixture.h"
#include "keeper/key_chest.h"

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

TEST_F(KeeperTest, ARightThatIsTakenIsGoneBeforeTheLedgerIsWaitedFor) {
  const HomeId in = home();
  const std::vector<std::function<Result<>(const Person&, const registry::Camera&)>> causes = {
      [&](const Person& who, const auto&) { return book_->remove_member(kOperator, in, who.account); },
      [&](const Person&, const auto& of) { return book_->remove_camera(kOperator, of.id); },
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
  int number = 0;
  for (const auto& cause : causes) {
    const Person who = person("Person " + std::to_string(++number), in, Role::Member);
    const auto of = camera(in);
    Revocations revoked;
    ASSERT_TRUE(keeper_->grant({who.principal, of.id, "whep"}, revoked.call()));
    std::size_t by_then = 0;
    ledger_.before_append = [&] { by_then = revoked.reasons.size(); };
    ASSERT_TRUE(cause(who, of));
    EXPECT_FALSE(ledger_.before_append) << "it is in the ledger";
    EXPECT_EQ(by_then, 1U) << "cause " << number;
  }
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
  // Anna's leaving was allowed and is being written while Ben's is asked for.
  ledger_.before_append = [&] { ASSERT_TRUE(book_->remove_member(ben.principal, in, ben.account)); };
  const auto demoted = book_->set_member(anna.principal, {in, anna.account, Role::Member, {}, {}});
  ASSERT_FALSE(demoted);
  EXPECT_EQ(demoted.error().kind(), ErrorKind::FailedPrecondition);
  EXPECT_EQ(store_->people().membership(in, anna.account).value().role, Role::Owner);
}

}  // namespace jalousie::keeper
