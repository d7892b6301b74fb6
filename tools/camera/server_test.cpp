#include "camera/server.h"

#include <gtest/gtest.h>

#include "camera/encoder.h"
#include "camera/live_stream.h"
#include "crypto/system_random.h"
#include "io/loop_thread.h"
#include "rtp/h264_depacketizer.h"
#include "rtp/packet.h"
#include "rtp/rtcp.h"
#include "rtsp/client.h"

namespace jalousie::camera {
namespace {

constexpr std::string_view kPassword = "correct horse";
constexpr Seconds kPatience{30};

/// A small camera on a free port of this machine.
class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    const EncoderSettings settings{320, 180, 25, 10, 300};
    facts.streams = {{"/main", 320, 180, 25, 300, Encoder::create(settings).value()->parameter_sets()}};
    auto painter = std::make_unique<Painter>(
        std::make_unique<DrawnSource>(make_scene(SceneKind::Room, 1, 2), 320, 180, 25),
        identity::Identity{1, 2, 3}, "Room");
    streams.push_back(std::make_unique<LiveStream>(thread.loop(), clock, Schedule{clock.steady(), 25},
                                                   settings, std::move(painter)));
  }
  ~ServerTest() override {
    io::run_and_wait(thread.loop(), [](ServerTest& test) -> io::Task<> {
      if (test.server) co_await test.server->close();
      test.server.reset();
      test.streams.clear();
    }(*this));
  }
  void start() {
    io::run_and_wait(thread.loop(), [](ServerTest& test) -> io::Task<> {
      auto started = Server::start(test.services, Endpoint::v4({127, 0, 0, 1}, 0));
      EXPECT_TRUE(started) << started.error().message();
      test.server = *std::move(started);
      co_return;
    }(*this));
  }
  std::string url() const { return fmt::format("rtsp://{}/main", server->local().to_string()); }

  SystemClock clock;
  crypto::SystemRandom random;
  CameraFacts facts{"Room", "Test", "1", Seconds(60), "/", {}};
  io::LoopThread thread;
  std::vector<std::unique_ptr<Feed>> streams;
  rtsp::DigestVerifier verifier{{.realm = "Test",
                                 .username = "u",
                                 .password = std::string(kPassword),
                                 .algorithms = {rtsp::DigestAlgorithm::Sha256},
                                 .qop = true},
                                random};
  Services services{thread.loop(), clock, random, facts, &verifier, streams};
  std::unique_ptr<Server> server;
};

struct Seen {
  std::optional<rtsp::Playing> playing;
  std::optional<std::uint16_t> first_sequence;
  std::vector<std::int64_t> timestamps;
  std::vector<bool> key_frames;
  std::vector<rtp::SenderReport> reports;
  rtp::H264Depacketizer::Stats stats;
  std::string failure;
};

/// Takes packets apart until it has seen enough.
class Eyes {
 public:
  explicit Eyes(Seen& seen) : seen_(seen) {}
  void on_packet(ByteView bytes, bool is_rtcp) {
    if (is_rtcp) return on_rtcp(bytes);
    const auto packet = rtp::PacketView::parse(bytes);
    ASSERT_TRUE(packet);
    if (!seen_.first_sequence) seen_.first_sequence = packet->sequence;
    ASSERT_TRUE(depacketizer_.push(*packet));
    while (const auto unit = depacketizer_.pull()) {
      seen_.timestamps.push_back(unit->timestamp);
      seen_.key_frames.push_back(unit->is_key_frame);
    }
    seen_.stats = depacketizer_.stats();
  }

 private:
  void on_rtcp(ByteView bytes) {
    const auto packets = rtp::parse_rtcp(bytes);
    ASSERT_TRUE(packets);
    for (const auto& packet : *packets) {
      if (const auto* report = std::get_if<rtp::SenderReport>(&packet)) seen_.reports.push_back(*report);
    }
  }

  Seen& seen_;
  rtp::H264Depacketizer depacketizer_;
};

