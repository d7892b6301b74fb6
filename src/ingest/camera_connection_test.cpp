#include "ingest/camera_connection.h"

#include <condition_variable>
#include <mutex>
#include <random>

#include <gtest/gtest.h>

#include "codec/access_unit.h"
#include "ingest/fake_camera_for_test.h"
#include "ingest/probe.h"
#include "ingest/seal_for_test.h"
#include "io/loop_thread.h"

namespace jalousie::ingest {
namespace {

class TestRandom final : public RandomSource {
 public:
  void fill(MutableBytes target) override {
    const std::lock_guard lock(mutex_);
    for (auto& byte : target) byte = static_cast<std::uint8_t>(random_());
  }

 private:
  std::mutex mutex_;
  std::mt19937 random_{std::random_device{}()};
};

/// What a connection said and published, for the test's thread to wait on.
class Record {
 public:
  void status(const Status& status) {
    const std::lock_guard lock(mutex_);
    statuses_.push_back(status);
    changed_.notify_all();
  }
  void block(seal::BlockPtr block) {
    const std::lock_guard lock(mutex_);
    blocks_.push_back(std::move(block));
    changed_.notify_all();
  }
  /// The first status with `state` from the `from`th on; moves `from` behind it.
  Status wait_for(State state, Microseconds timeout = Seconds(60)) {
    std::unique_lock lock(mutex_);
    std::optional<Status> found;
    const bool came = changed_.wait_for(lock, timeout, [&] {
      for (; read_ < statuses_.size() && !found; ++read_) {
        if (statuses_[read_].state == state) found = statuses_[read_];
      }
      return found.has_value();
    });
    std::string seen;
    for (const auto& status : statuses_)
      seen += std::string(to_string(status.state)) + " (" + status.reason + ") ";
    EXPECT_TRUE(came) << "never " << to_string(state) << ", but: " << seen;
    return found.value_or(Status{});
  }
  void wait_for_blocks(std::size_t count, Microseconds timeout = Seconds(60)) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, timeout, [&] { return blocks_.size() >= count; }))
        << blocks_.size() << " blocks";
  }
  std::vector<seal::BlockPtr> blocks() const {
    const std::lock_guard lock(mutex_);
    return blocks_;
  }
  std::vector<Status> statuses() const {
    const std::lock_guard lock(mutex_);
    return statuses_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Status> statuses_;
  std::size_t read_ = 0;
  std::vector<seal::BlockPtr> blocks_;
};

class CameraConnectionTest : public testing::Test {
 protected:
  CameraConnectionTest() : camera_(thread_.loop(), random_, clock_) {
    timing_.stall = Milliseconds(400);
    timing_.stall_least = Milliseconds(200);
    timing_.silence = Milliseconds(1200);
    timing_.no_key_frame = Milliseconds(800);
    timing_.backoff_first = Milliseconds(50);
    timing_.backoff_most = Milliseconds(100);
    on_loop([this] { camera_.start(); });
  }
  ~CameraConnectionTest() override {
    close();
    io::run_and_wait(thread_.loop(), camera_.close());
    on_loop([this] { connection_.reset(); });
  }

  template <class F>
  void on_loop(F work) {
    io::run_and_wait(thread_.loop(), [](F inner) -> io::Task<> {
      inner();
      co_return;
    }(std::move(work)));
  }
  /// Asks on the loop, again and again; false when `what` has not become true in a minute.
  template <class F>
  bool comes_true(F what) {
    const auto deadline = clock_.steady() + Seconds(60);
    bool is_true = false;
    for (on_loop([&] { is_true = what(); }); !is_true && clock_.steady() < deadline;
         on_loop([&] { is_true = what(); }))
      io::run_and_wait(thread_.loop(), io::sleep_for(Milliseconds(5)));
    return is_true;
  }
  void close() {
    if (connection_) io::run_and_wait(thread_.loop(), connection_->close());
  }

