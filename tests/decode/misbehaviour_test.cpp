// A traitor inside the compartment: stopped whatever it tries, replaced for its own home, and no other home
// notices.
#include "base/log.h"
#include "footage.h"

namespace jalousie::decode {
namespace {

const identity::Identity kBirch{1, 11, 1};
const identity::Identity kHarbour{2, 21, 3};

/// How the server says that it ended: what the kernel did to it, or what this side did.
struct Case {
  const char* deed;
  const char* ended_by;
};
constexpr const char* kFilter = "signal 31";
constexpr const char* kEndedHere = "signal 9";

class Traitor : public DecodersTest {
 protected:
  Traitor() : DecodersTest(MISBEHAVING) {
    const auto folder = std::filesystem::temp_directory_path();
    log_ = folder / ("jalousie-misbehaviour-" + std::to_string(::getpid()) + ".log");
    EXPECT_TRUE(log::configure_file(log_));
  }
  ~Traitor() override { std::filesystem::remove(log_); }

  Request command(const std::string& deed) {
    Request request(Codec::H264, 0);
    const std::string text = "misbehave:" + deed;
    EXPECT_TRUE(request.add(as_bytes(text)));
    return request;
  }
  std::string logged() {
    std::ifstream file(log_);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void expect_served(HomeId home, const identity::Identity& who) {
    const auto picture = decode(home, request_of(film(who, 2)));
    ASSERT_TRUE(picture) << picture.error().message();
    EXPECT_EQ(read(*picture).identity, who);
  }

  std::filesystem::path log_;
  HomeId birch_ = HomeId::random(random_);
  HomeId harbour_ = HomeId::random(random_);
};

class Misbehaviour : public Traitor, public testing::WithParamInterface<Case> {};

TEST_P(Misbehaviour, IsStoppedAndCostsOneHomeOnePicture) {
  expect_served(harbour_, kHarbour);
  const auto picture = decode(birch_, command(GetParam().deed));
  ASSERT_FALSE(picture) << "it was let do " << GetParam().deed;
  EXPECT_EQ(picture.error().kind(), ErrorKind::Unavailable);
  EXPECT_NE(logged().find(GetParam().ended_by), std::string::npos) << logged();
  expect_served(harbour_, kHarbour);
  expect_served(birch_, kBirch);
  // One child for the one home, two for the other: nobody got another home's.
  EXPECT_EQ(metrics_.counter("jalousie_decode_children_started_total", "").value(), 3);
}

INSTANTIATE_TEST_SUITE_P(
    Deeds, Misbehaviour,
    testing::Values(Case{"open", kFilter}, Case{"create", kFilter}, Case{"socket", kFilter},
                    Case{"unix_socket", kFilter}, Case{"fork", kFilter}, Case{"thread", kFilter},
                    Case{"exec", kFilter}, Case{"kill", kFilter}, Case{"ptrace", kFilter},
                    Case{"read_memory", kFilter}, Case{"other_descriptor", kFilter},
                    Case{"pass_descriptor", kFilter}, Case{"code_memory", kFilter},
                    Case{"data_to_code", kFilter}, Case{"shared_memory", kFilter}, Case{"new_user", kFilter},
                    Case{"unfilter", kFilter}, Case{"crash", "signal 11"}, Case{"abort", kFilter},
                    Case{"leave", "exit 0"}, Case{"eat", "exit 42"}, Case{"loop", kEndedHere},
                    Case{"garbage", kEndedHere}, Case{"flood", kEndedHere}, Case{"huge", kEndedHere},
                    Case{"too_long", kEndedHere}, Case{"half", kEndedHere}, Case{"no_jpeg", kEndedHere},
                    Case{"other_number", kEndedHere}, Case{"other_unit", kEndedHere}),
    [](const auto& info) { return std::string(info.param.deed); });

TEST_F(Traitor, AnAnswerInAdvanceIsNotTakenForTheNextQuestion) {
  // The first answer is right in form; what lies behind it is for whoever asks next.
  EXPECT_TRUE(decode(birch_, command("twice")));
  EXPECT_FALSE(decode(birch_, request_of(film(kBirch, 2))));
  expect_served(birch_, kBirch);
}

TEST_F(Traitor, WhyThereIsNoPictureIsSaid) {
  for (const auto& [deed, words] :
       {std::pair("too_large", "too large"), std::pair("unsupported", "format")}) {
    const auto picture = decode(birch_, command(deed));
    ASSERT_FALSE(picture);
    EXPECT_EQ(picture.error().kind(), ErrorKind::DataLoss) << deed;
    EXPECT_NE(picture.error().message().find(words), std::string::npos) << picture.error().message();
  }
  expect_served(birch_, kBirch);
  EXPECT_EQ(metrics_.counter("jalousie_decode_children_started_total", "").value(), 1) << "no child failed";
}

TEST_F(Traitor, ACrashLoopIsSlowedDownForItsHomeAlone) {
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(decode(birch_, command("crash")));
  const double started = metrics_.counter("jalousie_decode_children_started_total", "").value();
  EXPECT_EQ(started, 3);
  const auto refused = decode(birch_, command("crash"));
  ASSERT_FALSE(refused);
  // Within the pause no child is started for it; another home has one at once.
  if (refused.error().message().find("several times") != std::string::npos) {
    EXPECT_EQ(metrics_.counter("jalousie_decode_children_started_total", "").value(), 3);
  }
  expect_served(harbour_, kHarbour);
}

}  // namespace
}  // namespace jalousie::decode
