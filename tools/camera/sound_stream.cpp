#include "camera/sound_stream.h"

#include <algorithm>

#include "base/log.h"

namespace jalousie::camera {
namespace {

// A machine that is this far behind leaves frames out.
constexpr std::uint64_t kMostBehind = 250;

}  // namespace

SoundStream::SoundStream(io::Loop& loop, const Clock& clock, SteadyTime start, std::unique_ptr<Tone> tone)
    : clock_(clock), start_(start), tone_(std::move(tone)), timer_(loop) {}

Microseconds SoundStream::begin_of(std::uint64_t number) const {
  return Microseconds(
      static_cast<std::int64_t>(number * tone_->frame_ticks() * 1'000'000 / tone_->format().rate));
}

std::uint64_t SoundStream::number_at(SteadyTime now) const {
  const auto since = static_cast<std::uint64_t>((now - start_).count());
  return since * tone_->format().rate / 1'000'000 / tone_->frame_ticks();
}

std::uint64_t SoundStream::attach(Listener& listener) {
  listeners_.push_back(&listener);
  if (listeners_.size() == 1) {
    next_ = number_at(clock_.steady()) + 1;
    wait();
  }
  return next_;
}

void SoundStream::detach(Listener& listener) {
  std::erase(listeners_, &listener);
  if (listeners_.empty()) timer_.cancel();
}

void SoundStream::wait() {
  const auto ready = start_ + begin_of(next_ + 1);
  timer_.start(std::max<Microseconds>(ready - clock_.steady(), Microseconds(0)), [this] { deliver(); });
}

void SoundStream::deliver() {
  const auto now = number_at(clock_.steady());
  if (now > next_ + kMostBehind) {
    log::warn("camera", "this machine is too slow: sound left out",
              {{"frames", std::to_string(now - next_)}});
    next_ = now;
  }
  const auto frame = tone_->encode(next_);
  if (!frame) return log::error("camera", "no sound", {{"reason", frame.error().message()}});
  const auto taken = clock_.utc() - (clock_.steady() - (start_ + begin_of(next_)));
  const CodedSound sound{*frame, next_, taken};
  ++next_;
  const auto listeners = listeners_;  // one may leave meanwhile
  for (auto* listener : listeners) {
    if (std::ranges::find(listeners_, listener) != listeners_.end()) listener->on_sound(sound);
  }
  if (!listeners_.empty()) wait();
}

}  // namespace jalousie::camera