  void set_script(Script script) {
    on_loop([&] { camera_.script = script; });
  }
  void connect(Script script, Source source = {}) {
    set_script(std::move(script));
    if (source.url.empty()) source.url = camera_.url();
    on_loop([&] {
      connection_ = std::make_unique<CameraConnection>(
          CameraConnection::Parts{
              .loop = thread_.loop(),
              .clock = clock_,
              .random = random_,
              .metrics = metrics_,
              .sealer = [this] { return make_sealer(); },
              .publish = [this](seal::BlockPtr block) { record_.block(std::move(block)); },
              .on_status = [this](const Status& status) { record_.status(status); },
              .timing = timing_},
          std::move(source));
      connection_->start();
    });
  }
  io::Task<Result<seal::Sealer>> make_sealer() {
    ++sealers_;
    if (sealers_refused_ > 0) {
      --sealers_refused_;
      co_return fail(ErrorKind::Unavailable, "no key for now");
    }
    co_return sealer_for_test(random_, clock_);
  }
  /// What stands at this place when the connection's Problem is shown to its owner.
  Status end_of(Script script, State state, Source source = {}) {
    connect(std::move(script), std::move(source));
    return record_.wait_for(state);
  }
  Probe probed(Script script, Source source = {}, Microseconds timeout = Milliseconds(2500)) {
    set_script(std::move(script));
    if (source.url.empty()) source.url = camera_.url();
    return io::run_and_wait(thread_.loop(), probe(std::move(source), timeout, clock_, random_));
  }

  SystemClock clock_;
  TestRandom random_;
  Metrics metrics_;
  io::LoopThread thread_;
  FakeCamera camera_;
  Timing timing_;
  Record record_;
  int sealers_ = 0;
  int sealers_refused_ = 0;
  std::unique_ptr<CameraConnection> connection_;
};

/// All blocks open under the stream's label, in order; returns the clear units' sizes.
std::vector<std::size_t> open_all(const std::vector<seal::BlockPtr>& blocks) {
  std::vector<std::size_t> sizes;
  if (blocks.empty()) return sizes;
  auto opener = opener_for_test(blocks.front()->header().capture);
  for (const auto& block : blocks) {
    const auto clear = opener.open(*block);
    EXPECT_TRUE(clear.has_value()) << (clear ? "" : seal::to_string(clear.error()));
    if (!clear) break;
    EXPECT_TRUE(codec::check_access_unit(clear->bytes()).has_value());
    EXPECT_EQ(codec::h264::is_key_frame(clear->bytes()), block->header().is_key_frame());
    if (block->header().is_key_frame()) EXPECT_TRUE(codec::h264::has_parameter_sets(clear->bytes()));
    sizes.push_back(clear->bytes().size());
  }
  return sizes;
}

TEST_F(CameraConnectionTest, SealsEveryUnitInOrder) {
  connect({});
  const auto status = record_.wait_for(State::Live);
  EXPECT_EQ(status.reason, "");
  EXPECT_EQ(status.video->width, 640u);
  record_.wait_for_blocks(60);
  close();
  const auto blocks = record_.blocks();
  EXPECT_EQ(open_all(blocks).size(), blocks.size());
  const auto now = clock_.utc();
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const auto& header = blocks[i]->header();
    EXPECT_EQ(header.kind, seal::BlockKind::Video);
    EXPECT_EQ(header.is_key_frame(), i % 10 == 0) << i;
    EXPECT_EQ(header.flags & seal::kFlagGap, 0) << i;
    EXPECT_LE(header.capture, now);
    if (i > 0)
      EXPECT_NEAR(static_cast<double>((header.capture - blocks[i - 1]->header().capture).count()), 20'000,
                  19'999);
  }
  EXPECT_EQ(connection_->newest_capture(), blocks.back()->header().capture);
  EXPECT_EQ(sealers_, 1);
}

TEST_F(CameraConnectionTest, SaysGoodbyeWhenClosed) {
  connect({});
  record_.wait_for(State::Live);
  close();
  EXPECT_TRUE(comes_true([this] { return camera_.methods.back() == "TEARDOWN"; }));
}

