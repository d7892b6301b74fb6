// Real pictures through real children: whose they are, which one, how large, and that damage ends nothing.
#include "footage.h"

namespace jalousie::decode {
namespace {

const identity::Identity kBirch{1, 11, 1};
const identity::Identity kHarbour{2, 21, 3};

class Stills : public DecodersTest {
 protected:
  Stills() : DecodersTest(DECODER) {}
  HomeId birch_ = HomeId::random(random_);
  HomeId harbour_ = HomeId::random(random_);
};

TEST_F(Stills, ShowTheNewestPictureOfWhoseUnitsTheyWere) {
  for (int round = 0; round < 2; ++round) {
    for (const auto& [home, who] : {std::pair(birch_, kBirch), std::pair(harbour_, kHarbour)}) {
      const auto picture = decode(home, request_of(film(who, 30)));
      ASSERT_TRUE(picture) << picture.error().message();
      EXPECT_EQ(picture->unit, 29);
      const auto found = read(*picture);
      EXPECT_EQ(found.identity, who);
      EXPECT_EQ(found.frame, 29U);
    }
  }
  EXPECT_EQ(metrics_.gauge("jalousie_decode_children", "").value(), 2);
}

TEST_F(Stills, AreScaledDownAndNeverUp) {
  const auto units = film(kBirch, 3);
  for (const auto& [asked, width, height] :
       {std::array<std::uint16_t, 3>{320, 320, 180}, {0, 640, 360}, {4000, 640, 360}, {101, 101, 57}}) {
    const auto picture = decode(birch_, request_of(units, asked));
    ASSERT_TRUE(picture) << picture.error().message();
    EXPECT_EQ(picture->width, width);
    EXPECT_EQ(picture->height, height);
  }
  const auto small = decode(birch_, request_of(units, 320));
  EXPECT_EQ(read(*small).identity, kBirch);
}

TEST_F(Stills, HoldNoMetadata) {
  const auto picture = decode(birch_, request_of(film(kBirch, 1)));
  ASSERT_TRUE(picture);
  // JFIF's own segment is the one application segment (T.81 B.2.4.6: FF E0 to FF EF, comment FF FE).
  const ByteView jpeg = picture->jpeg.view();
  std::size_t segments = 0;
  for (std::size_t i = 2; i + 4 <= jpeg.size() && jpeg[i] == 0xFF && jpeg[i + 1] != 0xDA;
       i += 2 + static_cast<std::size_t>(jpeg[i + 2] << 8 | jpeg[i + 3])) {
    EXPECT_NE(jpeg[i + 1], 0xFE);
    if (jpeg[i + 1] >= 0xE0 && jpeg[i + 1] <= 0xEF) ++segments;
  }
  EXPECT_EQ(segments, 1U);
}

TEST_F(Stills, UnitsThatAreNoneGiveNoPictureAndEndNothing) {
  const Buffer nonsense(3000, 0xAB);
  EXPECT_EQ(decode(birch_, request_of({nonsense})).error().kind(), ErrorKind::DataLoss);
  EXPECT_EQ(decode(birch_, request_of({Buffer{}})).error().kind(), ErrorKind::DataLoss);
  auto without_key = film(kBirch, 5);
  without_key.erase(without_key.begin());
  EXPECT_EQ(decode(birch_, request_of(without_key)).error().kind(), ErrorKind::DataLoss);
  EXPECT_TRUE(decode(birch_, request_of(film(kBirch, 2))));
  EXPECT_EQ(metrics_.counter("jalousie_decode_children_started_total", "").value(), 1);
}

TEST_F(Stills, FlippedBitsAreNobodyElsesPictureAndNoEnd) {
  const auto whole = film(kBirch, 6, 320, 192);
  std::mt19937 chance(20'261'125);
  std::size_t pictures = 0;
  for (int round = 0; round < 200; ++round) {
    auto units = whole;
    for (int flips = 0; flips <= round % 40; ++flips) {
      Buffer& unit = units[chance() % units.size()];
      unit[chance() % unit.size()] ^= static_cast<std::uint8_t>(1U << chance() % 8);
    }
    const auto picture = decode(birch_, request_of(units));
    if (!picture) continue;
    ++pictures;
    const auto decoded = identity::decode_picture(picture->jpeg.view());
    ASSERT_TRUE(decoded) << decoded.error().message();
    for (const auto& found : identity::identities_in(identity::read_identity(decoded->view())))
      EXPECT_EQ(found.identity, kBirch) << "round " << round;
  }
  RecordProperty("pictures_of_200", static_cast<int>(pictures));
  const auto after = decode(birch_, request_of(whole));
  ASSERT_TRUE(after) << after.error().message();
  EXPECT_EQ(read(*after).identity, kBirch);
}

TEST_F(Stills, OfManyHomesAtOnceAreEachTheirOwn) {
  constexpr std::uint32_t kHomes = 6;
  std::array<std::optional<Result<Picture>>, kHomes> pictures;
  std::vector<std::jthread> threads;
  std::vector<HomeId> homes;
  for (std::uint32_t i = 0; i < kHomes; ++i) homes.push_back(HomeId::random(random_));
  for (std::uint32_t i = 0; i < kHomes; ++i) {
    threads.emplace_back(
        [&, i] { pictures[i].emplace(decode(homes[i], request_of(film({i + 1, i * 10, 1}, 4)))); });
  }
  threads.clear();
  for (std::uint32_t i = 0; i < kHomes; ++i) {
    const auto& picture = pictures[i].value();
    ASSERT_TRUE(picture) << picture.error().message();
    EXPECT_EQ(read(*picture).identity, (identity::Identity{i + 1, i * 10, 1}));
  }
}

TEST_F(Stills, AProgramThatIsNotThereIsAnErrorWithoutAHang) {
  Decoders none(loops_, {workers_, clock_, random_, metrics_, "/nowhere/jalousie-decode"});
  const auto picture = io::run_and_wait(asks_.loop(), none.decode(birch_, request_of({Buffer(10, 1)})));
  EXPECT_EQ(picture.error().kind(), ErrorKind::Unavailable);
  none.close();
}

}  // namespace
}  // namespace jalousie::decode
