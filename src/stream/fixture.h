// For this room's tests: keys and a keeper's office without a keeper.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "seal/keys.h"
#include "seal/sealer.h"
#include "stream/viewing.h"

namespace jalousie::stream {

/// The keys of yesterday and today and tomorrow, so that no test minds midnight.
class Days {
 public:
  Days(const seal::Label& label, std::uint32_t today, RandomSource& random) {
    for (const std::uint32_t day : {today - 1, today, today + 1})
      days_.push_back(seal::DayKey::random(label, day, random));
  }
  Result<seal::EpochKey> epoch_key(StreamId stream, std::uint32_t epoch) const {
    for (const seal::DayKey& day : days_) {
      if (day.day() == seal::day_of(epoch)) return day.epoch_key(stream, epoch);
    }
    return fail(ErrorKind::NotFound, "no key of that day");
  }

 private:
  std::vector<seal::DayKey> days_;
};

class FixedKeys final : public seal::EpochKeySource {
 public:
  explicit FixedKeys(const Days& days) : days_(days) {}
  bool ended() const noexcept override { return false; }
  Result<seal::EpochKey> epoch_key(std::uint32_t epoch) override {
    return days_.epoch_key(StreamId::Main, epoch);
  }

 private:
  const Days& days_;
};

class RecordingOffice final : public GrantOffice {
 public:
  void renew(ViewingId, io::Loop&, Renewed answer) override {
    const std::lock_guard lock(mutex_);
    ++renewals_;
    asked_.push_back(std::move(answer));
  }
  /// The answers that are due. Call them on the viewing's loop.
  std::vector<Renewed> take_asked() {
    const std::lock_guard lock(mutex_);
    return std::exchange(asked_, {});
  }
  void refused(ViewingId, seal::Refusal refusal, const seal::BlockHeader&, const Tally&) override {
    refusal_ = refusal;
  }
  void ended(ViewingId, const Tally& tally) override {
    frames_ = tally.frames;
    ++ends_;
  }
  std::atomic<std::optional<seal::Refusal>> refusal_{};
  std::atomic<std::uint64_t> frames_{0};
  std::atomic<int> ends_{0};
  std::atomic<int> renewals_{0};

 private:
  std::mutex mutex_;
  std::vector<Renewed> asked_;
};

}  // namespace jalousie::stream
