#include "keeper/sealers.h"

#include <algorithm>

#include "keeper/first_error.h"
#include "keeper/rights.h"

namespace jalousie::keeper {

namespace {

// More blocks than one sealer ever seals: 100 a second for a year.
constexpr std::uint64_t kSequencesPerSealer = std::uint64_t{1} << 32;

class KeySource final : public seal::EpochKeySource {
 public:
  KeySource(std::shared_ptr<SealingKeys> keys, StreamId stream) : keys_(std::move(keys)), stream_(stream) {}
  bool ended() const noexcept override { return keys_->ended(); }
  Result<seal::EpochKey> epoch_key(std::uint32_t epoch) override { return keys_->epoch_key(stream_, epoch); }

 private:
  std::shared_ptr<SealingKeys> keys_;
  StreamId stream_;
};

seal::Label label_of(const registry::Camera& camera) { return {camera.home, camera.id, camera.tenure}; }

}  // namespace

void SealingKeys::end() {
  ended_ = true;
  const std::lock_guard lock(mutex_);
  days_.clear();
}

Result<> SealingKeys::have(std::uint32_t day) {
  if (ended()) return fail(ErrorKind::FailedPrecondition, "the tenure has ended");
  {
    const std::lock_guard lock(mutex_);
    if (days_.contains(day)) return {};
  }
  TRY(seal::DayKey key, chest_.day_key(label_, day));
  const std::lock_guard lock(mutex_);
  if (ended()) return fail(ErrorKind::FailedPrecondition, "the tenure has ended");
  days_.emplace(day, std::move(key));
  return {};
}

Result<seal::EpochKey> SealingKeys::epoch_key(StreamId stream, std::uint32_t epoch) {
  const std::uint32_t day = seal::day_of(epoch);
  TRY_VOID(have(day));
  const std::lock_guard lock(mutex_);
  const auto found = days_.find(day);
  if (found == days_.end()) return fail(ErrorKind::FailedPrecondition, "the tenure has ended");
  sealed_->note(stream, epoch);
  return found->second.epoch_key(stream, epoch);
}

Result<> SealingKeys::prepare(std::uint32_t day) {
  TRY_VOID(have(day));
  TRY_VOID(have(day + 1));
  const std::lock_guard lock(mutex_);
  std::erase_if(days_, [day](const auto& entry) { return entry.first + 1 < day || entry.first > day + 1; });
  return {};
}

std::shared_ptr<SealingKeys> Sealers::keys_of(const seal::Label& label) {
  const std::lock_guard lock(mutex_);
  std::erase_if(live_, [](const auto& entry) { return entry.second.expired(); });
  auto keys = live_[label].lock();
  if (!keys) {
    keys = std::make_shared<SealingKeys>(chest_, label);
    live_[label] = keys;
  }
  return keys;
}

// Registered first and checked then: a tenure that ends in between is noticed by check().
Result<seal::Sealer> Sealers::make(CameraId camera, Tenure tenure, StreamId stream) {
  TRY(const registry::Camera found, store_.cameras().camera(camera));
  if (found.tenure != tenure) return std::unexpected(no_such_camera());
  const seal::StreamLabel label{label_of(found), stream};
  auto keys = keys_of(label.label);
  TRY(const registry::Camera current, store_.cameras().camera(camera));
  if (label_of(current) != label.label) {
    keys->end();
    return std::unexpected(no_such_camera());
  }
  TRY_VOID(keys->prepare(seal::day_of(clock_.utc())));
  // Numbers go on where the wall clock stands, and never back, so that an opener does not see an old number
  // come again.
  std::uint64_t first = static_cast<std::uint64_t>(to_us(clock_.utc()));
  {
    const std::lock_guard lock(mutex_);
    if (const auto last = last_first_.find(label); last != last_first_.end()) {
      first = std::max(first, last->second + kSequencesPerSealer);
    }
    last_first_[label] = first;
  }
  return seal::Sealer(label, std::make_unique<KeySource>(std::move(keys), stream), random_, first);
}

std::vector<std::pair<seal::Label, std::shared_ptr<SealingKeys>>> Sealers::live() {
  const std::lock_guard lock(mutex_);
  std::vector<std::pair<seal::Label, std::shared_ptr<SealingKeys>>> found;
  for (const auto& [label, weak] : live_) {
    if (auto keys = weak.lock()) found.emplace_back(label, std::move(keys));
  }
  return found;
}

// Who is out is noted before the registry is read: a tenure that begins in between is not taken for one that
// ended.
Result<> Sealers::check() {
  const auto out = live();
  std::vector<seal::StreamLabel> numbered;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [label, first] : last_first_) numbered.push_back(label);
  }
  TRY(const auto cameras, store_.cameras().cameras());
  const auto is_current = [&cameras](const seal::Label& label) {
    return std::ranges::any_of(cameras,
                               [&](const registry::Camera& camera) { return label_of(camera) == label; });
  };
  for (const auto& [label, keys] : out) {
    if (!is_current(label)) keys->end();
  }
  std::erase_if(numbered, [&](const seal::StreamLabel& of) { return is_current(of.label); });
  const std::lock_guard lock(mutex_);
  for (const seal::StreamLabel& ended : numbered) last_first_.erase(ended);
  return {};
}

Result<> Sealers::check(CameraId camera) {
  const auto out = live();
  const auto found = store_.cameras().camera(camera);
  if (!found && found.error().kind() != ErrorKind::NotFound) return std::unexpected(found.error());
  for (const auto& [label, keys] : out) {
    if (label.camera == camera && (!found || label_of(*found) != label)) keys->end();
  }
  return {};
}

Result<> Sealers::prepare_days() {
  const std::uint32_t day = seal::day_of(clock_.utc());
  FirstError errors;
  for (const auto& [label, keys] : live()) {
    if (!keys->ended()) errors.note(keys->prepare(day));
  }
  return errors.result();
}

}  // namespace jalousie::keeper