TEST_F(CameraConnectionTest, KeepsTheSessionAlive) {
  connect({});
  record_.wait_for_blocks(125);
  close();
  on_loop([this] {
    // OPTIONS at the start, and after one and two seconds: the fake session lasts two.
    EXPECT_GE(std::ranges::count(camera_.methods, "OPTIONS"), 3);
    EXPECT_EQ(camera_.connections, 1);
  });
}

TEST_F(CameraConnectionTest, TakesUdp) {
  connect({}, {.transport = Transport::Udp});
  record_.wait_for(State::Live);
  record_.wait_for_blocks(60);
  close();
  EXPECT_EQ(open_all(record_.blocks()).size(), record_.blocks().size());
}

TEST_F(CameraConnectionTest, DropsAGopFromItsHoleOn) {
  connect({.lost_packet_at = 14}, {.transport = Transport::Udp});
  record_.wait_for_blocks(20);
  close();
  const auto blocks = record_.blocks();
  ASSERT_GE(blocks.size(), 20u);
  for (std::size_t i = 0; i < 20; ++i) {
    EXPECT_EQ(blocks[i]->header().is_key_frame(), i == 0 || i == 10 || i == 14) << i;  // 14 to 19 are missing
    EXPECT_EQ((blocks[i]->header().flags & seal::kFlagGap) != 0, i == 14) << i;
  }
}

TEST_F(CameraConnectionTest, SaysThatPicturesArriveDamagedAndRecoversByItself) {
  timing_.stall_least = timing_.stall = Seconds(1);
  timing_.silence = timing_.no_key_frame = Seconds(60);
  connect({.damaged_from = 15, .damaged_until = 165}, {.transport = Transport::Udp});
  record_.wait_for(State::Live);
  Status status;
  do {  // on a machine that is busy the camera may seem to stop, too
    status = record_.wait_for(State::Stalled);
  } while (status.reason == "The camera stopped sending.");
  EXPECT_EQ(status.reason, "Pictures arrive damaged: packets are lost between the camera and this server.");
  EXPECT_NE(status.advice.find("TCP"), std::string::npos);
  record_.wait_for(State::Live);
  on_loop([this] { EXPECT_EQ(camera_.connections, 1); });
}

TEST_F(CameraConnectionTest, DoesNotHoldAPictureForAPacketThatIsLost) {
  timing_.stall = timing_.silence = timing_.no_key_frame = Seconds(120);
  connect({.gop = 2, .frames = 3, .then = Script::Then::Silence, .lost_packet_at = 1, .is_last_lost = true},
          {.transport = Transport::Udp});
  // The first key frame is known to be whole when frame 1 begins. Frame 1 is broken; frame 2 waits for the
  // hole before it, not for frame 3, which never comes.
  record_.wait_for_blocks(2);
  ASSERT_EQ(record_.blocks().size(), 2U);
  EXPECT_TRUE(record_.blocks().at(1)->header().is_key_frame());
  on_loop([this] { EXPECT_EQ(camera_.connections, 1); });
}

TEST_F(CameraConnectionTest, SignsInByDigest) {
  connect({.password = "secret"}, {.username = "admin", .password = "secret"});
  record_.wait_for(State::Live);
  close();
  on_loop([this] { EXPECT_EQ(camera_.refused_passwords, 0); });
}

TEST_F(CameraConnectionTest, TriesAWrongPasswordOnceAndThenWaits) {
  timing_.wrong_password = Seconds(1);  // ten times as long as after any other trouble
  const auto start = clock_.steady();
  const auto status =
      end_of({.password = "secret"}, State::WrongPassword, {.username = "admin", .password = "guess"});
  EXPECT_EQ(status.reason, "The camera refused the password.");
  EXPECT_NE(status.advice, "");
  EXPECT_TRUE(comes_true([this] { return camera_.connections == 2; }));
  EXPECT_GE(clock_.steady() - start, timing_.wrong_password);
  close();
  on_loop([this] { EXPECT_LE(camera_.refused_passwords, 2) << "once for each connection"; });
}

