// A sealer and an opener of one stream, for tests: the keeper's part, with one fixed key a day.
#pragma once

#include "seal/keys.h"
#include "seal/opener.h"
#include "seal/sealer.h"

namespace jalousie::ingest {

inline seal::StreamLabel label_for_test() {
  seal::StreamLabel label;
  label.label.home.bytes.fill(0xa1);
  label.label.camera.bytes.fill(0xc1);
  label.label.tenure = Tenure{3};
  return label;
}

class FixedRandom final : public RandomSource {
 public:
  void fill(MutableBytes target) override { std::fill(target.begin(), target.end(), std::uint8_t{0x42}); }
};

inline seal::EpochKey key_for_test(std::uint32_t epoch) {
  FixedRandom random;
  return seal::DayKey::random(label_for_test().label, seal::day_of(epoch), random)
      .epoch_key(StreamId::Main, epoch)
      .value();
}

class KeysForTest final : public seal::EpochKeySource {
 public:
  bool ended() const noexcept override { return false; }
  Result<seal::EpochKey> epoch_key(std::uint32_t epoch) override { return key_for_test(epoch); }
};

inline seal::Sealer sealer_for_test(RandomSource& random, const Clock& clock) {
  return {label_for_test(), std::make_unique<KeysForTest>(), random,
          static_cast<std::uint64_t>(to_us(clock.utc()))};
}

/// Of the epoch around `when` and its neighbours.
inline seal::Opener opener_for_test(UtcTime when) {
  auto keys = seal::make_opener_keys(label_for_test());
  const auto epoch = seal::epoch_of(when);
  for (const auto one : {epoch - 1, epoch, epoch + 1}) keys->keys.push_back(key_for_test(one));
  return {label_for_test(), std::move(keys)};
}

}  // namespace jalousie::ingest
