// One MSE viewer over a real hub, sealer and opener; the WebSocket is ours to watch and to hold up.
#include "deliver/mse_session.h"

#include <condition_variable>
#include <future>
#include <mutex>

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "codec/access_unit.h"
#include "crypto/system_random.h"
#include "io/loop_thread.h"
#include "io/task_group.h"
#include "seal/keys.h"
#include "seal/sealer.h"

namespace jalousie::deliver {
namespace {

using namespace std::chrono_literals;

// x264: 640x360 at level 3, and another stream of another profile.
const Buffer kSps = *decode_hex("6764001eacd940a02ff970110000030001000003003c8f162d96");
const Buffer kOtherSps = *decode_hex("674d401fd9005005bb011000000300100000030320f1832480");
const Buffer kPps = *decode_hex("68ebe3cb22c0");

Buffer unit_of(const std::vector<Buffer>& nals) {
  codec::AccessUnitWriter writer;
  for (const Buffer& nal : nals) EXPECT_TRUE(writer.append(nal));
  return Buffer(writer.view().begin(), writer.view().end());
}
Buffer key_unit(const Buffer& sps = kSps) { return unit_of({sps, kPps, {0x65, 0x88, 0x84}}); }
Buffer other_unit(std::uint8_t mark) { return unit_of({{0x41, 0x9A, mark}}); }

// Key material of the days around now, so that no test minds midnight.
class Keys {
 public:
  Keys(const seal::Label& label, UtcTime now, RandomSource& random) {
    const std::uint32_t today = seal::day_of(seal::epoch_of(now));
    for (const std::uint32_t day : {today - 1, today, today + 1})
      days_.push_back(seal::DayKey::random(label, day, random));
  }
  Result<seal::EpochKey> epoch_key(std::uint32_t epoch) const {
    for (const seal::DayKey& day : days_) {
      if (day.day() == seal::day_of(epoch)) return day.epoch_key(StreamId::Main, epoch);
    }
    return fail(ErrorKind::NotFound, "no key of that day");
  }

 private:
  std::vector<seal::DayKey> days_;
};

class SealingKeys final : public seal::EpochKeySource {
 public:
  explicit SealingKeys(const Keys& keys) : keys_(keys) {}
  bool ended() const noexcept override { return false; }
  Result<seal::EpochKey> epoch_key(std::uint32_t epoch) override { return keys_.epoch_key(epoch); }

 private:
  const Keys& keys_;
};

class Office final : public stream::GrantOffice {
 public:
  void renew(ViewingId, io::Loop&, Renewed) override {}
  void refused(ViewingId, seal::Refusal, const seal::BlockHeader&, const stream::Tally&) override {}
  void ended(ViewingId, const stream::Tally& tally) override {
    frames = tally.frames;
    ++ends;
  }
  std::atomic<std::uint64_t> frames{0};
  std::atomic<int> ends{0};
};

class Events final : public ViewingEventSink {
 public:
  void picture_time(SessionId, ViewingId, std::uint32_t, UtcTime) override {}
  void viewing_ended(SessionId, ViewingId, keeper::EndReason reason) override { ended = reason; }
  std::atomic<std::optional<keeper::EndReason>> ended;
};

struct Message {
  std::string text;  // of a text message
  Buffer bytes;
  MseHeader header;
  ByteView mp4() const { return ByteView(bytes).subspan(MseHeader::kBytes); }
};

Message read_message(ByteView bytes) {
  Message message;
  message.bytes.assign(bytes.begin(), bytes.end());
  ByteReader reader(bytes);
  message.header.kind = static_cast<MseHeader::Kind>(reader.u8());
  message.header.flags = reader.u8();
  EXPECT_EQ(reader.u16(), 0);
  message.header.media_90khz = reader.u32();
  message.header.capture = utc_from_us(static_cast<std::int64_t>(reader.u64()));
  message.header.now = utc_from_us(static_cast<std::int64_t>(reader.u64()));
  EXPECT_TRUE(reader.ok());
  return message;
}

// The client: takes messages as they come, or none while it is held up. Used from the session's loop, asked
// from the test's thread.
class Client final : public http::WebSocket {
 public:
  explicit Client(io::Loop& loop) : let_go_(loop) {}