TEST_F(CameraConnectionTest, SaysWhenAPasswordIsMissing) {
  EXPECT_EQ(end_of({.password = "secret"}, State::WrongPassword).reason,
            "The camera asks for a name and password.");
}

TEST_F(CameraConnectionTest, SaysWhatIsWrong) {
  EXPECT_EQ(end_of({.describe_status = 404}, State::NoStream).reason,
            "The camera has no stream at this address.");
  EXPECT_TRUE(record_.blocks().empty());
}

TEST_F(CameraConnectionTest, SaysWhichCodecItCannotTake) {
  EXPECT_EQ(end_of({.rtpmap = "MP4V-ES/90000"}, State::CodecNotSupported).reason,
            "The camera sends MPEG-4 Part 2, which browsers cannot show.");
}

TEST_F(CameraConnectionTest, TakesBFramesInAndSaysSo) {
  connect({.has_b_frames = true});
  record_.wait_for(State::Live);
  record_.wait_for_blocks(30);
  close();
  ASSERT_TRUE(connection_->status().video.has_value());
  EXPECT_TRUE(connection_->status().video->has_b_frames);
  EXPECT_EQ(record_.statuses().back().video, connection_->status().video) << "and tells";
  for (const auto& block : record_.blocks())
    EXPECT_EQ(block->header().video_coding(), seal::VideoCoding::H264);
}

TEST_F(CameraConnectionTest, NoticesThatBFramesWereSwitchedOff) {
  connect({.has_b_frames = true, .b_frames_until = 20});
  record_.wait_for_blocks(60);
  close();
  const auto statuses = record_.statuses();
  EXPECT_TRUE(std::ranges::any_of(
      statuses, [](const Status& status) { return status.video && status.video->has_b_frames; }));
  EXPECT_FALSE(statuses.back().video->has_b_frames);
}

TEST_F(CameraConnectionTest, SaysWhenNothingAnswers) {
  std::uint16_t port = 0;
  on_loop([&] {
    port = io::TcpListener::listen(thread_.loop(), Endpoint::v4({127, 0, 0, 1}, 0)).value()->local().port();
  });
  const auto status = end_of({}, State::Unreachable,
                             {.url = "rtsp://admin:hunter2@127.0.0.1:" + std::to_string(port) + "/x"});
  EXPECT_EQ(status.reason, "No connection to 127.0.0.1 port " + std::to_string(port) + " can be made.");
}

TEST_F(CameraConnectionTest, RefusesAddressesItCannotUse) {
  EXPECT_NE(end_of({}, State::Refused, {.url = "http://admin:hunter2@cam/"}).reason.find("rtsp://"),
            std::string::npos);
  for (const auto& status : record_.statuses()) EXPECT_EQ(status.reason.find("hunter2"), std::string::npos);
}

TEST_F(CameraConnectionTest, NoticesAStallBeforeItGivesUpTheConnection) {
  timing_.silence = Seconds(120);
  connect({.frames = 50, .then = Script::Then::Silence});
  record_.wait_for_blocks(50);
  record_.wait_for(State::Stalled);
  on_loop([this] { EXPECT_EQ(camera_.connections, 1); });
}

TEST_F(CameraConnectionTest, RecoversFromAStall) {
  connect({.frames = 50, .then = Script::Then::Silence});
  record_.wait_for(State::Live);
  record_.wait_for_blocks(50);
  record_.wait_for(State::Stalled);
  record_.wait_for(State::Live);  // by a new connection, after the silence
  on_loop([this] { EXPECT_GE(camera_.connections, 2); });
  close();
  const auto blocks = record_.blocks();
  ASSERT_GT(blocks.size(), 50u);
  EXPECT_NE(blocks[50]->header().flags & seal::kFlagGap, 0) << "what was missed is said";
  EXPECT_TRUE(blocks[50]->header().is_key_frame());
  for (std::size_t i = 1; i < blocks.size(); ++i)
    EXPECT_GT(blocks[i]->header().capture, blocks[i - 1]->header().capture);
  open_all(blocks);
  EXPECT_EQ(sealers_, 1);
}

