// For this room's tests, its benchmark and its fuzz target: fixed labels, keys and random bytes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "seal/keys.h"
#include "seal/opener.h"
#include "seal/sealer.h"

namespace jalousie::seal::fixture {

/// 0, 1, 2, ... for ever: repeatable, and never twice the same 16 bytes within 256.
class CountingRandom final : public RandomSource {
 public:
  explicit CountingRandom(std::uint8_t first = 0) : next_(first) {}
  void fill(MutableBytes target) override {
    for (std::uint8_t& byte : target) byte = next_++;
  }

 private:
  std::uint8_t next_;
};

template <class IdType>
IdType id(std::uint8_t byte) {
  IdType made;
  made.bytes.fill(byte);
  return made;
}

inline StreamLabel label(std::uint8_t home = 0xa1, std::uint8_t camera = 0xc1, std::uint64_t tenure = 7,
                         StreamId stream = StreamId::Main) {
  return {{id<HomeId>(home), id<CameraId>(camera), static_cast<Tenure>(tenure)}, stream};
}

/// 2026-11-23T06:20:00Z, the first microsecond of its epoch.
inline constexpr UtcTime kCapture = utc_from_us(1'795'414'800'000'000);
inline constexpr std::uint32_t kEpoch = epoch_of(kCapture);

inline DayKey day_key(const Label& of, std::uint32_t day) {
  CountingRandom random(
      static_cast<std::uint8_t>(of.home.bytes[0] + of.camera.bytes[0] + to_number(of.tenure) + day));
  return DayKey::random(of, day, random);
}

inline EpochKey epoch_key(const StreamLabel& of, std::uint32_t epoch) {
  return day_key(of.label, day_of(epoch)).epoch_key(of.stream, epoch).value();
}

inline OpenerKeysPtr opener_keys(const StreamLabel& of, std::vector<std::uint32_t> epochs = {kEpoch}) {
  auto keys = make_opener_keys(of);
  for (const std::uint32_t epoch : epochs) keys->keys.push_back(epoch_key(of, epoch));
  return keys;
}

inline Opener opener(const StreamLabel& of = label(), std::vector<std::uint32_t> epochs = {kEpoch}) {
  return {of, opener_keys(of, std::move(epochs))};
}

/// What a test may do to the keys of its sealer while that runs.
struct KeyDesk {
  StreamLabel label;
  bool ended = false;
  int asked = 0;
  std::function<Result<EpochKey>(std::uint32_t)> answer = [this](std::uint32_t epoch) {
    return epoch_key(label, epoch);
  };
};

class DeskKeySource final : public EpochKeySource {
 public:
  explicit DeskKeySource(KeyDesk& desk) : desk_(desk) {}
  bool ended() const noexcept override { return desk_.ended; }
  Result<EpochKey> epoch_key(std::uint32_t epoch) override {
    ++desk_.asked;
    return desk_.answer(epoch);
  }

 private:
  KeyDesk& desk_;
};

/// A sealer with its keys and random bytes.
struct Bench {
  explicit Bench(const StreamLabel& of = fixture::label(), std::uint64_t first_sequence = 1000)
      : desk{of}, sealer(of, std::make_unique<DeskKeySource>(desk), random, first_sequence) {}
  Bench(const Bench&) = delete;
  Bench& operator=(const Bench&) = delete;

  BlockPtr seal(ByteView plaintext, UtcTime capture = kCapture) {
    return sealer.seal(BlockKind::Video, kFlagKeyFrame, capture, plaintext).value();
  }
  BlockPtr seal(std::string_view plaintext, UtcTime capture = kCapture) {
    return seal(as_bytes(plaintext), capture);
  }

  CountingRandom random;
  KeyDesk desk;
  Sealer sealer;
};

inline Buffer copy_of(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

/// `block` with some of its bytes changed.
inline BlockPtr altered(const Block& block, const std::function<void(Buffer&)>& change) {
  Buffer bytes = copy_of(block.bytes());
  change(bytes);
  return Block::from_bytes(std::move(bytes)).value();
}

}  // namespace jalousie::seal::fixture
