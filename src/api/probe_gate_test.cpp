#include "api/probe_gate.h"

#include <gtest/gtest.h>

namespace jalousie::api {
namespace {

using Crowd = ProbeGate::Crowd;

constexpr ProbeGate::Bounds kBounds{{2, 4}, {3, 6}, {4, 8}};

AccountId account(std::uint8_t number) { return {.bytes = {number}}; }
HomeId home(std::uint8_t number) { return {.bytes = {number}}; }
constexpr SteadyTime at(int seconds) { return SteadyTime(Seconds(seconds)); }

TEST(ProbeGate, BoundsWhatRunsAtOnceByAccountHomeAndAll) {
  ProbeGate gate(kBounds);
  std::vector<ProbeGate::Place> places;
  const auto enter = [&](std::uint8_t who, std::uint8_t where) -> std::optional<Crowd> {
    auto place = gate.enter(account(who), home(where), at(0));
    if (!place) {
      EXPECT_TRUE(place.error().at_once);
      EXPECT_GE(place.error().retry_after, Seconds(1));
      return place.error().crowd;
    }
    places.push_back(*std::move(place));
    return std::nullopt;
  };
  EXPECT_EQ(enter(1, 1), std::nullopt);
  EXPECT_EQ(enter(1, 1), std::nullopt);
  EXPECT_EQ(enter(1, 2), Crowd::Account) << "in whatever home";
  EXPECT_EQ(enter(2, 1), std::nullopt);
  EXPECT_EQ(enter(3, 1), Crowd::Home) << "whoever it is";
  EXPECT_EQ(enter(3, 2), std::nullopt);
  EXPECT_EQ(enter(4, 3), Crowd::All);
  places.pop_back();
  EXPECT_EQ(enter(4, 3), std::nullopt);
}

TEST(ProbeGate, BoundsAMinuteAndSaysWhenToComeBack) {
  ProbeGate gate(kBounds);
  for (int second = 0; second < 40; second += 10) ASSERT_TRUE(gate.enter(account(1), home(1), at(second)));
  for (int turn = 0; turn < 100; ++turn) {
    const auto refused = gate.enter(account(1), home(2), at(45));
    ASSERT_FALSE(refused);
    EXPECT_FALSE(refused.error().at_once);
    EXPECT_EQ(refused.error().crowd, Crowd::Account);
    EXPECT_EQ(refused.error().retry_after, Seconds(15));
  }
  EXPECT_TRUE(gate.enter(account(1), home(1), at(60))) << "what was refused does not count";
  EXPECT_FALSE(gate.enter(account(1), home(1), at(60)));
}

TEST(ProbeGate, RemembersNobodyForLongerThanItHasTo) {
  ProbeGate gate({{2, 4}, {3, 6}, {1000, 1000}});
  for (std::uint8_t who = 0; who < 200; ++who) ASSERT_TRUE(gate.enter(account(who), home(who), at(0)));
  EXPECT_EQ(gate.remembered(), 400U);
  ASSERT_TRUE(gate.enter(account(1), home(1), at(60)));
  EXPECT_EQ(gate.remembered(), 2U);
}

}  // namespace
}  // namespace jalousie::api
