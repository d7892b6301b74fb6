// The client against a camera that says anything: the first byte of each piece chooses how much of the rest
// is fed and how much time passes. Whatever comes, it ends or waits, and what it sends is RTSP.
#include <cstdlib>

#include "rtsp/client.h"

namespace {
using namespace jalousie;

class FixedRandom final : public RandomSource {
 public:
  void fill(MutableBytes target) override { std::fill(target.begin(), target.end(), std::uint8_t{7}); }
};

class Sent {
 public:
  void check(std::string_view output) {
    parser_.feed(as_bytes(output));
    while (true) {
      const auto item = parser_.next();
      if (!item) std::abort();
      if (!*item) break;
    }
  }

 private:
  rtsp::Parser parser_;
};
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FixedRandom random;
  SteadyTime now{Seconds(1)};
  rtsp::ClientOptions options;
  options.url = rtsp::parse_url("rtsp://cam/live")->url;
  options.username = "u";
  options.password = "p";
  rtsp::Client client(std::move(options), random, now);
  Sent sent;
  ByteReader input({data, size});
  while (input.remaining() > 1) {
    const auto control = input.u8();
    if ((control & 0x80) != 0) {
      now += Seconds(1 + (control & 0x0f));
      static_cast<void>(client.on_deadline(now));
    }
    client.feed(input.bytes(std::min<std::size_t>(input.remaining(), std::size_t{1} << (control % 11))), now);
    while (auto event = client.poll_event()) {
      if (const auto* described = std::get_if<rtsp::Described>(&*event)) {
        client.play({{0, {}}, {described->description.media.size() - 1, {}, true}}, now);
      } else if (std::holds_alternative<rtsp::Playing>(*event)) {
        client.send_rtcp(1, as_bytes("rr"));
      }
    }
    sent.check(client.poll_output());
  }
  client.teardown(now);
  sent.check(client.poll_output());
  return 0;
}
