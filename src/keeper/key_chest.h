// The keeper's keys: takes them out of the registry for the moment of their use, and makes new ones. Holds
// the root key; all others are unwrapped when asked for. The key chest checks no rights: its callers have.
// Safe from any thread; waits for a disk.
#pragma once

#include "base/random.h"
#include "base/time.h"
#include "keeper/credentials.h"
#include "keeper/root_key.h"
#include "registry/store.h"
#include "seal/keys.h"

namespace jalousie::keeper {

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
  /// longer.
  Result<seal::OpenerKeysPtr> opener_keys(const seal::StreamLabel& label, UtcTime now);

  Result<Buffer> seal_credentials(const seal::Label& label, const Credentials& credentials);
  /// DataLoss when they are not this camera's and tenure's.
  Result<Credentials> open_credentials(const seal::Label& label, ByteView sealed);

 private:
  KeyChest(registry::Store& store, RandomSource& random, seal::RootKey root)
      : store_(store), random_(random), root_(std::move(root)) {}
  Result<seal::HomeKey> home_key(HomeId home);
  Result<seal::TenureKey> tenure_key(const seal::Label& label);

  registry::Store& store_;
  RandomSource& random_;
  seal::RootKey root_;
};

}  // namespace jalousie::keeper
