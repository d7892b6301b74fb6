// Cameras that are not ours, through CameraConnection to sealed blocks, opened again and decoded by FFmpeg:
// every picture that was sealed decodes, and none is missing.

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <unistd.h>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "codec/aac_config.h"
#include "codec/access_unit.h"
#include "codec/audio_format.h"
#include "codec/jpeg.h"
#include "codec/opus.h"
#include "crypto/certificate.h"
#include "crypto/system_random.h"
#include "ingest/camera_connection.h"
#include "ingest/probe.h"
#include "io/loop_thread.h"
#include "program.h"
#include "seal/keys.h"
#include "seal/opener.h"

namespace jalousie::interop {
namespace {

namespace fs = std::filesystem;

seal::StreamLabel label() {
  seal::StreamLabel made;
  made.label.home.bytes.fill(1);
  made.label.camera.bytes.fill(2);
  made.label.tenure = Tenure{1};
  return made;
}

/// The keeper's part: one random key per day, for as long as the test runs.
class Keys {
 public:
  explicit Keys(RandomSource& random) : random_(random) {}
  seal::EpochKey epoch_key(std::uint32_t epoch) {
    const auto [day, is_new] = days_.try_emplace(
        seal::day_of(epoch), seal::DayKey::random(label().label, seal::day_of(epoch), random_));
    return day->second.epoch_key(StreamId::Main, epoch).value();
  }
  seal::Opener opener(UtcTime around) {
    auto keys = seal::make_opener_keys(label());
    for (const auto epoch : {seal::epoch_of(around), seal::epoch_of(around) + 1})
      keys->keys.push_back(epoch_key(epoch));
    return {label(), std::move(keys)};
  }

 private:
  RandomSource& random_;
  std::map<std::uint32_t, seal::DayKey> days_;
};

class KeySource final : public seal::EpochKeySource {
 public:
  explicit KeySource(Keys& keys) : keys_(keys) {}
  bool ended() const noexcept override { return false; }
  Result<seal::EpochKey> epoch_key(std::uint32_t epoch) override { return keys_.epoch_key(epoch); }

 private:
  Keys& keys_;
};

class IngestInterop : public testing::Test {
 protected:
  IngestInterop() : keys_(random_) { fs::create_directories(folder_); }
  ~IngestInterop() override {
    if (connection_) {
      io::run_and_wait(thread_.loop(), connection_->close());
      connection_.reset();
    }
    fs::remove_all(folder_);
  }

  std::string path(std::string_view name) const { return (folder_ / name).string(); }
  std::string clip(std::vector<std::string> input, std::vector<std::string> coding) {
    std::vector<std::string> words{"ffmpeg", "-v", "error", "-y"};
    words.insert(words.end(), input.begin(), input.end());
    words.insert(words.end(), coding.begin(), coding.end());
    words.push_back(path("clip.mp4"));
    run(words);
    return path("clip.mp4");
  }
  std::string test_picture(const std::vector<std::string>& coding) {
    return clip({"-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25:duration=5"}, coding);
  }
  /// Starts the server with one clip at /clip; returns its port.
  int serve(const std::string& launch, bool tls = false) {
    std::vector<std::string> words{GST_RTSP_SERVER, "--user", "admin", "--password", "p@ss word"};
    if (tls) {
      const auto made = crypto::Certificate::self_signed(random_, clock_.utc()).value();
      std::ofstream(path("both.pem")) << made.certificate_pem() << made.private_key_pem();
      words.insert(words.end(), {"--tls", path("both.pem")});
    }
    words.insert(words.end(), {"/clip", launch});
    server_ = std::make_unique<Program>(words, path("server.err"));
    const auto line = server_->read_line(std::chrono::seconds(10));
    EXPECT_TRUE(line.starts_with("port ")) << line;
    return std::stoi(line.substr(5));
  }
  static std::string h264_file(const std::string& file) {
    return fmt::format("( filesrc location={} ! qtdemux ! h264parse ! rtph264pay name=pay0 pt=96 )", file);
  }
  ingest::Source source(int port, ingest::Transport transport, std::string password = "p@ss word") const {
    return {.url = fmt::format("rtsp://127.0.0.1:{}/clip", port),
            .username = "admin",
            .password = std::move(password),
            .transport = transport};
  }

