// The keeper's keys: takes them out of the registry for the moment of their use, and makes new ones. Holds
// the root key; all others are unwrapped when asked for. The key chest checks no rights: its callers have.
// Safe from any thread; waits for a disk.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>

#include "base/random.h"
#include "base/time.h"
#include "keeper/credentials.h"
#include "keeper/root_key.h"
#include "registry/store.h"
#include "seal/keys.h"

namespace jalousie::keeper {

/// The epochs that each stream of one tenure is sealed under: what a sealer was given a key for last, and
/// what for before that, of which the ring still holds pictures.
class SealedEpochs {
 public:
  void note(StreamId stream, std::uint32_t epoch) {
    Epochs& epochs = stream == StreamId::Main ? main_ : sub_;
    if (const std::int64_t last = epochs.latest.exchange(epoch); last != epoch) epochs.before = last;
  }
  std::optional<std::uint32_t> latest(StreamId stream) const { return known(of(stream).latest); }
  std::optional<std::uint32_t> before(StreamId stream) const { return known(of(stream).before); }

 private:
  struct Epochs {
    std::atomic<std::int64_t> latest{-1};  // -1: none yet
    std::atomic<std::int64_t> before{-1};
  };
  static std::optional<std::uint32_t> known(std::int64_t epoch) {
    if (epoch < 0) return std::nullopt;
    return static_cast<std::uint32_t>(epoch);
  }
  const Epochs& of(StreamId stream) const { return stream == StreamId::Main ? main_ : sub_; }
  Epochs main_;
  Epochs sub_;
};

class KeyChest {
 public:
  /// FailedPrecondition when the root key is not the one that the data was sealed under. Where there is no
  /// data yet, the key becomes the data's.
  static Result<std::unique_ptr<KeyChest>> open(registry::Store& store, RandomSource& random,
                                                const RootKey& root);

  Result<seal::WrappedKey> new_home_key(HomeId home);
  Result<seal::WrappedKey> new_tenure_key(const seal::Label& label);
  /// NotFound when the tenure has ended.
  Result<seal::DayKey> day_key(const seal::Label& label, std::uint32_t day);
  /// For the epoch before, the present and the next one: a picture may be older than the change, and a lease
  /// longer. The same around the epoch that the stream is being sealed under, which is another one after the
  /// wall clock was set, and for the one before it, whose pictures a viewing may still have before it.
  Result<seal::OpenerKeysPtr> opener_keys(const seal::StreamLabel& label, UtcTime now);

  /// Where sealing of a tenure says its epochs; counts for as long as somebody holds it.
  std::shared_ptr<SealedEpochs> sealed_epochs(const seal::Label& label);
  /// Of all that is being sealed.
  std::optional<std::uint32_t> oldest_day_sealed() const;

  Result<Buffer> seal_credentials(const seal::Label& label, const Credentials& credentials);
  /// DataLoss when they are not this camera's and tenure's.
  Result<Credentials> open_credentials(const seal::Label& label, ByteView sealed);
  /// A camera's whole address, where it holds more than may be shown.
  Result<Buffer> seal_address(const seal::Label& label, std::string_view url);
  /// DataLoss when it is not this camera's and tenure's.
  Result<std::string> open_address(const seal::Label& label, ByteView sealed);

 private:
  Result<Buffer> seal_for(const seal::Label& label, std::string_view purpose, ByteView clear);
  /// The caller wipes it.
  Result<Buffer> open_for(const seal::Label& label, std::string_view purpose, ByteView sealed);
  KeyChest(registry::Store& store, RandomSource& random, seal::RootKey root)
      : store_(store), random_(random), root_(std::move(root)) {}
  std::set<std::uint32_t> epochs_to_open(const seal::StreamLabel& label, UtcTime now) const;
  Result<seal::HomeKey> home_key(HomeId home);
  Result<seal::TenureKey> tenure_key(const seal::Label& label);

  registry::Store& store_;
  RandomSource& random_;
  seal::RootKey root_;
  mutable std::mutex mutex_;
  std::map<seal::Label, std::weak_ptr<SealedEpochs>> sealed_;  // of tenures that have sealers
};

}  // namespace jalousie::keeper