TEST_F(CameraConnectionTest, ConnectsAgainAfterACutInAFrame) {
  for (const auto then : {Script::Then::Cut, Script::Then::CutInFrame}) {
    if (connection_) on_loop([this] { connection_.reset(); });
    connect({.frames = 15, .then = then});
    record_.wait_for(State::Live);
    EXPECT_EQ(record_.wait_for(State::Connecting).reason, "The camera ended the connection.");
    record_.wait_for(State::Live);
    close();
  }
}

TEST_F(CameraConnectionTest, EndsASessionOnGarbageInTheStream) {
  connect({.frames = 15, .then = Script::Then::Garbage});
  record_.wait_for(State::Live);
  EXPECT_EQ(record_.wait_for(State::Refused).reason,
            "What answers at this address does not speak RTSP as cameras do.");
}

TEST_F(CameraConnectionTest, EndsASessionThatAnswersWithoutEnd) {
  EXPECT_NE(end_of({.raw = "RTSP/1.0 200 OK\r\nA: b\r\n"}, State::Refused).reason.find("RTSP"),
            std::string::npos);
}

TEST_F(CameraConnectionTest, EndsASessionWithAnotherProtocol) {
  EXPECT_NE(end_of({.raw = "SSH-2.0-OpenSSH_9.2p1\r\n"}, State::Refused).reason.find("RTSP"),
            std::string::npos);
}

TEST_F(CameraConnectionTest, SaysWhenNoKeyFrameComes) {
  const auto status = end_of({.has_key_frames = false}, State::NoKeyFrame);
  EXPECT_NE(status.advice.find("key frame interval"), std::string::npos);
  on_loop([this] { EXPECT_EQ(camera_.connections, 1) << "it may still come"; });
}

TEST_F(CameraConnectionTest, SaysWhenParameterSetsAreMissing) {
  EXPECT_NE(end_of({.has_parameter_sets = false}, State::NoKeyFrame).reason.find("SPS"), std::string::npos);
}

TEST_F(CameraConnectionTest, SaysWhenNoPictureComes) {
  EXPECT_EQ(end_of({.frames = -1}, State::NoStream).reason,
            "The camera accepts the connection and sends no picture.");
}

TEST_F(CameraConnectionTest, PublishesNothingThatCannotBeSealed) {
  sealers_refused_ = 2;
  const auto status = end_of({}, State::NoStream);
  EXPECT_EQ(status.reason, "This server cannot seal the camera's pictures at the moment.");
  record_.wait_for(State::Live);  // with the third
  close();
  EXPECT_EQ(sealers_, 3);
  open_all(record_.blocks());
}

TEST_F(CameraConnectionTest, ClosesWhileNothingAnswers) {
  connect({.mute = true});
  ASSERT_TRUE(comes_true([this] { return camera_.connections == 1; }));
  close();
  // Sooner than an answer would have been given up.
  on_loop([this] { EXPECT_EQ(connection_->status().state, State::Connecting); });
  EXPECT_TRUE(record_.statuses().empty());
}

TEST_F(CameraConnectionTest, CountsCamerasByState) {
  connect({});
  record_.wait_for(State::Live);
  EXPECT_NE(metrics_.prometheus_text().find("jalousie_ingest_cameras{state=\"live\"} 1"), std::string::npos);
  close();
  EXPECT_NE(metrics_.prometheus_text().find("jalousie_ingest_cameras{state=\"live\"} 0"), std::string::npos);
}

TEST_F(CameraConnectionTest, MeasuresTheFrameRate) {
  connect({});
  record_.wait_for_blocks(110);
  close();
  ASSERT_TRUE(connection_->status().video.has_value());
  EXPECT_EQ(connection_->status().video->fps, 50);
}

TEST_F(CameraConnectionTest, ProbeSaysWhatWasFound) {
  const auto result = probed({}, {}, Seconds(60));  // it ends when all is known: after 2 s of pictures
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result.video->width, 640u);
  EXPECT_EQ(result.video->height, 480u);
  EXPECT_EQ(result.video->fps, 50);
  EXPECT_TRUE(comes_true([this] { return camera_.methods.back() == "TEARDOWN"; }));
}

