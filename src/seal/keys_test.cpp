#include "seal/keys.h"

#include <set>

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "crypto/system_random.h"
#include "seal/fixture.h"

namespace jalousie::seal {
namespace {

using fixture::copy_of;
using fixture::kEpoch;
using fixture::label;

struct Keys : testing::Test {
  crypto::SystemRandom random;
  Label mine = label().label;
  RootKey root = RootKey::random(random);
  HomeKey home = HomeKey::random(mine.home, random);
  TenureKey tenure = TenureKey::random(mine, random);
  DayKey day = DayKey::random(mine, day_of(kEpoch), random);
};

TEST_F(Keys, EachUnwrapsUnderTheOneAboveAndItsIdentity) {
  const auto home_again = root.unwrap(mine.home, root.wrap(home, random));
  ASSERT_TRUE(home_again.has_value());
  EXPECT_EQ(encode_hex(home_again->view()), encode_hex(home.view()));
  EXPECT_EQ(home_again->home(), mine.home);
  const auto tenure_again = home.unwrap(mine, home.wrap(tenure, random).value());
  ASSERT_TRUE(tenure_again.has_value());
  EXPECT_EQ(encode_hex(tenure_again->view()), encode_hex(tenure.view()));
  EXPECT_EQ(tenure_again->label(), mine);
  const auto day_again = tenure.unwrap(day.day(), tenure.wrap(day, random).value());
  ASSERT_TRUE(day_again.has_value());
  EXPECT_EQ(encode_hex(day_again->view()), encode_hex(day.view()));
  EXPECT_EQ(day_again->day(), day.day());
  EXPECT_EQ(day_again->label(), mine);
}

TEST_F(Keys, NoneUnwrapsAsAnother) {
  const WrappedKey wrapped_home = root.wrap(home, random);
  const WrappedKey wrapped_tenure = home.wrap(tenure, random).value();
  const WrappedKey wrapped_day = tenure.wrap(day, random).value();
  EXPECT_FALSE(root.unwrap(label(0xa2).label.home, wrapped_home).has_value());
  EXPECT_FALSE(home.unwrap(label(0xa1, 0xc2).label, wrapped_tenure).has_value());
  EXPECT_FALSE(home.unwrap(label(0xa1, 0xc1, 8).label, wrapped_tenure).has_value());
  EXPECT_FALSE(tenure.unwrap(day.day() + 1, wrapped_day).has_value());
  const TenureKey same_bytes(label(0xa1, 0xc2).label, KeyBytes(tenure.view()));
  EXPECT_FALSE(same_bytes.unwrap(day.day(), wrapped_day).has_value());
  // Nor does a kind pass for another, where all the rest is the same.
  const HomeKey root_as_home(mine.home, KeyBytes(root.view()));
  EXPECT_FALSE(
      root_as_home.unwrap({.home = mine.home, .camera = {}, .tenure = {}}, wrapped_home).has_value());
}

TEST_F(Keys, AnotherKeyAboveOpensNothing) {
  const RootKey other = RootKey::random(random);
  const auto opened = other.unwrap(mine.home, root.wrap(home, random));
  ASSERT_FALSE(opened.has_value());
  EXPECT_EQ(opened.error().kind(), ErrorKind::DataLoss);
  EXPECT_NE(other.check_value(), root.check_value());
  EXPECT_EQ(RootKey::from_bytes(root.view())->check_value(), root.check_value());
}

TEST_F(Keys, EveryAlteredBitAndEveryLengthIsRefused) {
  const WrappedKey wrapped = tenure.wrap(day, random).value();
  for (std::size_t bit = 0; bit < wrapped.size() * 8; ++bit) {
    WrappedKey altered = wrapped;
    altered[bit / 8] ^= static_cast<std::uint8_t>(1 << (bit % 8));
    const auto opened = tenure.unwrap(day.day(), altered);
    ASSERT_FALSE(opened.has_value()) << bit;
    EXPECT_EQ(opened.error().kind(), ErrorKind::DataLoss);
  }
  Buffer longer = copy_of(wrapped);
  longer.push_back(0);
  EXPECT_FALSE(tenure.unwrap(day.day(), longer).has_value());
  for (std::size_t size = 0; size < wrapped.size(); ++size) {
    EXPECT_FALSE(tenure.unwrap(day.day(), ByteView(wrapped).first(size)).has_value());
  }
  EXPECT_FALSE(root.unwrap(mine.home, {}).has_value());
  EXPECT_FALSE(home.unwrap(mine, {}).has_value());
}

TEST_F(Keys, WrapOnlyWhatIsBelowThem) {
  const TenureKey strange = TenureKey::random(label(0xa2).label, random);
  EXPECT_EQ(home.wrap(strange, random).error().kind(), ErrorKind::InvalidArgument);
  EXPECT_EQ(home.unwrap(strange.label(), home.wrap(tenure, random).value()).error().kind(),
            ErrorKind::InvalidArgument);
  EXPECT_EQ(tenure.wrap(DayKey::random(strange.label(), 1, random), random).error().kind(),
            ErrorKind::InvalidArgument);
}

TEST_F(Keys, WrappingTheSameKeyTwiceShowsNothingOfIt) {
  EXPECT_NE(root.wrap(home, random), root.wrap(home, random));
}

TEST_F(Keys, RootKeyIs32BytesThatAreNotZeros) {
  EXPECT_FALSE(RootKey::from_bytes({}).has_value());
  EXPECT_FALSE(RootKey::from_bytes(Buffer(32)).has_value());
  EXPECT_FALSE(RootKey::from_bytes(Buffer(31, 1)).has_value());
  EXPECT_FALSE(RootKey::from_bytes(Buffer(33, 1)).has_value());
  EXPECT_TRUE(RootKey::from_bytes(Buffer(32, 1)).has_value());
}

TEST_F(Keys, EpochKeysDifferByEveryPartOfTheirIdentity) {
  std::set<Buffer> seen;
  const auto add = [&](const Label& of, StreamId stream, std::uint32_t epoch) {
    const DayKey same_key(of, day_of(epoch), KeyBytes(day.view()));
    const EpochKey key = same_key.epoch_key(stream, epoch).value();
    EXPECT_EQ(key.label(), (StreamLabel{of, stream}));
    EXPECT_EQ(key.epoch(), epoch);
    return seen.insert(copy_of(key.view())).second;
  };
  EXPECT_TRUE(add(mine, StreamId::Main, kEpoch));
  EXPECT_FALSE(add(mine, StreamId::Main, kEpoch));
  EXPECT_TRUE(add(mine, StreamId::Sub, kEpoch));
  EXPECT_TRUE(add(mine, StreamId::Main, kEpoch + 1));
  EXPECT_TRUE(add(label(0xa2).label, StreamId::Main, kEpoch));
  EXPECT_TRUE(add(label(0xa1, 0xc2).label, StreamId::Main, kEpoch));
  EXPECT_TRUE(add(label(0xa1, 0xc1, 8).label, StreamId::Main, kEpoch));
}

TEST_F(Keys, DayKeyGivesKeysOfItsDayOnly) {
  const std::uint32_t first = day.day() * kEpochsPerDay;
  EXPECT_TRUE(day.epoch_key(StreamId::Main, first).has_value());
  EXPECT_TRUE(day.epoch_key(StreamId::Main, first + kEpochsPerDay - 1).has_value());
  EXPECT_EQ(day.epoch_key(StreamId::Main, first - 1).error().kind(), ErrorKind::InvalidArgument);
  EXPECT_EQ(day.epoch_key(StreamId::Main, first + kEpochsPerDay).error().kind(), ErrorKind::InvalidArgument);
  EXPECT_EQ(day_of(fixture::kCapture), 20'780U);
  EXPECT_EQ(day_of(utc_from_us(86'399'999'999)), 0U);
  EXPECT_EQ(day_of(utc_from_us(86'400'000'000)), 1U);
}

TEST_F(Keys, DerivedKeysDifferByPurposeAndHome) {
  const auto one = copy_of(home.derive("credentials").view());
  EXPECT_EQ(one, copy_of(home.derive("credentials").view()));
  EXPECT_NE(one, copy_of(home.derive("other").view()));
  EXPECT_NE(one, copy_of(HomeKey::random(mine.home, random).derive("credentials").view()));
}

TEST_F(Keys, AreNotCopied) {
  static_assert(!std::is_copy_constructible_v<RootKey> && !std::is_copy_constructible_v<HomeKey>);
  static_assert(!std::is_copy_constructible_v<TenureKey> && !std::is_copy_constructible_v<DayKey>);
  static_assert(!std::is_copy_constructible_v<EpochKey> && !std::is_copy_constructible_v<OpenerKeys>);
  DayKey moved(std::move(day));
  EXPECT_EQ(copy_of(day.view()), Buffer(kKeyBytes));  // NOLINT(bugprone-use-after-move)
  EXPECT_NE(copy_of(moved.view()), Buffer(kKeyBytes));
}

}  // namespace
}  // namespace jalousie::seal