  io::Task<Result<>> send_text(std::string_view text) override {
    add({.text = std::string(text), .bytes = {}, .header = {}});
    co_return Result<>();
  }
  io::Task<Result<>> send_binary(ByteView message) override {
    const bool is_media = message[0] == static_cast<std::uint8_t>(MseHeader::Kind::Media);
    while (is_media && held_ && !cut_) co_await let_go_.wait(Microseconds::max());
    if (cut_) co_return fail(ErrorKind::Cancelled, "cut");
    if (is_media) last_written_ = message;
    add(read_message(message));
    co_return Result<>();
  }
  void cut() override {
    cut_ = true;
    let_go_.notify();
  }

  // On the loop.
  void hold(bool held) {
    held_ = held;
    let_go_.notify();
  }

  /// Where the latest picture lay, in the session's own memory.
  ByteView last_written() const { return last_written_; }

  /// The next message, in order.
  Message next() {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, 20s, [&] { return messages_.size() > read_; })) {
      ADD_FAILURE() << "no message came";
      return {};
    }
    return messages_[read_++];
  }
  bool was_cut() const { return cut_; }

 private:
  void add(Message message) {
    const std::lock_guard lock(mutex_);
    messages_.push_back(std::move(message));
    changed_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Message> messages_;
  std::size_t read_ = 0;
  ByteView last_written_;
  io::Event let_go_;
  bool held_ = false;
  std::atomic<bool> cut_{false};
};

class MseSessionTest : public testing::Test {
 protected:
  void SetUp() override {
    std::array<io::Loop*, 1> loops{&thread_.loop()};
    hub_ = std::make_unique<stream::Hub>(loops, clock_, stream::RingLimits{}, metrics_);
    sealer_.emplace(label_, std::make_unique<SealingKeys>(keys_), random_, 1000);
    desk_ = std::make_unique<ViewingDesk>(ViewingDesk::Parts{
        *hub_, workers_, office_,
        [this](const keeper::GrantRequest& request, keeper::RevokedCall revoked) -> Result<keeper::Grant> {
          EXPECT_EQ(request.door, "mse");
          if (revoked_early_) revoked(*revoked_early_);
          revoke_ = std::move(revoked);
          return grant();
        },
        [](const keeper::Principal&, CameraId, StreamId) { return Media{}; }});
    on_loop([this] {
      client_ = std::make_unique<Client>(thread_.loop());
      tasks_ = std::make_unique<io::TaskGroup>(thread_.loop());
    });
  }
  void TearDown() override {
    io::run_and_wait(thread_.loop(), tasks_->close());
    on_loop([this] {
      tasks_.reset();
      client_.reset();
    });
    EXPECT_EQ(office_.ends, 1) << "the keeper hears of each end once";
    thread_.stop_and_join();
  }