  static ingest::Source secure(ingest::Source from) {
    from.url.insert(4, "s");
    return from;
  }
  /// Starts our test camera, home 4711, camera 815; where it is.
  ingest::Source test_camera(const std::vector<std::string>& options) {
    std::vector<std::string> words{JALOUSIE_CAMERA, "--port",   "0",   "--password", "p@ss word", "--home",
                                   "4711",          "--camera", "815", "--tenure",   "9",         "--name",
                                   "Door"};
    words.insert(words.end(), options.begin(), options.end());
    camera_ = std::make_unique<Program>(words, path("camera.err"));
    const auto line = camera_->read_line(std::chrono::seconds(60));
    const auto begin = line.find("rtsp");
    EXPECT_NE(begin, std::string::npos) << line;
    auto url = line.substr(begin, line.find("/main", begin) - begin) + "/sub";
    return {.url = std::move(url), .username = "admin", .password = "p@ss word"};
  }
  /// What `source` gives for a second is of our test camera, in every tile that is read.
  void expect_our_pictures(ingest::Source from) {
    blocks_.clear();  // no connection is there
    statuses_.clear();
    connect(std::move(from));
    wait_for_blocks(26);
    open_to_file();
    run({"ffmpeg", "-v", "error", "-y", "-f", "h264", "-i", path("opened.h264"), "-frames:v", "3",
         path("seen%d.png")});
    for (int i = 1; i <= 3; ++i) {
      const auto read = run({READ_IDENTITY, path("seen") + std::to_string(i) + ".png"});
      EXPECT_NE(read.find(": home 4711 camera 815 tenure 9 "), std::string::npos) << read;
    }
    connection_.reset();
  }

  void connect(ingest::Source from) {
    connection_ = std::make_unique<ingest::CameraConnection>(
        ingest::CameraConnection::Parts{
            .loop = thread_.loop(),
            .clock = clock_,
            .random = random_,
            .metrics = metrics_,
            .sealer = [this] { return make_sealer(); },
            .publish = [this](seal::BlockPtr block) { publish(std::move(block)); },
            .on_status = [this](const ingest::Status& status) { note(status); }},
        std::move(from));
    thread_.loop().post([this] { connection_->start(); });
  }
  io::Task<Result<seal::Sealer>> make_sealer() {
    co_return seal::Sealer(label(), std::make_unique<KeySource>(keys_), random_,
                           static_cast<std::uint64_t>(to_us(clock_.utc())));
  }
  void publish(seal::BlockPtr block) {
    const std::lock_guard lock(mutex_);
    blocks_.push_back(std::move(block));
    changed_.notify_all();
  }
  void note(const ingest::Status& status) {
    const std::lock_guard lock(mutex_);
    statuses_.push_back(status);
    changed_.notify_all();
  }
  ingest::Status wait_for(ingest::State state) {
    std::unique_lock lock(mutex_);
    const auto there = [&] { return std::ranges::find(statuses_, state, &ingest::Status::state); };
    EXPECT_TRUE(changed_.wait_for(lock, Seconds(60), [&] { return there() != statuses_.end(); }))
        << "never " << ingest::to_string(state) << ", but "
        << (statuses_.empty() ? "nothing" : statuses_.back().reason);
    return there() == statuses_.end() ? ingest::Status{} : *there();
  }
  void wait_for_blocks(std::size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, Seconds(60), [&] { return blocks_.size() >= count; }))
        << blocks_.size();
  }
  /// All blocks of the first connection, opened, as an Annex B file; how many.
  std::size_t open_to_file() {
    io::run_and_wait(thread_.loop(), connection_->close());
    std::ofstream file(path("opened.h264"), std::ios::binary);
    auto opener = keys_.opener(blocks_.at(0)->header().capture);
    std::size_t count = 0;
    for (const auto& block : blocks_) {
      if (count > 0 && (block->header().flags & seal::kFlagGap) != 0) break;  // the clip began again
      const auto clear = opener.open(*block);
      EXPECT_TRUE(clear.has_value());
      if (!clear) break;
      for (const auto nal : codec::NalUnits(clear->bytes())) {
        file.write("\0\0\0\1", 4)
            .write(reinterpret_cast<const char*>(nal.data()), static_cast<std::streamsize>(nal.size()));
      }
      ++count;
    }
    return count;
  }
  /// What FFmpeg makes of them: how many pictures, and what it complains of.
  std::pair<std::size_t, std::string> decode() const {
    Program ffmpeg(
        {"ffmpeg", "-v", "warning", "-f", demuxer_, "-i", path("opened.h264"), "-f", "framehash", "-"},
        path("complaints"));
    const auto hashes = ffmpeg.read_all();
    EXPECT_EQ(ffmpeg.wait(), 0);
    std::ifstream file(path("complaints"));
    const std::string complaints(std::istreambuf_iterator<char>(file), {});
    std::size_t frames = 0;
    for (std::size_t at = 0; at < hashes.size(); at = hashes.find('\n', at) + 1)
      frames += hashes[at] != '#' ? 1 : 0;
    return {frames, complaints};
  }