// The name is looked up for the connection that is made, so that what was checked is what is connected to.
TEST_F(CameraConnectionTest, WhatAnOwnerEnteredLeadsNotToThisMachine) {
  const std::string port = std::to_string(camera_.port());
  for (const std::string host : {"127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"}) {
    const auto refused =
        probed({}, {.url = "rtsp://" + host + ":" + port + "/live", .reach = Reach::Network});
    EXPECT_EQ(refused.problem.state, State::Refused) << host;
    EXPECT_NE(refused.problem.reason.find("whoever runs this server"), std::string::npos);
  }
  EXPECT_EQ(end_of({}, State::Refused, {.reach = Reach::Network}).reason,
            probed({}, {.reach = Reach::Network}).problem.reason);
  on_loop([this] { EXPECT_TRUE(camera_.methods.empty()); });
  EXPECT_TRUE(probed({}, {.reach = Reach::NetworkAndLoopback}).ok());
}

// Closed, mute, another protocol: who asks for a camera learns that there is none.
TEST_F(CameraConnectionTest, WhatIsNoCameraAnswersAsOne) {
  constexpr auto kReach = Reach::NetworkAndLoopback;
  std::uint16_t closed = 0;
  on_loop([&] {
    closed = io::TcpListener::listen(thread_.loop(), Endpoint::v4({127, 0, 0, 1}, 0)).value()->local().port();
  });
  const Problem nothing =
      probed({}, {.url = "rtsp://127.0.0.1:" + std::to_string(closed) + "/x", .reach = kReach}).problem;
  EXPECT_EQ(nothing.state, State::Unreachable);
  EXPECT_EQ(probed({.mute = true}, {.reach = kReach}).problem, nothing);
  EXPECT_EQ(probed({.describe_status = 404}, {.reach = kReach}).problem.state, State::NoStream)
      << "a camera's owner learns what is wrong with it";
}

TEST_F(CameraConnectionTest, ProbeSaysWhatIsWrong) {
  EXPECT_EQ(probed({.describe_status = 404}).problem.state, State::NoStream);
  EXPECT_EQ(probed({.password = "x"}, {.username = "admin", .password = "y"}).problem.state,
            State::WrongPassword);
  EXPECT_EQ(probed({.mute = true}).problem.state, State::Unreachable);
  EXPECT_EQ(probed({.has_key_frames = false}).problem.state, State::NoKeyFrame);
  EXPECT_TRUE(probed({.has_b_frames = true}).video->has_b_frames);
  EXPECT_EQ(probed({}, {.url = "nonsense"}).problem.state, State::Refused);
}

std::vector<seal::BlockPtr> of_kind(const std::vector<seal::BlockPtr>& blocks, seal::BlockKind kind) {
  std::vector<seal::BlockPtr> result;
  std::ranges::copy_if(blocks, std::back_inserter(result),
                       [kind](const auto& block) { return block->header().kind == kind; });
  return result;
}

TEST_F(CameraConnectionTest, SealsSoundBesideThePictures) {
  for (const auto transport : {Transport::Tcp, Transport::Udp}) {
    connect({.sound = Script::Sound::Pcmu}, {.transport = transport});
    const auto before = record_.blocks().size();
    record_.wait_for_blocks(before + 60);
    close();
    const auto all = record_.blocks();
    const auto sounds =
        of_kind({all.begin() + static_cast<std::ptrdiff_t>(before), all.end()}, seal::BlockKind::Audio);
    ASSERT_GT(sounds.size(), 20U);
    EXPECT_EQ(all[before]->header().kind, seal::BlockKind::Video) << "pictures come first";
    auto opener = opener_for_test(sounds.front()->header().capture);
    std::optional<std::uint8_t> last;
    for (const auto& block : sounds) {
      ASSERT_EQ(block->header().audio_coding(), seal::AudioCoding::Pcmu);
      EXPECT_EQ((block->header().flags & seal::kFlagGap) != 0, !last);
      const auto clear = opener.open(*block);
      ASSERT_TRUE(clear);
      const auto frame = codec::parse_audio_frame(2, clear->bytes());
      ASSERT_TRUE(frame);
      EXPECT_EQ(frame->format, (codec::AudioFormat{codec::AudioCodec::Pcmu, 8000, 1, {}}));
      EXPECT_EQ(frame->bytes.size(), 160U);
      if (last) {
        EXPECT_EQ(frame->bytes[0], static_cast<std::uint8_t>(*last + 1));
      }
      last = frame->bytes[0];
    }
    const auto statuses = record_.statuses();
    EXPECT_TRUE(std::ranges::any_of(statuses, [](const Status& status) {
      return status.sound && status.sound->codec == codec::AudioCodec::Pcmu;
    }));
    on_loop([this] { connection_.reset(); });
  }
}

