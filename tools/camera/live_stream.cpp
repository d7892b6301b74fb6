#include "camera/live_stream.h"

#include <algorithm>

#include "base/log.h"
#include "camera/time_zone.h"

namespace jalousie::camera {
namespace {

// A loaded machine catches up with this much; behind by more it never would.
constexpr auto kMostBehind = Seconds(5);

}  // namespace

/// Between the loop and one run of the encoder. `stream` is changed and read on the loop only.
struct LiveStream::Shared {
  LiveStream* stream;
};

LiveStream::LiveStream(io::Loop& loop, const Clock& clock, Schedule schedule, EncoderSettings settings,
                       std::unique_ptr<Painter> painter)
    : loop_(loop), clock_(clock), schedule_(schedule), settings_(settings), painter_(std::move(painter)) {}

LiveStream::~LiveStream() {
  if (shared_) shared_->stream = nullptr;
}

std::uint64_t LiveStream::attach(Watcher& watcher) {
  const auto first = schedule_.number_at(clock_.steady()) + 1;
  watchers_.push_back(&watcher);
  if (watchers_.size() > 1) return first;
  if (thread_.joinable()) thread_.join();  // was told to stop, and does within a frame
  shared_ = std::make_shared<Shared>(this);
  thread_ = std::jthread(
      [this, first, shared = shared_](std::stop_token stop) { run(std::move(stop), first, shared); });
  return first;
}

void LiveStream::detach(Watcher& watcher) {
  std::erase(watchers_, &watcher);
  if (!watchers_.empty() || !shared_) return;
  shared_->stream = nullptr;
  shared_.reset();
  thread_.request_stop();
}

void LiveStream::deliver(const CodedFrame& frame) {
  const auto watchers = watchers_;  // one may leave meanwhile
  for (auto* watcher : watchers) {
    if (std::ranges::find(watchers_, watcher) != watchers_.end()) watcher->on_frame(frame);
  }
}

void LiveStream::run(std::stop_token stop, std::uint64_t first, std::shared_ptr<Shared> shared) {
  auto encoder = Encoder::create(settings_);
  if (!encoder) return log::error("camera", "no encoder", {{"reason", encoder.error().message()}});
  for (auto number = first; !stop.stop_requested(); ++number) {
    const auto due = schedule_.due(number);
    const auto now = clock_.steady();
    if (now < due) {
      std::this_thread::sleep_for(due - now);
      if (stop.stop_requested()) return;
    } else if (now - due > kMostBehind) {
      const auto latest = schedule_.number_at(now);
      log::warn("camera", "this machine is too slow for the stream: frames left out",
                {{"frames", std::to_string(latest - number)}});
      number = latest;
    }
    const auto taken = clock_.utc() - (clock_.steady() - schedule_.due(number));
    const identity::LocalTime time{static_cast<std::uint32_t>(to_us(taken) / 1'000'000),
                                   zone_quarters(taken)};
    const auto unit = (*encoder)->encode(painter_->paint(number, time));
    if (!unit) return log::error("camera", "encoding failed", {{"reason", unit.error().message()}});
    CodedFrame frame{Buffer(unit->bytes.begin(), unit->bytes.end()), number, taken, unit->key_frame};
    loop_.post([shared, coded = std::move(frame)] {
      if (shared->stream != nullptr) shared->stream->deliver(coded);
    });
  }
}

}  // namespace jalousie::camera