  std::string demuxer_ = "h264";
  fs::path folder_ = fs::temp_directory_path() / fmt::format("jalousie-interop-{}", getpid());
  SystemClock clock_;
  crypto::SystemRandom random_;
  Metrics metrics_;
  io::LoopThread thread_;
  Keys keys_;
  std::unique_ptr<Program> server_;
  std::unique_ptr<Program> camera_;
  std::unique_ptr<ingest::CameraConnection> connection_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<seal::BlockPtr> blocks_;
  std::vector<ingest::Status> statuses_;
};

const std::vector<std::string> kX264{"-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p",
                                     "-bf",  "0",       "-g",      "50",       "-b:v",     "1500k"};

TEST_F(IngestInterop, EveryPictureOfAClipByTcp) {
  connect(source(serve(h264_file(test_picture(kX264))), ingest::Transport::Tcp));
  const auto live = wait_for(ingest::State::Live);
  EXPECT_EQ(live.video->width, 640u);
  EXPECT_EQ(live.video->height, 360u);
  wait_for_blocks(125);
  EXPECT_EQ(open_to_file(), 125u);
  const auto [frames, complaints] = decode();
  EXPECT_EQ(frames, 125u);
  EXPECT_EQ(complaints, "");
}

TEST_F(IngestInterop, EveryPictureOfAClipByUdp) {
  connect(source(serve(h264_file(test_picture(kX264))), ingest::Transport::Udp));
  // The last picture's end is known by the next one's start, which never comes: a hole waits for what is
  // behind it.
  wait_for_blocks(124);
  const auto count = open_to_file();
  EXPECT_GE(count, 124u);
  const auto [frames, complaints] = decode();
  EXPECT_EQ(frames, count);
  EXPECT_EQ(complaints, "");
}

TEST_F(IngestInterop, EveryPictureOfAClipByTls) {
  connect(secure(source(serve(h264_file(test_picture(kX264)), true), ingest::Transport::Tcp)));
  wait_for_blocks(125);
  EXPECT_EQ(open_to_file(), 125u);
  EXPECT_EQ(decode(), std::pair(std::size_t{125}, std::string()));
}