  template <class F>
  void on_loop(F work) {
    std::promise<void> done;
    thread_.loop().post([&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }

  keeper::Grant grant() {
    keeper::Grant made;
    made.viewing = viewing_;
    made.label = label_.label;
    made.lease_until = clock_.steady() + keeper::kLease;
    auto keys = seal::make_opener_keys(label_);
    const std::uint32_t epoch = seal::epoch_of(clock_.utc());
    for (const std::uint32_t one : {epoch - 1, epoch, epoch + 1}) {
      if (auto derived = keys_.epoch_key(one)) keys->keys.push_back(std::move(*derived));
    }
    made.openers.emplace(StreamId::Main, seal::Opener(label_, std::move(keys)));
    return made;
  }

  UtcTime publish(const Buffer& unit, Microseconds ago, bool key,
                  seal::VideoCoding coding = seal::VideoCoding::H264) {
    const UtcTime capture = clock_.utc() - ago;
    const unsigned flags = (key ? seal::kFlagKeyFrame : 0U) | seal::coding_flags(coding);
    auto block =
        sealer_->seal(seal::BlockKind::Video, static_cast<std::uint16_t>(flags), capture, unit).value();
    on_loop([&] { hub_->shard_of(label_.label.camera).publish(std::move(block)); });
    return capture;
  }

  io::Task<> serve() {
    auto admission = co_await desk_->admit({}, label_.label.camera, "mse");
    MseSession session({*desk_, counters_, events_}, SessionId::random(random_), StreamId::Main, judged_,
                       *std::move(admission));
    const http::WebSocketEnd end = co_await session.serve(*client_);
    end_.set_value(end);
  }
  void watch() {
    on_loop([this] { tasks_->spawn(serve()); });
    EXPECT_EQ(client_->next().text, R"({"type":"viewing","id":")" + viewing_.to_string() + "\"}");
  }
  void expect_init(std::string_view text) {
    EXPECT_EQ(client_->next().text, text);
    const Message init = client_->next();
    EXPECT_EQ(init.header.kind, MseHeader::Kind::Init);
    EXPECT_EQ(as_text(init.mp4().subspan(4, 8)), "ftypiso6");
  }

  SystemClock clock_;
  crypto::SystemRandom random_;
  Metrics metrics_;
  seal::StreamLabel label_{{HomeId::random(random_), CameraId::random(random_), Tenure{1}}, StreamId::Main};
  ViewingId viewing_ = ViewingId::random(random_);
  codec::VideoCodec judged_ = codec::VideoCodec::H264;
  Keys keys_{label_.label, clock_.utc(), random_};
  io::LoopThread thread_;
  io::Workers workers_{1};
  std::unique_ptr<stream::Hub> hub_;
  std::optional<seal::Sealer> sealer_;
  Office office_;
  Events events_;
  MseMetrics counters_{metrics_};
  std::unique_ptr<ViewingDesk> desk_;
  keeper::RevokedCall revoke_;
  std::optional<keeper::EndReason> revoked_early_;
  std::unique_ptr<Client> client_;
  std::unique_ptr<io::TaskGroup> tasks_;
  std::promise<http::WebSocketEnd> end_;
};

constexpr std::string_view kInit = R"({"type":"init","codecs":"avc1.64001e","width":640,"height":360})";

/// tfdt, trun's duration and the sample of a segment of ours (media_segment.h; fixed places).
struct Segment {
  explicit Segment(const Message& message) {
    ByteReader moof(message.mp4());
    moof.skip(8 + 16 + 8 + 16 + 12);
    decode_time = moof.u64();
    moof.skip(20);
    duration = moof.u32();
    moof.skip(12 + 8);
    sample = encode_hex(moof.rest());
  }
  std::uint64_t decode_time = 0;
  std::uint32_t duration = 0;
  std::string sample;
};

TEST_F(MseSessionTest, SendsInitThenPicturesWithTheirTimesWithoutHoles) {
  std::vector<UtcTime> captures{publish(key_unit(), 400ms, true)};
  for (std::uint8_t i = 1; i <= 9; ++i) captures.push_back(publish(other_unit(i), 400ms - i * 40ms, false));
  watch();
  expect_init(kInit);
  std::uint64_t next = 0;
  for (std::size_t i = 0; i < captures.size(); ++i) {
    const Message message = client_->next();
    EXPECT_EQ(message.header.kind, MseHeader::Kind::Media);
    EXPECT_EQ(message.header.capture, captures[i]);
    EXPECT_GE(message.header.now, captures[i]);
    EXPECT_EQ((message.header.flags & MseHeader::kKeyFrame) != 0, i == 0);
    const Segment segment(message);
    EXPECT_EQ(segment.decode_time, next);
    EXPECT_EQ(message.header.media_90khz, next);
    EXPECT_GT(segment.duration, 0U);
    next += segment.duration;
    // Parameter sets are in the init segment alone.
    EXPECT_EQ(segment.sample, i == 0 ? "00000003658884" : "00000003419a0" + std::to_string(i));
  }
}

TEST_F(MseSessionTest, OtherParameterSetsBringAnotherInit) {
  publish(key_unit(), 40ms, true);
  watch();
  expect_init(kInit);
  client_->next();
  publish(key_unit(), 0ms, true);
  EXPECT_EQ(client_->next().header.flags & MseHeader::kKeyFrame, MseHeader::kKeyFrame) << "the same: none";
  publish(key_unit(kOtherSps), 0ms, true);
  expect_init(R"({"type":"init","codecs":"avc1.4d401f","width":1280,"height":720})");
  EXPECT_EQ(client_->next().header.flags & MseHeader::kKeyFrame, MseHeader::kKeyFrame);
}

TEST_F(MseSessionTest, H265HasItsOwnInit) {
  judged_ = codec::VideoCodec::H265;
  const Buffer vps = *decode_hex("40010c01ffff016000000300900000030000030078959809");
  const Buffer sps = *decode_hex(
      "42010101600000030090000003000003003fa005020171f2e5ba4a4c2f016808000003000800000300c840");  // x265 3.5
  const Buffer pps = *decode_hex("4401c172b42240");
  publish(unit_of({vps, sps, pps, {0x26, 0x01, 0xAF}}), 80ms, true, seal::VideoCoding::H265);
  publish(unit_of({{0x02, 0x01, 0xD0}}), 40ms, false, seal::VideoCoding::H265);
  watch();
  expect_init(R"({"type":"init","codecs":"hvc1.1.6.L63.90","width":640,"height":360})");
  EXPECT_EQ(Segment(client_->next()).sample, "000000032601af");
  EXPECT_EQ(Segment(client_->next()).sample, "000000030201d0");
}

TEST_F(MseSessionTest, ASlowClientMissesPicturesAndIsTold) {
  publish(key_unit(), 0ms, true);
  watch();
  expect_init(kInit);
  client_->next();
  on_loop([this] { client_->hold(true); });
  // One is held up; of what comes behind it, the newest key frame is 2 s ahead in capture time.
  publish(other_unit(1), 0ms, false);
  for (std::uint8_t i = 2; i <= 5; ++i) publish(other_unit(i), -10ms * i, false);
  const UtcTime key = publish(key_unit(), -2100ms, true);
  on_loop([this] { client_->hold(false); });
  EXPECT_EQ(Segment(client_->next()).sample, "00000003419a01");
  EXPECT_EQ(client_->next().text, R"({"type":"skipped","blocks":4})");
  const Message message = client_->next();
  EXPECT_EQ(message.header.capture, key);
  EXPECT_EQ(message.header.flags & MseHeader::kKeyFrame, MseHeader::kKeyFrame);
  EXPECT_EQ(counters_.skipped.value(), 4);
}

TEST_F(MseSessionTest, ACameraThatSendsSomethingElseNowIsAskedAboutAgain) {
  publish(key_unit(), 0ms, true);
  watch();
  expect_init(kInit);
  client_->next();
  publish(key_unit(), 0ms, true, seal::VideoCoding::H265);
  auto end = end_.get_future();
  ASSERT_EQ(end.wait_for(20s), std::future_status::ready);
  EXPECT_EQ(end.get().code, 1000);
  EXPECT_EQ(counters_.pictures.value(), 1);
}

TEST_F(MseSessionTest, BFramesThatComeLaterEndItToo) {
  publish(key_unit(), 0ms, true);
  watch();
  expect_init(kInit);
  // first_mb_in_slice 0, slice_type 6: B.
  for (std::uint8_t i = 1; i <= 3; ++i) publish(unit_of({{0x01, 0x9E, i}}), 0ms, false);
  auto end = end_.get_future();
  ASSERT_EQ(end.wait_for(20s), std::future_status::ready);
  EXPECT_EQ(end.get().code, 1000);
  EXPECT_EQ(counters_.pictures.value(), 3) << "the third B-frame is none of its pictures";
}

TEST_F(MseSessionTest, ARevocationClosesWithItsReason) {
  publish(key_unit(), 0ms, true);
  watch();
  expect_init(kInit);
  revoke_(keeper::EndReason::PrivacyOn);
  auto end = end_.get_future();
  ASSERT_EQ(end.wait_for(20s), std::future_status::ready);
  const http::WebSocketEnd got = end.get();
  EXPECT_EQ(got.code, MseSession::kViewingEnded);
  EXPECT_EQ(got.reason, "privacy_on");
  EXPECT_EQ(events_.ended.load(), keeper::EndReason::PrivacyOn);
  EXPECT_FALSE(client_->was_cut());
}

TEST_F(MseSessionTest, ARevocationThatComesBeforeTheViewingLetsNothingOut) {
  publish(key_unit(), 0ms, true);
  revoked_early_ = keeper::EndReason::SignedOut;
  watch();
  auto end = end_.get_future();
  ASSERT_EQ(end.wait_for(20s), std::future_status::ready);
  EXPECT_EQ(end.get().reason, "signed_out");
  EXPECT_EQ(office_.frames, 0U);
  EXPECT_EQ(counters_.pictures.value(), 0);
}

TEST_F(MseSessionTest, AWriteThatIsStuckIsCutWhenTheViewingEnds) {
  on_loop([this] { client_->hold(true); });
  publish(key_unit(), 0ms, true);
  watch();
  expect_init(kInit);
  revoke_(keeper::EndReason::RightsChanged);
  auto end = end_.get_future();
  ASSERT_EQ(end.wait_for(20s), std::future_status::ready);
  EXPECT_EQ(end.get().reason, "rights_changed");
  EXPECT_TRUE(client_->was_cut());
}

TEST_F(MseSessionTest, WhatWasWrittenIsWiped) {
  publish(key_unit(), 0ms, true);
  watch();
  expect_init(kInit);
  client_->next();
  ByteView written;
  on_loop([&] { written = client_->last_written(); });
  ASSERT_FALSE(written.empty());
  on_loop([&] { EXPECT_TRUE(std::ranges::all_of(written, [](std::uint8_t byte) { return byte == 0; })); });
}

}  // namespace
}  // namespace jalousie::deliver
