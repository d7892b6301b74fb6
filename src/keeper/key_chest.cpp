#include "keeper/key_chest.h"

#include <algorithm>
#include <limits>

#include "crypto/aes.h"
#include "crypto/compare.h"

namespace jalousie::keeper {

namespace {

constexpr std::string_view kCredentialsPurpose = "camera credentials";
constexpr std::string_view kAddressPurpose = "camera address";
constexpr std::size_t kCredentialPartBytes = 1024;

using SealedFor = std::array<std::uint8_t, 24>;

// What sealed credentials and addresses are bound to: moved to another camera or a later tenure, they do not
// open.
SealedFor associated_data(const seal::Label& label) {
  SealedFor data;
  ByteWriter writer(data);
  writer.bytes(label.camera.view());
  writer.u64(to_number(label.tenure));
  return data;
}

struct WipedBuffer {
  Buffer bytes;
  ~WipedBuffer() { wipe(bytes); }
};

constexpr registry::UtcDay stored_day(std::uint32_t day) { return static_cast<registry::UtcDay>(day); }

}  // namespace

Result<std::unique_ptr<KeyChest>> KeyChest::open(registry::Store& store, RandomSource& random,
                                                 const RootKey& root) {
  TRY(seal::RootKey key, seal::RootKey::from_bytes(root.view()));
  auto stored = store.keys().root_check();
  if (!stored && stored.error().kind() != ErrorKind::NotFound) return std::unexpected(stored.error());
  if (!stored) {
    TRY_VOID(store.keys().set_root_check(key.check_value()));
  } else if (!crypto::constant_time_equal(*stored, key.check_value())) {
    return fail(ErrorKind::FailedPrecondition,
                "this root key is not the one that the data was sealed under: say where the right one is, or "
                "restore the data "
                "that belongs to this key");
  }
  return std::unique_ptr<KeyChest>(new KeyChest(store, random, std::move(key)));
}

Result<seal::WrappedKey> KeyChest::new_home_key(HomeId home) {
  return root_.wrap(seal::HomeKey::random(home, random_), random_);
}

Result<seal::HomeKey> KeyChest::home_key(HomeId home) {
  TRY(const Buffer wrapped, store_.keys().home_key(home));
  return root_.unwrap(home, wrapped);
}

Result<seal::WrappedKey> KeyChest::new_tenure_key(const seal::Label& label) {
  TRY(const seal::HomeKey home, home_key(label.home));
  return home.wrap(seal::TenureKey::random(label, random_), random_);
}

Result<seal::TenureKey> KeyChest::tenure_key(const seal::Label& label) {
  TRY(const Buffer wrapped, store_.keys().tenure_key(label.camera, label.tenure));
  TRY(const seal::HomeKey home, home_key(label.home));
  return home.unwrap(label, wrapped);
}

Result<seal::DayKey> KeyChest::day_key(const seal::Label& label, std::uint32_t day) {
  TRY(const seal::TenureKey tenure, tenure_key(label));
  auto stored = store_.keys().day_key(label.camera, label.tenure, stored_day(day));
  if (!stored && stored.error().kind() == ErrorKind::NotFound) {
    TRY(const seal::WrappedKey made, tenure.wrap(seal::DayKey::random(label, day, random_), random_));
    stored = store_.keys().add_day_key(label.camera, label.tenure, stored_day(day), made);
  }
  if (!stored) return std::unexpected(std::move(stored).error());
  return tenure.unwrap(day, *stored);
}

std::shared_ptr<SealedEpochs> KeyChest::sealed_epochs(const seal::Label& label) {
  const std::lock_guard lock(mutex_);
  std::erase_if(sealed_, [](const auto& entry) { return entry.second.expired(); });
  auto epochs = sealed_[label].lock();
  if (!epochs) sealed_[label] = epochs = std::make_shared<SealedEpochs>();
  return epochs;
}

std::optional<std::uint32_t> KeyChest::oldest_day_sealed() const {
  const std::lock_guard lock(mutex_);
  std::optional<std::uint32_t> oldest;
  for (const auto& [label, weak] : sealed_) {
    const auto epochs = weak.lock();
    if (!epochs) continue;
    for (const StreamId stream : {StreamId::Main, StreamId::Sub}) {
      const auto epoch = epochs->latest(stream);
      if (epoch) oldest = std::min(oldest.value_or(seal::day_of(*epoch)), seal::day_of(*epoch));
    }
  }
  return oldest;
}

std::set<std::uint32_t> KeyChest::epochs_to_open(const seal::StreamLabel& label, UtcTime now) const {
  std::set<std::uint32_t> epochs;
  const auto add_around = [&epochs](std::uint32_t epoch) {
    if (epoch > 0) epochs.insert(epoch - 1);
    epochs.insert(epoch);
    if (epoch < std::numeric_limits<std::uint32_t>::max()) epochs.insert(epoch + 1);
  };
  add_around(seal::epoch_of(now));
  const std::lock_guard lock(mutex_);
  const auto found = sealed_.find(label.label);
  const auto of_tenure = found == sealed_.end() ? nullptr : found->second.lock();
  const auto sealed = of_tenure ? of_tenure->latest(label.stream) : std::nullopt;
  if (sealed) add_around(*sealed);
  if (const auto before = of_tenure ? of_tenure->before(label.stream) : std::nullopt) epochs.insert(*before);
  return epochs;
}

Result<seal::OpenerKeysPtr> KeyChest::opener_keys(const seal::StreamLabel& label, UtcTime now) {
  std::map<std::uint32_t, seal::DayKey> days;
  seal::OpenerKeysPtr keys(new seal::OpenerKeys(label));
  for (const std::uint32_t epoch : epochs_to_open(label, now)) {
    const std::uint32_t day = seal::day_of(epoch);
    auto found = days.find(day);
    if (found == days.end()) {
      TRY(seal::DayKey key, day_key(label.label, day));
      found = days.emplace(day, std::move(key)).first;
    }
    TRY(seal::EpochKey key, found->second.epoch_key(label.stream, epoch));
    keys->keys.push_back(std::move(key));
  }
  return keys;
}

Result<Buffer> KeyChest::seal_for(const seal::Label& label, std::string_view purpose, ByteView clear) {
  TRY(const seal::HomeKey home, home_key(label.home));
  Buffer sealed(crypto::kGcmIvBytes);
  random_.fill(sealed);
  const seal::KeyBytes key = home.derive(purpose);
  const Buffer text = crypto::aes_gcm_seal(key.view(), sealed, associated_data(label), clear);
  sealed.insert(sealed.end(), text.begin(), text.end());
  return sealed;
}

Result<Buffer> KeyChest::open_for(const seal::Label& label, std::string_view purpose, ByteView sealed) {
  if (sealed.size() < crypto::kGcmIvBytes)
    return fail(ErrorKind::DataLoss, "what the camera is reached by is damaged");
  TRY(const seal::HomeKey home, home_key(label.home));
  const seal::KeyBytes key = home.derive(purpose);
  return crypto::aes_gcm_open(key.view(), sealed.first(crypto::kGcmIvBytes), associated_data(label),
                              sealed.subspan(crypto::kGcmIvBytes));
}

Result<Buffer> KeyChest::seal_credentials(const seal::Label& label, const Credentials& credentials) {
  if (credentials.empty()) return Buffer();
  if (credentials.username().size() > kCredentialPartBytes ||
      credentials.password().size() > kCredentialPartBytes) {
    return fail(ErrorKind::InvalidArgument, "The camera's user name or password is too long.");
  }
  WipedBuffer clear{Buffer(2 + credentials.username().size() + credentials.password().size())};
  ByteWriter writer(clear.bytes);
  writer.u16(static_cast<std::uint16_t>(credentials.username().size()));
  writer.bytes(as_bytes(credentials.username()));
  writer.bytes(as_bytes(credentials.password()));
  return seal_for(label, kCredentialsPurpose, clear.bytes);
}

Result<Credentials> KeyChest::open_credentials(const seal::Label& label, ByteView sealed) {
  if (sealed.empty()) return Credentials();
  TRY(Buffer opened, open_for(label, kCredentialsPurpose, sealed));
  const WipedBuffer clear{std::move(opened)};
  ByteReader reader(clear.bytes);
  const ByteView username = reader.bytes(reader.u16());
  if (!reader.ok()) return fail(ErrorKind::DataLoss, "the camera's sealed credentials are damaged");
  return Credentials(std::string(as_text(username)), std::string(as_text(reader.rest())));
}

Result<Buffer> KeyChest::seal_address(const seal::Label& label, std::string_view url) {
  return seal_for(label, kAddressPurpose, as_bytes(url));
}

Result<std::string> KeyChest::open_address(const seal::Label& label, ByteView sealed) {
  TRY(Buffer opened, open_for(label, kAddressPurpose, sealed));
  const WipedBuffer clear{std::move(opened)};
  return std::string(as_text(clear.bytes));
}

}  // namespace jalousie::keeper