TEST_F(IngestInterop, EveryPictureOfAClipThroughHttp) {
  connect(source(serve(h264_file(test_picture(kX264))), ingest::Transport::Http));
  wait_for_blocks(125);
  EXPECT_EQ(open_to_file(), 125u);
  EXPECT_EQ(decode(), std::pair(std::size_t{125}, std::string()));
}

TEST_F(IngestInterop, EveryPictureOfAClipThroughHttps) {
  connect(secure(source(serve(h264_file(test_picture(kX264)), true), ingest::Transport::Http)));
  wait_for_blocks(125);
  EXPECT_EQ(open_to_file(), 125u);
  EXPECT_EQ(decode(), std::pair(std::size_t{125}, std::string()));
}

TEST_F(IngestInterop, OurCameraByTlsThroughHttpAndByARedirect) {
  auto from = test_camera({"--tls", "--http-tunnel"});
  from.transport = ingest::Transport::Http;
  expect_our_pictures(from);
  // Elsewhere: no password goes there, and no certificate is trusted for being the first.
  from = test_camera({"--auth", "none"});
  const auto target = std::move(camera_);
  auto redirected = test_camera({"--auth", "none", "--redirect-to", from.url});
  redirected.reach_elsewhere = ingest::Reach::NetworkAndLoopback;
  expect_our_pictures(std::move(redirected));
}

TEST_F(IngestInterop, OurCameraWithEveryQuirk) {
  const std::vector<std::string> always{"--session-timeout", "2",
                                        "--quirk",           "no-rtp-info",
                                        "--quirk",           "content-base-no-scheme",
                                        "--quirk",           "session-blanks",
                                        "--quirk",           "line-feeds",
                                        "--quirk",           "lower-case-names",
                                        "--quirk",           "no-cseq",
                                        "--quirk",           "silent-teardown",
                                        "--quirk",           "no-get-parameter"};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.end(), always.begin(), always.end());
    return test_camera(more);
  };
  expect_our_pictures(with({"--quirk", "no-tcp", "--quirk", "no-server-port"}));
  auto from = with({"--quirk", "no-udp", "--quirk", "stale-unsaid", "--nonce-lifetime", "1"});
  from.transport = ingest::Transport::Udp;
  expect_our_pictures(from);
}

TEST_F(IngestInterop, RealFootage) {
  const std::string footage = "/usr/share/doc/opencv-doc/examples/data/vtest.avi";
  if (!fs::exists(footage)) GTEST_SKIP() << "opencv-doc is not installed";
  connect(source(serve(h264_file(clip({"-t", "8", "-i", footage}, kX264))), ingest::Transport::Tcp));
  wait_for_blocks(80);
  EXPECT_EQ(open_to_file(), 80u);  // 10 pictures a second
  const auto [frames, complaints] = decode();
  EXPECT_EQ(frames, 80u);
  EXPECT_EQ(complaints, "");
}

TEST_F(IngestInterop, LiveEncoderWithSlicesAndParameterSetsInBand) {
  const int port = serve(
      "( videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate=30/1 ! x264enc "
      "tune=zerolatency "
      "key-int-max=15 threads=4 sliced-threads=true ! rtph264pay name=pay0 pt=96 config-interval=-1 )");
  connect(source(port, ingest::Transport::Tcp));
  wait_for_blocks(90);
  const auto count = open_to_file();
  const auto [frames, complaints] = decode();
  EXPECT_EQ(frames, count);
  EXPECT_EQ(complaints, "");
  ASSERT_TRUE(connection_->status().video.has_value());
  EXPECT_EQ(connection_->status().video->fps, 30);
}

