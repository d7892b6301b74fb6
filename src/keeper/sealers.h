// The sealers that are out: gives ingest its keys, a day ahead, and takes them away the moment a tenure ends.
// Safe from any thread; all but SealingKeys waits for a disk.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>

#include "base/time.h"
#include "keeper/key_chest.h"
#include "seal/sealer.h"

namespace jalousie::keeper {

/// The day keys of one tenure, while something is sealed under it.
class SealingKeys {
 public:
  SealingKeys(KeyChest& chest, const seal::Label& label)
      : chest_(chest), label_(label), sealed_(chest.sealed_epochs(label)) {}

  bool ended() const noexcept { return ended_.load(std::memory_order_relaxed); }
  void end();
  /// From memory; waits for the registry only when the day was not prepared (the clock has jumped).
  Result<seal::EpochKey> epoch_key(StreamId stream, std::uint32_t epoch);
  /// The keys of `day` and the next; forgets all but those and the day before.
  Result<> prepare(std::uint32_t day);

 private:
  Result<> have(std::uint32_t day);

  KeyChest& chest_;
  const seal::Label label_;
  const std::shared_ptr<SealedEpochs> sealed_;
  std::atomic<bool> ended_{false};
  std::mutex mutex_;
  std::map<std::uint32_t, seal::DayKey> days_;
};

class Sealers {
 public:
  Sealers(KeyChest& chest, registry::Store& store, Clock& clock, RandomSource& random)
      : chest_(chest), store_(store), clock_(clock), random_(random) {}

  /// NotFound unless the label's tenure is the camera's current one.
  Result<seal::Sealer> make(CameraId camera, Tenure tenure, StreamId stream);
  /// Stops the sealers of tenures that are no longer current: all, or those of one camera.
  Result<> check();
  Result<> check(CameraId camera);
  Result<> prepare_days();

 private:
  std::shared_ptr<SealingKeys> keys_of(const seal::Label& label);
  std::vector<std::pair<seal::Label, std::shared_ptr<SealingKeys>>> live();

  KeyChest& chest_;
  registry::Store& store_;
  Clock& clock_;
  RandomSource& random_;
  std::mutex mutex_;
  std::map<seal::Label, std::weak_ptr<SealingKeys>> live_;
  std::map<seal::StreamLabel, std::uint64_t>
      last_first_;  // sequence that the latest sealer of a stream began with
};

}  // namespace jalousie::keeper
