// The test camera's side of an RTSP connection: whatever a client sends is answered, each answer can be read
// and fits its request, and what media are told makes sense: nothing plays before it was set up.
#include <array>
#include <cstdlib>
#include <vector>

#include "camera/dialogue.h"
#include "rtsp/parser.h"

namespace {
using namespace jalousie;

class CountingRandom final : public RandomSource {
 public:
  void fill(MutableBytes target) override {
    for (auto& byte : target) byte = next_++;
  }

 private:
  std::uint8_t next_ = 1;
};

class Media final : public camera::MediaPort {
 public:
  Result<rtsp::Transport> set_up(std::size_t stream, std::size_t track,
                                 const rtsp::Transport& offered) override {
    if (stream > 1 || track >= camera::kTracks || !offered.unicast) std::abort();
    is_set_up_[track] = true;
    auto chosen = offered;
    if (!chosen.tcp) chosen.server_port = rtsp::Pair{5000, 5001};
    return chosen;
  }
  std::vector<Start> play() override {
    std::vector<Start> starts;
    for (std::size_t track = 0; track < camera::kTracks; ++track)
      if (is_set_up_[track]) starts.push_back({track, 77, 9'000});
    if (starts.empty()) std::abort();
    return starts;
  }
  void pause() override {}
  void tear_down() override { is_set_up_ = {}; }

 private:
  std::array<bool, camera::kTracks> is_set_up_{};
};

void check(const rtsp::Request& request, const rtsp::Response& response) {
  rtsp::Parser parser;
  parser.feed(as_bytes(rtsp::write(response)));
  const auto item = parser.next();
  // An answer that repeats what it was sent may be over the limits of what we read.
  if (!item) return item.error().kind() == ErrorKind::ResourceExhausted ? void() : std::abort();
  const auto* again = *item ? std::get_if<rtsp::Response>(&**item) : nullptr;
  if (again == nullptr || again->status != response.status) std::abort();
  if (request.cseq() && again->cseq() != request.cseq()) std::abort();
}
}  // namespace

// The first byte says whether the camera asks for a password, and whether it has a microphone.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  camera::CameraFacts facts{"Front door", "Test", "1.2", Seconds(60), "/", {}};
  facts.streams = {{"/main", 1280, 720, 25, 2000, {{0x67, 0x4d, 0x40, 0x1f, 0xda}, {0x68, 0xee}}},
                   {"/sub", 640, 360, 25, 300, {{0x67, 0x4d, 0x40, 0x1e, 0xda}, {0x68, 0xee}}}};
  if ((data[0] & 2) != 0) facts.sound = codec::AudioFormat{codec::AudioCodec::Opus, 48'000, 2, {}};
  CountingRandom random;
  rtsp::DigestVerifier verifier({.realm = "r", .username = "u", .password = "p", .basic = true}, random);
  Media media;
  camera::Dialogue dialogue(facts, (data[0] & 1) != 0 ? &verifier : nullptr, media, random, "192.0.2.1", {});
  rtsp::Parser parser;
  parser.feed({data + 1, size - 1});
  SteadyTime now{};
  while (true) {
    const auto item = parser.next();
    if (!item || !*item) return 0;
    now += Seconds(1);
    if (const auto* request = std::get_if<rtsp::Request>(&**item))
      check(*request, dialogue.answer(*request, now));
  }
}