TEST_F(IngestInterop, SaysWhatIsWrong) {
  const int port = serve(h264_file(test_picture(kX264)));
  const auto found = [&](ingest::Source from) {
    return io::run_and_wait(thread_.loop(), ingest::probe(std::move(from), Seconds(10), clock_, random_));
  };
  EXPECT_EQ(found(source(port, ingest::Transport::Tcp, "guess")).problem.state, ingest::State::WrongPassword);
  auto elsewhere = source(port, ingest::Transport::Tcp);
  elsewhere.url += "/nothing";
  EXPECT_EQ(found(elsewhere).problem.state, ingest::State::NoStream);
  const auto good = found(source(port, ingest::Transport::Tcp));
  ASSERT_TRUE(good.ok()) << good.problem.reason;
  EXPECT_EQ(good.video->fps, 25);
}

TEST_F(IngestInterop, BFramesComeInAndAreNamed) {
  connect(source(serve(h264_file(test_picture({"-c:v", "libx264", "-preset", "veryfast", "-pix_fmt",
                                               "yuv420p", "-bf", "2", "-g", "50"}))),
                 ingest::Transport::Tcp));
  wait_for_blocks(125);
  EXPECT_EQ(open_to_file(), 125u);
  const auto [frames, complaints] = decode();
  EXPECT_EQ(frames, 125u);
  EXPECT_EQ(complaints, "");
  EXPECT_TRUE(connection_->status().video->has_b_frames);
  EXPECT_EQ(connection_->status().video->fps, 25);
}

class H265Interop : public IngestInterop {
 protected:
  H265Interop() { demuxer_ = "hevc"; }
  std::vector<std::string> x265(std::string_view parameters) const {
    return {"-c:v",    "libx265", "-preset", "ultrafast",    "-pix_fmt",
            "yuv420p", "-tag:v",  "hvc1",    "-x265-params", fmt::format("log-level=error:{}", parameters)};
  }
  static std::string h265_file(const std::string& file, std::string_view how = "") {
    return fmt::format("( filesrc location={} ! qtdemux ! h265parse ! rtph265pay name=pay0 pt=96 {} )", file,
                       how);
  }
  void expect_all_decode(std::size_t count) {
    const auto opened = open_to_file();
    EXPECT_GE(opened, count);
    const auto [frames, complaints] = decode();
    EXPECT_EQ(frames, opened);
    EXPECT_EQ(complaints, "");
    for (const auto& block : blocks_) EXPECT_EQ(block->header().video_coding(), seal::VideoCoding::H265);
  }
};

TEST_F(H265Interop, EveryPictureOfAClipByTcp) {
  connect(source(serve(h265_file(test_picture(x265("bframes=0:keyint=50")))), ingest::Transport::Tcp));
  const auto live = wait_for(ingest::State::Live);
  EXPECT_EQ(live.video->codec_string().substr(0, 7), "hvc1.1.");
  EXPECT_EQ(live.video->width, 640u);
  EXPECT_EQ(live.video->height, 360u);
  EXPECT_FALSE(live.video->has_b_frames);
  wait_for_blocks(125);
  expect_all_decode(125);
  EXPECT_EQ(connection_->status().video->fps, 25);
}

TEST_F(H265Interop, EveryPictureOfAClipByUdp) {
  connect(source(serve(h265_file(test_picture(x265("bframes=0:keyint=50:slices=4")), "aggregate-mode=1")),
                 ingest::Transport::Udp));
  wait_for_blocks(124);
  expect_all_decode(124);
}

TEST_F(H265Interop, OpenGopsWithBFrames) {
  const auto clip = test_picture(x265("bframes=3:keyint=15:min-keyint=15:open-gop=1:b-adapt=0"));
  connect(source(serve(h265_file(clip)), ingest::Transport::Tcp));
  wait_for_blocks(120);
  expect_all_decode(120);
  EXPECT_TRUE(connection_->status().video->has_b_frames);
  EXPECT_TRUE(std::ranges::any_of(
      blocks_, [](const auto& block) { return (block->header().flags & seal::kFlagRefersPastKey) != 0; }));
}

