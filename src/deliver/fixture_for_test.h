// A server for this room's tests, as far as delivery sees one: two loops with their rings, one UDP port, one
// camera that is sealed here, and what the keeper and the page would be told.
#pragma once

#include <array>
#include <atomic>
#include <future>
#include <mutex>

#include <gtest/gtest.h>

#include "crypto/system_random.h"
#include "deliver/udp_mux.h"
#include "deliver/viewer_for_test.h"
#include "deliver/viewing_events.h"
#include "io/loop_thread.h"
#include "seal/keys.h"
#include "seal/sealer.h"
#include "stream/hub.h"
#include "webrtc/dtls.h"

namespace jalousie::deliver {

class RecordingEvents final : public ViewingEventSink {
 public:
  struct Time {
    ViewingId viewing;
    std::uint32_t rtp_timestamp;
    UtcTime capture;
  };
  struct End {
    SessionId owner;
    ViewingId viewing;
    keeper::EndReason reason;
    friend bool operator==(const End&, const End&) = default;
  };
  void picture_time(SessionId, ViewingId viewing, std::uint32_t rtp_timestamp, UtcTime capture) override {
    const std::lock_guard lock(mutex_);
    times_.push_back({viewing, rtp_timestamp, capture});
  }
  void viewing_ended(SessionId owner, ViewingId viewing, keeper::EndReason reason) override {
    const std::lock_guard lock(mutex_);
    ends_.push_back({owner, viewing, reason});
  }
  std::vector<Time> times() {
    const std::lock_guard lock(mutex_);
    return times_;
  }
  std::vector<End> ends() {
    const std::lock_guard lock(mutex_);
    return ends_;
  }

 private:
  std::mutex mutex_;
  std::vector<Time> times_;
  std::vector<End> ends_;
};

class CountingOffice final : public stream::GrantOffice {
 public:
  void renew(ViewingId, io::Loop&, Renewed) override {}
  void refused(ViewingId, seal::Refusal, const seal::BlockHeader&, const stream::Tally&) override {
    ++refused_;
  }
  void ended(ViewingId, const stream::Tally&) override { ++ended_; }
  std::atomic<int> refused_{0};
  std::atomic<int> ended_{0};
};

class DeliverTest : public testing::Test {
 protected:
  DeliverTest() {
    std::array<io::Loop*, 2> loops{&first_.loop(), &second_.loop()};
    hub_.emplace(loops, clock_, stream::RingLimits{}, metrics_);
    shard_ = hub_->shards()[0].get();
    while (&hub_->shard_of(label_.label.camera) != shard_) label_.label.camera = CameraId::random(random_);
    days_.emplace(label_.label, random_, clock_);
    sealer_.emplace(label_, std::make_unique<Keys>(*days_), random_, 1000);
    mux_ = UdpMux::start(first_.loop(), Endpoint::v4({127, 0, 0, 1}, 0), metrics_).value();
  }
  ~DeliverTest() override {
    on_loop([this] { mux_->close(); });
    first_.stop_and_join();
    second_.stop_and_join();
  }

  template <class F>
  void on_loop(F work) {
    std::promise<void> done;
    first_.loop().post([&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }

  keeper::Grant grant() {
    keeper::Grant made;
    made.viewing = ViewingId::random(random_);
    made.label = label_.label;
    made.lease_until = clock_.steady() + keeper::kLease;
    auto keys = seal::make_opener_keys(label_);
    keys->keys.push_back(days_->epoch_key(seal::epoch_of(clock_.utc())).value());
    made.openers.emplace(StreamId::Main, seal::Opener(label_, std::move(keys)));
    return made;
  }

  /// One NAL unit of this content, and the picture of it.
  static Buffer nal(std::size_t bytes, std::uint8_t fill) {
    Buffer made(bytes, fill);
    made[0] = 0x65;
    return made;
  }
  seal::BlockPtr seal(const Buffer& nal, bool key) {
    Buffer unit(4 + nal.size());
    ByteWriter writer(unit);
    writer.u32(static_cast<std::uint32_t>(nal.size()));
    writer.bytes(nal);
    return sealer_
        ->seal(seal::BlockKind::Video, key ? seal::kFlagKeyFrame : std::uint16_t{0}, clock_.utc(), unit)
        .value();
  }
  void publish(const seal::BlockPtr& block) {
    on_loop([&] { shard_->publish(block); });
  }
  /// A picture taken now.
  void publish(const Buffer& nal, bool key) { publish(seal(nal, key)); }

  /// What the viewer got until now.
  Viewer::Received received() {
    const std::string marker = "=marker " + std::to_string(++markers_);
    const ByteView bytes = as_bytes(marker);
    return viewer_.receive_until(
        bytes, [&] { on_loop([&] { mux_->send(viewer_.endpoint(), std::span(&bytes, 1)); }); });
  }
  double counted(const std::string& name) { return metrics_.counter(name, "").value(); }

  /// One day's key, as the keeper has it.
  class Days {
   public:
    Days(const seal::Label& label, RandomSource& random, const Clock& clock)
        : day_(seal::DayKey::random(label, seal::day_of(seal::epoch_of(clock.utc())), random)) {}
    Result<seal::EpochKey> epoch_key(std::uint32_t epoch) const {
      return day_.epoch_key(StreamId::Main, epoch);
    }

   private:
    seal::DayKey day_;
  };
  class Keys final : public seal::EpochKeySource {
   public:
    explicit Keys(const Days& days) : days_(days) {}
    bool ended() const noexcept override { return false; }
    Result<seal::EpochKey> epoch_key(std::uint32_t epoch) override { return days_.epoch_key(epoch); }

   private:
    const Days& days_;
  };

  FakeClock clock_;
  crypto::SystemRandom random_;
  Metrics metrics_;
  seal::StreamLabel label_{{HomeId::random(random_), CameraId::random(random_), Tenure{1}}, StreamId::Main};
  std::shared_ptr<const webrtc::Identity> identity_ = webrtc::Identity::create(random_, clock_.utc()).value();
  SessionId owner_ = SessionId::random(random_);
  io::LoopThread first_;
  io::LoopThread second_;
  std::optional<stream::Hub> hub_;
  stream::Shard* shard_ = nullptr;  // of the first loop: the camera's and the viewer's
  std::optional<Days> days_;
  std::optional<seal::Sealer> sealer_;
  std::unique_ptr<UdpMux> mux_;
  RecordingEvents events_;
  CountingOffice office_;
  Viewer viewer_;
  int markers_ = 0;
};

}  // namespace jalousie::deliver