io::Task<Result<>> flush(rtsp::Client& client, io::Stream& stream) {
  const auto text = client.poll_output();
  if (!text.empty()) CO_TRY_VOID(co_await stream.write(as_bytes(text), kPatience));
  co_return Result<>{};
}

/// Reads on until an event that is no packet, or until `frames` frames are there.
io::Task<std::optional<rtsp::Event>> next_event(rtsp::Client& client, io::Stream& stream, const Clock& clock,
                                                Eyes& eyes, Seen& seen, std::size_t frames) {
  while (seen.timestamps.size() < frames) {
    if (auto event = client.poll_event()) {
      const auto* packet = std::get_if<rtsp::Packet>(&*event);
      if (packet == nullptr) co_return event;
      eyes.on_packet(packet->payload, packet->rtcp);
      continue;
    }
    if (!co_await flush(client, stream)) break;
    const auto got = co_await stream.read_some(client.prepare(), kPatience);
    if (!got || *got == 0) break;
    client.commit(*got, clock.steady());
  }
  co_return std::nullopt;
}

io::Task<Seen> watch(std::string text, std::string password, std::size_t frames, bool udp) {
  Seen seen;
  Eyes eyes(seen);
  const SystemClock clock;
  crypto::SystemRandom random;
  auto& loop = *co_await io::current_loop();
  const auto url = rtsp::parse_url(text).value().url;
  const auto stream = (co_await io::connect_tcp(url.host, url.port, kPatience)).value();
  rtsp::Client client({.url = url, .username = "u", .password = password}, random, clock.steady());
  const auto any = Endpoint::v4({127, 0, 0, 1}, 0);
  const auto rtp = io::UdpSocket::bind(loop, any).value(), rtcp = io::UdpSocket::bind(loop, any).value();
  io::Event enough(loop);
  rtp->receive([&](MutableBytes bytes, const Endpoint&) {
    eyes.on_packet(bytes, false);
    if (seen.timestamps.size() >= frames) enough.notify();
  });
  rtcp->receive([&](MutableBytes bytes, const Endpoint&) { eyes.on_packet(bytes, true); });
  while (const auto event = co_await next_event(client, *stream, clock, eyes, seen, frames)) {
    if (const auto* failed = std::get_if<rtsp::Failed>(&*event)) {
      seen.failure = failed->failure.message;
      break;
    }
    if (std::holds_alternative<rtsp::Described>(*event)) {
      rtsp::TrackChoice choice;
      if (udp) choice.udp_ports = rtsp::Pair{rtp->local().port(), rtcp->local().port()};
      client.play({choice}, clock.steady());
    }
    if (const auto* playing = std::get_if<rtsp::Playing>(&*event)) {
      seen.playing = *playing;
      if (udp) {
        EXPECT_TRUE(co_await enough.wait(kPatience));
        break;
      }
    }
  }
  client.teardown(clock.steady());
  static_cast<void>(co_await flush(client, *stream));
  stream->close();
  co_return seen;
}