// As many cameras send it: encoded as it goes, parameter sets in the stream alone.
TEST_F(H265Interop, LiveEncoderByBothTransports) {
  const int port = serve(
      "( videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate=15/1 ! x265enc "
      "tune=zerolatency speed-preset=ultrafast key-int-max=15 ! video/x-h265,profile=main ! rtph265pay "
      "name=pay0 pt=96 "
      "config-interval=-1 )");
  for (const auto transport : {ingest::Transport::Tcp, ingest::Transport::Udp}) {
    connect(source(port, transport));
    wait_for_blocks(50);
    expect_all_decode(50);
    connection_.reset();
    const std::lock_guard lock(mutex_);
    blocks_.clear();
  }
}

}  // namespace
/// Sound beside pictures, of a tone of 1 kHz: what is sealed is decoded by FFmpeg, and judged by how often it
/// crosses zero.
class SoundInterop : public IngestInterop {
 protected:
  static std::string launch(const std::string& sound) {
    return "( videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=15/1 ! "
           "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=15 ! rtph264pay name=pay0 pt=96 "
           "audiotestsrc is-live=true freq=1000 ! " +
           sound + " name=pay1 )";
  }
  void wait_for_sounds(std::size_t count) {
    std::unique_lock lock(mutex_);
    const auto heard = [&] {
      return static_cast<std::size_t>(std::ranges::count_if(
          blocks_, [](const auto& block) { return block->header().kind == seal::BlockKind::Audio; }));
    };
    EXPECT_TRUE(changed_.wait_for(lock, Seconds(60), [&] { return heard() >= count; })) << heard();
  }
  /// Closes, opens all sound, writes it as `write` does; gives the format, and checks the order of blocks.
  template <class Write>
  codec::AudioFormat open_sounds(Write write) {
    io::run_and_wait(thread_.loop(), connection_->close());
    std::ofstream file(path("sound"), std::ios::binary);
    auto opener = keys_.opener(blocks_.at(0)->header().capture);
    codec::AudioFormat format;
    std::optional<UtcTime> picture;
    for (const auto& block : blocks_) {
      const auto clear = opener.open(*block);
      EXPECT_TRUE(clear.has_value());
      if (!clear) break;
      if (block->header().kind == seal::BlockKind::Video) picture = block->header().capture;
      if (block->header().kind != seal::BlockKind::Audio) continue;
      EXPECT_TRUE(picture) << "pictures come first";
      const auto frame = codec::parse_audio_frame(static_cast<std::uint8_t>(*block->header().audio_coding()),
                                                  clear->bytes());
      EXPECT_TRUE(frame.has_value());
      if (!frame) break;
      format = frame->format;
      const std::string bytes = write(*frame);
      file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    }
    return format;
  }
  /// Of the sound in the file, decoded, in Hz: half of the zero crossings in a second.
  double pitch(std::vector<std::string> demuxer, double rate) const {
    std::vector<std::string> words{"ffmpeg", "-v", "error"};
    words.insert(words.end(), demuxer.begin(), demuxer.end());
    for (const char* word : {"-i", "", "-f", "s16le", "-ac", "1", "-"}) words.emplace_back(word);
    *std::ranges::find(words, "") = path("sound");
    Program ffmpeg(words);
    const auto samples = ffmpeg.read_all();
    EXPECT_EQ(ffmpeg.wait(), 0);
    int crossings = 0;
    int count = 0;
    bool above = false;
    for (std::size_t at = 8000; at + 1 < samples.size(); at += 2, ++count) {  // behind the encoder's start
      const auto value = static_cast<std::int16_t>(static_cast<std::uint8_t>(samples[at]) |
                                                   static_cast<std::uint8_t>(samples[at + 1]) << 8);
      if ((value > 0) != above) ++crossings;
      above = value > 0;
    }
    EXPECT_GT(count, static_cast<int>(rate / 2)) << "half a second at least";
    return crossings / 2.0 / (count / rate);
  }
  static std::string plain(const codec::AudioFrame& frame) { return std::string(as_text(frame.bytes)); }
};

