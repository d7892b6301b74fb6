#include "keeper/sign_in.h"

#include <thread>

#include "base/limits.h"
#include "keeper/attempts.h"
#include "keeper/fixture.h"
#include "keeper/hash_gate.h"
#include "keeper/password_rules.h"

namespace jalousie::keeper {

namespace {

class ZeroRandom final : public RandomSource {
 public:
  void fill(MutableBytes target) override { std::ranges::fill(target, std::uint8_t{0}); }
};

Endpoint address(std::uint8_t last) { return Endpoint::v4({192, 0, 2, last}, 1234); }

}  // namespace

class SignInTest : public KeeperTest {
 protected:
  SignInTest() : home_(home()), anna_(person("Anna", home_)) {}

  Result<SignInOutcome> enter(std::string_view name, std::string_view password, std::uint8_t from = 1) {
    return desk_->sign_in(name, password, address(from));
  }
  static bool is_in(const Result<SignInOutcome>& outcome) {
    return outcome && std::holds_alternative<SignedIn>(*outcome);
  }
  static bool must_wait(const Result<SignInOutcome>& outcome) {
    return outcome && std::holds_alternative<TooManyAttempts>(*outcome);
  }

  static constexpr std::string_view kRight = "a fine password of Anna";
  HomeId home_;
  Person anna_;
};

TEST_F(SignInTest, TheRightPasswordOpensASession) {
  const auto outcome = enter("ANNA", kRight);
  ASSERT_TRUE(is_in(outcome));
  const auto& signed_in = std::get<SignedIn>(*outcome);
  EXPECT_EQ(signed_in.cookie.size(), 43U);
  const Principal principal = desk_->authenticate(signed_in.cookie).value();
  EXPECT_EQ(principal.account, anna_.account);
  EXPECT_EQ(principal.session, signed_in.principal.session);
  EXPECT_EQ(desk_->account(principal).value().name, "Anna");
  EXPECT_FALSE(desk_->account(principal).value().password_hash);
  EXPECT_EQ(ledger_.of(ledger::EntryKind::SignIn).back().detail, "password");
}

TEST_F(SignInTest, WrongUnknownAndUnsetSoundTheSame) {
  ASSERT_TRUE(book_->create_account("Unset"));
  const auto wrong = enter("Anna", "a wrong password");
  const auto unknown = enter("Nobody", "a wrong password");
  const auto unset = enter("Unset", "");
  for (const auto* outcome : {&wrong, &unknown, &unset}) {
    ASSERT_FALSE(*outcome);
    EXPECT_EQ(outcome->error().kind(), ErrorKind::Unauthenticated);
    EXPECT_EQ(outcome->error().message(), wrong.error().message());
  }
}

// Whoever is asked for, one password is verified, against a hash of the same cost. That of nobody has to be
// one that would be computed: all of it but the result is what hashing at that cost gives.
TEST_F(SignInTest, AnUnknownNameCostsTheSameHashAsAWrongPassword) {
  constexpr crypto::Argon2Cost kCost{.memory_kib = 128, .passes = 2};
  std::vector<std::string> verified;
  keeper_ = Keeper::create({*store_, ledger_, clock_, random_, metrics_, kCost,
                            [&](const std::string& hash, std::string_view password) {
                              verified.push_back(hash);
                              return crypto::verify_password(hash, password);
                            }},
                           root_key(1))
                .value();
  book_ = &keeper_->household();
  desk_ = &keeper_->sign_in();
  ASSERT_TRUE(desk_->use_link(desk_->create_link(anna_.account, home_).value(), kRight, Endpoint()));
  ASSERT_TRUE(book_->create_account("Unset"));
  for (const std::string_view name : {"Anna", "Nobody", "Unset"})
    EXPECT_FALSE(enter(name, "a wrong password")) << name;
  ASSERT_EQ(verified.size(), 3U);
  EXPECT_EQ(verified[0], store_->people().account(anna_.account).value().password_hash);

  ZeroRandom zeros;
  const std::string computed = crypto::hash_password("x", zeros, kCost).value();
  const std::size_t result = computed.rfind('$') + 1;
  for (const std::string& nobodys : {verified[1], verified[2]}) {
    EXPECT_EQ(nobodys.substr(0, result), computed.substr(0, result));
    EXPECT_EQ(nobodys.size(), computed.size());
    EXPECT_EQ(nobodys.find_first_not_of('A', result), nobodys.npos);
  }
  EXPECT_TRUE(verified[0].starts_with(computed.substr(0, computed.find("p=1$") + 4)));
}

TEST_F(SignInTest, ACookieIsGoodForThirtyDaysFromItsLastUse) {
  for (int turn = 0; turn < 4; ++turn) {
    clock_.advance(kSessionLasts - Seconds(1));
    ASSERT_TRUE(desk_->authenticate(anna_.cookie)) << turn;
  }
  clock_.advance(kSessionLasts);
  EXPECT_EQ(desk_->authenticate(anna_.cookie).error().kind(), ErrorKind::Unauthenticated);
}

TEST_F(SignInTest, WhatIsNoCookieIsNobody) {
  for (const std::string& cookie :
       {std::string(), std::string("x"), std::string(43, 'A'), std::string(43, '!'), anna_.cookie + "=",
        anna_.cookie.substr(1), std::string(100'000, 'A')}) {
    EXPECT_EQ(desk_->authenticate(cookie).error().kind(), ErrorKind::Unauthenticated);
  }
}

TEST_F(SignInTest, SigningOutEndsOneSessionAndEverywhereEndsAll) {
  const auto second = std::get<SignedIn>(enter("Anna", kRight).value());
  ASSERT_TRUE(desk_->sign_out(anna_.principal));
  EXPECT_FALSE(desk_->authenticate(anna_.cookie));
  EXPECT_TRUE(desk_->authenticate(second.cookie));
  const auto third = std::get<SignedIn>(enter("Anna", kRight).value());
  ASSERT_TRUE(desk_->sign_out_everywhere(second.principal));
  EXPECT_FALSE(desk_->authenticate(second.cookie));
  EXPECT_FALSE(desk_->authenticate(third.cookie));
}

TEST_F(SignInTest, ALinkSetsThePasswordOnce) {
  const AccountId account = book_->create_account("Ben").value();
  const std::string token = desk_->create_link(account, home_).value();
  EXPECT_EQ(desk_->look_up_link(token, address(1)).value().account.name, "Ben");
  EXPECT_EQ(desk_->look_up_link(token, address(1)).value().home.name, "Home");
  EXPECT_EQ(desk_->use_link(token, "short", address(1)).error().kind(), ErrorKind::InvalidArgument);
  const auto signed_in = desk_->use_link(token, "long enough for Ben", address(1)).value();
  EXPECT_TRUE(desk_->authenticate(signed_in.cookie));
  EXPECT_TRUE(is_in(enter("Ben", "long enough for Ben")));
  EXPECT_EQ(desk_->use_link(token, "long enough for Eve", address(1)).error().kind(), ErrorKind::NotFound);
  EXPECT_EQ(desk_->look_up_link(token, address(1)).error().kind(), ErrorKind::NotFound);
  EXPECT_EQ(desk_->look_up_link("no such token", address(1)).error().message(),
            desk_->look_up_link(token, address(1)).error().message());
}

TEST_F(SignInTest, ANewLinkTakesThePlaceOfTheOld) {
  const std::string old = desk_->create_link(anna_.account, home_).value();
  const std::string latest = desk_->create_link(anna_.account, home_).value();
  EXPECT_EQ(desk_->use_link(old, "long enough for Eve", address(1)).error().kind(), ErrorKind::NotFound);
  EXPECT_TRUE(desk_->use_link(latest, "long enough for Anna", address(1)));
  EXPECT_EQ(desk_->use_link(old, "long enough for Eve", address(1)).error().kind(), ErrorKind::NotFound);
}

TEST_F(SignInTest, ALinkExpires) {
  const std::string token = desk_->create_link(anna_.account, home_).value();
  clock_.advance(kLinkLasts);
  EXPECT_EQ(desk_->use_link(token, "long enough for Anna", address(1)).error().kind(), ErrorKind::NotFound);
}

TEST_F(SignInTest, ANewPasswordEndsTheSessionsOfTheOld) {
  const std::string token = desk_->create_link(anna_.account, home_).value();
  ASSERT_TRUE(desk_->use_link(token, "another fine password", address(1)));
  EXPECT_FALSE(desk_->authenticate(anna_.cookie));
  EXPECT_FALSE(is_in(enter("Anna", kRight)));
  EXPECT_TRUE(is_in(enter("Anna", "another fine password")));
}

// The password is changed, because a stranger knows it, while the stranger's is being verified.
TEST_F(SignInTest, APasswordThatIsChangedWhileItIsVerifiedOpensNothing) {
  const std::string token = desk_->create_link(anna_.account, home_).value();
  keeper_ = Keeper::create({*store_,
                            ledger_,
                            clock_,
                            random_,
                            metrics_,
                            {.memory_kib = 64, .passes = 1},
                            [&](const std::string& hash, std::string_view password) {
                              EXPECT_TRUE(desk_->use_link(token, "another fine password", address(2)));
                              return crypto::verify_password(hash, password);
                            }},
                           root_key(1))
                .value();
  desk_ = &keeper_->sign_in();
  EXPECT_EQ(enter("Anna", kRight).error().kind(), ErrorKind::Unauthenticated);
  const SessionId latest = ledger_.of(ledger::EntryKind::SignIn).back().session;
  EXPECT_TRUE(store_->sessions().session(latest).value().ended);
}

TEST_F(SignInTest, ANameThatFailedTooOftenWaitsWhateverTheAddress) {
  for (std::uint8_t turn = 0; turn < 6; ++turn) ASSERT_FALSE(enter("Anna", "wrong password", turn));
  const auto now = enter("Anna", kRight, 99);
  ASSERT_TRUE(must_wait(now));
  EXPECT_EQ(std::get<TooManyAttempts>(*now).retry_after, Seconds(1));
  EXPECT_TRUE(must_wait(enter("aNNa", kRight, 98))) << "a name is the same in any case";
  EXPECT_FALSE(must_wait(enter("Ben", "x", 97))) << "others are not kept waiting";
  clock_.advance(Seconds(1));
  EXPECT_TRUE(is_in(enter("Anna", kRight, 99)));
  EXPECT_FALSE(enter("Anna", "wrong password", 99)) << "forgotten by success: the next failure is the first";
}

TEST_F(SignInTest, NoSecretStandsInTheRegistryInTheClear) {
  const auto session = store_->sessions().session(anna_.principal.session).value();
  EXPECT_EQ(anna_.cookie.find(std::string(as_text(session.secret_hash))), std::string::npos);
  const auto account = store_->people().account(anna_.account).value();
  EXPECT_TRUE(account.password_hash->starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
}

class AttemptsTest : public testing::Test {
 protected:
  FakeClock clock_;
  Attempts attempts_{clock_};
};

TEST_F(AttemptsTest, WaitsDoubleUpToAMinuteForANameAndAQuarterOfAnHourForAnAddress) {
  Seconds longest{0};
  for (int turn = 0; turn < 40; ++turn) {
    if (const auto wait =
            attempts_.begin("Anna", Endpoint::v4({10, 0, 0, static_cast<std::uint8_t>(turn)}, 1))) {
      longest = std::max(longest, *wait);
      clock_.advance(*wait);
      ASSERT_FALSE(attempts_.begin("Anna", Endpoint::v4({10, 0, 1, static_cast<std::uint8_t>(turn)}, 1)));
    }
  }
  EXPECT_EQ(longest, Seconds(60));
  longest = Seconds(0);
  for (int turn = 0; turn < 80; ++turn) {
    if (const auto wait = attempts_.begin("Name " + std::to_string(turn), address(7))) {
      longest = std::max(longest, *wait);
      clock_.advance(*wait);
    }
  }
  EXPECT_EQ(longest, Seconds(15 * 60));
}

TEST_F(AttemptsTest, IsForgottenAnHourAfterTheLastFailure) {
  for (int turn = 0; turn < 6; ++turn) attempts_.begin("Anna", address(1));
  EXPECT_TRUE(attempts_.begin("Anna", address(1)));
  clock_.advance(Attempts::kForgetAfter);
  for (int turn = 0; turn < 6; ++turn) EXPECT_FALSE(attempts_.begin("Anna", address(1)));
}

TEST_F(AttemptsTest, ManyAtOnceCountBeforeTheyAreDecided) {
  int begun = 0;
  for (int turn = 0; turn < 100; ++turn)
    begun += attempts_.begin("Anna", address(static_cast<std::uint8_t>(turn))) ? 0 : 1;
  EXPECT_EQ(begun, 6);
}

TEST_F(AttemptsTest, AHostHasItsWholeIpv6Prefix) {
  const auto host = [](std::uint8_t last) {
    return Endpoint::v6({0x20, 1, 0xd, 0xb8, 0, 0, 0, 1, 9, 9, 9, 9, 9, 9, 9, last}, 1);
  };
  for (std::uint8_t turn = 0; turn < 21; ++turn)
    EXPECT_FALSE(attempts_.begin("Name " + std::to_string(turn), host(turn)));
  EXPECT_TRUE(attempts_.begin("Another", host(200)));
}

TEST_F(AttemptsTest, HoldsABoundedNumberOfNames) {
  for (int turn = 0; turn < 6; ++turn) attempts_.begin("Anna", address(1));
  for (std::uint32_t turn = 0; turn < Attempts::kEntries; ++turn) {
    attempts_.begin("Name " + std::to_string(turn),
                    Endpoint::v4({static_cast<std::uint8_t>(turn >> 16), static_cast<std::uint8_t>(turn >> 8),
                                  static_cast<std::uint8_t>(turn), 1},
                                 1));
  }
  EXPECT_FALSE(attempts_.begin("Anna", address(1))) << "the oldest made room";
}

TEST(HashGate, LetsTwoRunAndEightWait) {
  HashGate gate;
  auto first = std::make_unique<HashGate::Turn>(gate.enter().value());
  auto second = std::make_unique<HashGate::Turn>(gate.enter().value());
  std::atomic<int> served{0};
  std::vector<std::thread> waiting;
  waiting.reserve(kHashesWaiting);
  for (std::size_t count = 0; count < kHashesWaiting; ++count) {
    waiting.emplace_back([&] {
      const auto turn = gate.enter();
      served += turn ? 1 : 0;
    });
  }
  while (!gate.is_full()) std::this_thread::yield();
  EXPECT_EQ(gate.enter().error().kind(), ErrorKind::Unavailable);
  EXPECT_EQ(served, 0);
  first.reset();
  second.reset();
  for (std::thread& thread : waiting) thread.join();
  EXPECT_EQ(served, 8);
  EXPECT_FALSE(gate.is_full());
}

TEST(PasswordRules, TakeLengthAndRefuseTheWellKnown) {
  EXPECT_TRUE(check_password("correct horse", "Anna"));
  EXPECT_TRUE(check_password(
      "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", "Anna"));
  EXPECT_FALSE(
      check_password("\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", "Anna"));
  EXPECT_FALSE(check_password("ninechars", "Anna"));
  EXPECT_FALSE(check_password("Password123", "Anna"));
  EXPECT_FALSE(check_password("1234567890", "Anna"));
  EXPECT_FALSE(check_password("annabelle anna", "Annabelle Anna"));
  EXPECT_FALSE(check_password(std::string(kPasswordBytes + 1, 'x'), "Anna"));
  EXPECT_FALSE(check_password("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "Anna"));
  EXPECT_FALSE(check_password("", "Anna"));
}

}  // namespace jalousie::keeper