void expect_steady(const Seen& seen, std::size_t frames) {
  ASSERT_EQ(seen.failure, "");
  ASSERT_TRUE(seen.playing);
  ASSERT_GE(seen.timestamps.size(), frames);
  EXPECT_EQ(seen.stats.lost_packets, 0u);
  for (std::size_t i = 1; i < seen.timestamps.size(); ++i)
    EXPECT_EQ(seen.timestamps[i] - seen.timestamps[i - 1], 3'600);
  ASSERT_EQ(seen.playing->rtp_info.size(), 1u);
  EXPECT_EQ(seen.playing->rtp_info[0].sequence, seen.first_sequence);
  ASSERT_FALSE(seen.reports.empty());
  EXPECT_EQ(seen.playing->transports.at(0)->ssrc, seen.reports[0].ssrc);
  EXPECT_EQ(seen.reports[0].packets, 0u);
}

TEST_F(ServerTest, GivesEveryFrameOverTcpFromAKeyFrameOn) {
  start();
  const auto seen = io::run_and_wait(thread.loop(), watch(url(), std::string(kPassword), 30, false));
  expect_steady(seen, 30);
  EXPECT_EQ(seen.playing->rtp_info[0].rtp_time, static_cast<std::uint32_t>(seen.timestamps[0]));
  for (std::size_t i = 0; i < 30; ++i) EXPECT_EQ(seen.key_frames[i], i % 10 == 0) << i;
  const auto taken = rtp::from_ntp(seen.reports[0].ntp);
  EXPECT_LT(std::abs(to_us(clock.utc()) - to_us(taken)), 60'000'000);
  EXPECT_EQ(seen.reports[0].rtp_timestamp, static_cast<std::uint32_t>(seen.timestamps[0]));
}

TEST_F(ServerTest, GivesEveryFrameOverUdp) {
  start();
  expect_steady(io::run_and_wait(thread.loop(), watch(url(), std::string(kPassword), 30, true)), 30);
}

TEST_F(ServerTest, ServesSeveralAtOnceAndAgainAfterAllHaveGone) {
  start();
  io::run_and_wait(thread.loop(), [](io::Loop& loop, std::string url) -> io::Task<> {
    io::TaskGroup group(loop);
    std::array<Seen, 3> seen;
    std::size_t left = seen.size();
    io::Event done(loop);
    for (std::size_t i = 0; i < seen.size(); ++i) {
      group.spawn(
          [](std::string text, Seen& into, bool udp, std::size_t& still, io::Event& event) -> io::Task<> {
            into = co_await watch(text, std::string(kPassword), 25, udp);
            if (--still == 0) event.notify();
          }(url, seen[i], i == 1, left, done));
    }
    EXPECT_TRUE(co_await done.wait(kPatience));
    for (const auto& one : seen) expect_steady(one, 25);
    co_await group.close();
    expect_steady(co_await watch(url, std::string(kPassword), 5, false), 5);
  }(thread.loop(), url()));
}

TEST_F(ServerTest, RefusesAWrongPassword) {
  start();
  const auto seen = io::run_and_wait(thread.loop(), watch(url(), "wrong", 1, false));
  EXPECT_FALSE(seen.playing);
  EXPECT_TRUE(seen.timestamps.empty());
  EXPECT_NE(seen.failure, "");
}

/// All that the server says to `request` until it closes.
io::Task<std::string> everything_said(Endpoint at, std::string request) {
  const auto stream = (co_await io::connect_tcp(at.address_text(), at.port(), kPatience)).value();
  EXPECT_TRUE(co_await stream->write(as_bytes(request), kPatience));
  std::string said;
  Buffer buffer(4096);
  while (true) {
    const auto got = co_await stream->read_some(buffer, kPatience);
    EXPECT_TRUE(got) << "not closed";
    if (!got || *got == 0) co_return said;
    said += as_text(ByteView(buffer).first(*got));
  }
}

TEST_F(ServerTest, AnswersGarbageWith400AndCloses) {
  start();
  const auto said =
      io::run_and_wait(thread.loop(), everything_said(server->local(), "GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  EXPECT_TRUE(said.starts_with("RTSP/1.0 400 ")) << said;
}

TEST_F(ServerTest, DropsAClientThatIsSilent) {
  facts.session_timeout = Seconds(1);
  start();
  const auto said = io::run_and_wait(
      thread.loop(), everything_said(server->local(), "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n"));
  EXPECT_TRUE(said.starts_with("RTSP/1.0 200 OK")) << said;
}

TEST_F(ServerTest, SaysThatAPortIsTaken) {
  start();
  io::run_and_wait(thread.loop(), [](Services& services, Endpoint at) -> io::Task<> {
    const auto second = Server::start(services, at);
    EXPECT_FALSE(second);
    if (!second) EXPECT_EQ(second.error().kind(), ErrorKind::AlreadyExists);
    co_return;
  }(services, server->local()));
}

}  // namespace
}  // namespace jalousie::camera