TEST_F(SoundInterop, G711ByBothTransports) {
  const int port = serve(launch("audio/x-raw,rate=8000,channels=1 ! mulawenc ! rtppcmupay pt=0"));
  for (const auto transport : {ingest::Transport::Tcp, ingest::Transport::Udp}) {
    blocks_.clear();
    connect(source(port, transport));
    wait_for_sounds(100);
    const auto format = open_sounds(plain);
    EXPECT_EQ(format, (codec::AudioFormat{codec::AudioCodec::Pcmu, 8000, 1, {}}));
    EXPECT_NEAR(pitch({"-f", "mulaw", "-ar", "8000", "-ac", "1"}, 8000), 1000, 20);
    EXPECT_TRUE(std::ranges::any_of(statuses_, [](const auto& status) { return status.sound.has_value(); }));
    connection_.reset();
  }
}

TEST_F(SoundInterop, Aac) {
  connect(source(serve(launch("audio/x-raw,rate=16000,channels=1 ! avenc_aac ! aacparse ! rtpmp4gpay pt=97")),
                 ingest::Transport::Tcp));
  wait_for_sounds(60);
  // ADTS (ISO/IEC 14496-3, 1.A.2) of AAC-LC, 16 kHz, one channel, in front of each frame.
  const auto format = open_sounds([](const codec::AudioFrame& frame) {
    const auto size = frame.bytes.size() + 7;
    std::string adts{"\xFF\xF1\x60\x40", 4};
    adts[3] = static_cast<char>(0x40 | size >> 11);
    adts += static_cast<char>(size >> 3);
    adts += static_cast<char>((size & 7) << 5 | 0x1F);
    adts += static_cast<char>(0xFC);
    return adts + plain(frame);
  });
  EXPECT_EQ(format.rate, 16'000u);
  EXPECT_EQ(codec::parse_aac_config(format.config).value().object, codec::AacObject::LowComplexity);
  EXPECT_NEAR(pitch({"-f", "aac"}, 16'000), 1000, 20);
}

TEST_F(SoundInterop, Opus) {
  connect(source(serve(launch("audio/x-raw,rate=48000,channels=2 ! opusenc ! rtpopuspay pt=98")),
                 ingest::Transport::Tcp));
  wait_for_sounds(50);
  const auto format = open_sounds([](const codec::AudioFrame& frame) {
    EXPECT_EQ(codec::opus_facts(frame.bytes)->duration(), Milliseconds(20));
    return plain(frame);
  });
  EXPECT_EQ(format.codec, codec::AudioCodec::Opus);
}

TEST_F(SoundInterop, MotionJpegDecodesPictureByPicture) {
  connect(source(
      serve("( videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate=10/1,"
            "format=I420 ! jpegenc ! rtpjpegpay name=pay0 pt=26 )"),
      ingest::Transport::Tcp));
  EXPECT_EQ(wait_for(ingest::State::Live).video->codec, codec::VideoCodec::Jpeg);
  wait_for_blocks(20);
  io::run_and_wait(thread_.loop(), connection_->close());
  std::ofstream file(path("opened.h264"), std::ios::binary);
  auto opener = keys_.opener(blocks_.at(0)->header().capture);
  for (const auto& block : blocks_) {
    EXPECT_EQ(block->header().video_coding(), seal::VideoCoding::Jpeg);
    EXPECT_TRUE(block->header().is_key_frame());
    const auto clear = opener.open(*block);
    ASSERT_TRUE(clear.has_value());
    EXPECT_EQ(codec::jpeg_size(clear->bytes()).value(), (codec::JpegSize{320, 240}));
    const auto bytes = as_text(clear->bytes());
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
  file.close();
  demuxer_ = "mjpeg";
  const auto [frames, complaints] = decode();
  EXPECT_EQ(frames, blocks_.size());
}

}  // namespace jalousie::interop
