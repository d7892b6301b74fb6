// The keys behind the seal, for the keeper alone: no other room links the target `seal_keys`.
//
//   root key  >  home key  >  tenure key  >  day key, each random and wrapped by the one before;
//   epoch key = HKDF-SHA-256(day key, home, camera, tenure, stream, epoch of 10 minutes).
//
// Every key carries its identity, and that identity is authenticated by its wrapping, so that a key can be
// taken for no other. To destroy a home, a tenure or a day is to delete one wrapped key. All types move only,
// and wipe what they held.
#pragma once

#include <array>
#include <memory>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/secret.h"
#include "seal/block.h"
#include "seal/label.h"
#include "seal/opener.h"

namespace jalousie::seal {

inline constexpr std::size_t kKeyBytes = 32;
using KeyBytes = crypto::Secret<kKeyBytes>;

/// iv (12), ciphertext (32), tag (16): what is stored of a key. No secret without the key that wraps it.
inline constexpr std::size_t kWrappedKeyBytes = 60;
using WrappedKey = std::array<std::uint8_t, kWrappedKeyBytes>;

/// UTC days since 1970.
inline constexpr std::uint32_t kEpochsPerDay = 144;
constexpr std::uint32_t day_of(std::uint32_t epoch) { return epoch / kEpochsPerDay; }
constexpr std::uint32_t day_of(UtcTime time) { return day_of(epoch_of(time)); }

/// The key of one stream for ten minutes: what sealers and openers work with.
class EpochKey {
 public:
  EpochKey(const StreamLabel& label, std::uint32_t epoch, KeyBytes key)
      : label_(label), epoch_(epoch), key_(std::move(key)) {}

  const StreamLabel& label() const { return label_; }
  std::uint32_t epoch() const { return epoch_; }
  ByteView view() const { return key_.view(); }

 private:
  StreamLabel label_;
  std::uint32_t epoch_;
  KeyBytes key_;
};

/// What an opener may open with: the keys of a few epochs of one stream. An opener takes no keys of another
/// label than its own.
struct OpenerKeys {
  explicit OpenerKeys(const StreamLabel& of) : label(of) {}
  OpenerKeys(OpenerKeys&&) = default;
  OpenerKeys& operator=(OpenerKeys&&) = default;

  StreamLabel label;
  std::vector<EpochKey> keys;
};

inline OpenerKeysPtr make_opener_keys(const StreamLabel& label) {
  return OpenerKeysPtr(new OpenerKeys(label));
}

/// Where a sealer gets its keys: implemented by the keeper for one stream of one tenure. Called on the
/// sealer's loop.
class EpochKeySource {
 public:
  virtual ~EpochKeySource() = default;
  /// Whether the tenure has ended: asked before every block, so one atomic load. Once true it stays so.
  virtual bool ended() const noexcept = 0;
  /// Asked once per epoch; makes the day's key when there is none yet.
  virtual Result<EpochKey> epoch_key(std::uint32_t epoch) = 0;
};

/// One UTC day of one tenure.
class DayKey {
 public:
  static DayKey random(const Label& label, std::uint32_t day, RandomSource& source);
  DayKey(const Label& label, std::uint32_t day, KeyBytes key)
      : label_(label), day_(day), key_(std::move(key)) {}

  const Label& label() const { return label_; }
  std::uint32_t day() const { return day_; }
  ByteView view() const { return key_.view(); }
  /// InvalidArgument for an epoch of another day.
  Result<EpochKey> epoch_key(StreamId stream, std::uint32_t epoch) const;

 private:
  Label label_;
  std::uint32_t day_;
  KeyBytes key_;
};

class TenureKey {
 public:
  static TenureKey random(const Label& label, RandomSource& source);
  TenureKey(const Label& label, KeyBytes key) : label_(label), key_(std::move(key)) {}

  const Label& label() const { return label_; }
  ByteView view() const { return key_.view(); }
  /// InvalidArgument for a key that is not of this tenure.
  Result<WrappedKey> wrap(const DayKey& key, RandomSource& source) const;
  /// DataLoss when it does not open as the key of that day.
  Result<DayKey> unwrap(std::uint32_t day, ByteView wrapped) const;

 private:
  Label label_;
  KeyBytes key_;
};

class HomeKey {
 public:
  static HomeKey random(const HomeId& home, RandomSource& source);
  HomeKey(const HomeId& home, KeyBytes key) : home_(home), key_(std::move(key)) {}

  const HomeId& home() const { return home_; }
  ByteView view() const { return key_.view(); }
  /// InvalidArgument for a key that is not of this home.
  Result<WrappedKey> wrap(const TenureKey& key, RandomSource& source) const;
  /// InvalidArgument for a label of another home, DataLoss when it does not open as the key of that tenure.
  Result<TenureKey> unwrap(const Label& label, ByteView wrapped) const;
  /// A key of its own for something else that dies with the home, such as stored camera credentials.
  KeyBytes derive(std::string_view purpose) const;

 private:
  HomeId home_;
  KeyBytes key_;
};

/// Kept in a file of its own, apart from the data.
class RootKey {
 public:
  static RootKey random(RandomSource& source);
  /// InvalidArgument unless there are 32 bytes, not all of them zero.
  static Result<RootKey> from_bytes(ByteView bytes);

  ByteView view() const { return key_.view(); }
  /// Stored with the data, to tell at start whether root key and data belong together. Gives nothing away of
  /// the key.
  std::array<std::uint8_t, 16> check_value() const;
  WrappedKey wrap(const HomeKey& key, RandomSource& source) const;
  /// DataLoss when it does not open as the key of that home.
  Result<HomeKey> unwrap(const HomeId& home, ByteView wrapped) const;

 private:
  explicit RootKey(KeyBytes key) : key_(std::move(key)) {}
  KeyBytes key_;
};

}  // namespace jalousie::seal