TEST_F(CameraConnectionTest, DoesNotAskForSoundThatIsSwitchedOff) {
  connect({.sound = Script::Sound::Pcmu}, {.sound = false});
  record_.wait_for_blocks(30);
  close();
  EXPECT_TRUE(of_kind(record_.blocks(), seal::BlockKind::Audio).empty());
  on_loop([this] { EXPECT_EQ(camera_.set_up, std::vector<std::string>{"video"}); });
  EXPECT_FALSE(connection_->status().sound);
}

TEST_F(CameraConnectionTest, GoesOnWithoutSoundThatIsRefused) {
  connect({.sound = Script::Sound::Refused});
  record_.wait_for(State::Live);
  record_.wait_for_blocks(20);
  close();
  EXPECT_TRUE(of_kind(record_.blocks(), seal::BlockKind::Audio).empty());
  on_loop([this] {
    EXPECT_EQ(camera_.set_up, (std::vector<std::string>{"video", "sound"}));
    EXPECT_EQ(camera_.connections, 1);
  });
}

TEST_F(CameraConnectionTest, ComesBackWithoutSoundToACameraThatHangsUpOverIt) {
  connect({.sound = Script::Sound::CutAtSetup});
  EXPECT_NE(record_.wait_for(State::Live).reason.find("asked for its sound"), std::string::npos);
  close();
  on_loop([this] { EXPECT_EQ(camera_.set_up, (std::vector<std::string>{"video", "sound", "video"})); });
}

TEST_F(CameraConnectionTest, AConnectionThatBreaksElsewhereCostsNoSound) {
  for (const std::string method : {"DESCRIBE", "SETUP", "PLAY"}) {
    on_loop([this] {
      camera_.methods.clear();
      camera_.connections = 0;
    });
    const auto before = of_kind(record_.blocks(), seal::BlockKind::Audio).size();
    connect({.sound = Script::Sound::Pcmu, .cut_at = method});
    EXPECT_EQ(record_.wait_for(State::Live).reason, "") << method;
    record_.wait_for_blocks(record_.blocks().size() + 20);
    close();
    EXPECT_GT(of_kind(record_.blocks(), seal::BlockKind::Audio).size(), before) << method;
    on_loop([this] {
      EXPECT_EQ(camera_.connections, 2);
      connection_.reset();
    });
  }
}

TEST_F(CameraConnectionTest, AsksAgainForSoundThatACameraHungUpOver) {
  timing_.sound_again = Milliseconds(300);
  connect({.frames = 15, .then = Script::Then::Cut, .sound = Script::Sound::CutAtSetup});
  record_.wait_for(State::Live);
  set_script({.frames = 15, .then = Script::Then::Cut, .sound = Script::Sound::Pcmu});
  const auto has_sound = [](const Status& status) { return status.state == State::Live && status.sound; };
  std::optional<Status> found;
  while (!found) {  // each of its connections lasts a third of a second
    const auto status = record_.wait_for(State::Live);
    if (status.state != State::Live) break;
    if (has_sound(status)) found = status;
  }
  ASSERT_TRUE(found);
  EXPECT_EQ(found->reason, "");
}

}  // namespace
}  // namespace jalousie::ingest
