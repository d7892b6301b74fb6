#include "seal/keys.h"

#include <algorithm>
#include <string>

#include "crypto/aes.h"
#include "crypto/hmac.h"

namespace jalousie::seal {
namespace {

enum class KeyKind : std::uint8_t { Home = 1, Tenure = 2, Day = 3 };

//  0 magic "JSK1"  4 kind(1)  5 home(16)  21 camera(16)  37 tenure(8)  45 day(4); zeros where a kind has none
constexpr std::size_t kIdentityBytes = 49;
using Identity = std::array<std::uint8_t, kIdentityBytes>;

Identity identity(KeyKind kind, const Label& label, std::uint32_t day) {
  Identity made;
  ByteWriter writer(made);
  writer.bytes(as_bytes("JSK1"));
  writer.u8(static_cast<std::uint8_t>(kind));
  writer.bytes(label.home.view());
  writer.bytes(label.camera.view());
  writer.u64(to_number(label.tenure));
  writer.u32(day);
  return made;
}

Identity of_home(const HomeId& home) {
  return identity(KeyKind::Home, {.home = home, .camera = {}, .tenure = {}}, 0);
}
Identity of_tenure(const Label& label) { return identity(KeyKind::Tenure, label, 0); }
Identity of_day(const Label& label, std::uint32_t day) { return identity(KeyKind::Day, label, day); }

WrappedKey wrap_key(ByteView wrapping, const Identity& of, ByteView key, RandomSource& source) {
  WrappedKey wrapped;
  const MutableBytes all(wrapped);
  const MutableBytes iv = all.first(crypto::kGcmIvBytes);
  source.fill(iv);
  crypto::AesGcm(wrapping).seal(iv, of, key, all.subspan(iv.size(), kKeyBytes),
                                all.last(crypto::kGcmTagBytes));
  return wrapped;
}

Result<KeyBytes> unwrap_key(ByteView wrapping, const Identity& of, ByteView wrapped, std::string_view what) {
  if (wrapped.size() != kWrappedKeyBytes)
    return fail(ErrorKind::DataLoss, std::string(what) + " has a wrong size");
  KeyBytes key;
  const ByteView iv = wrapped.first(crypto::kGcmIvBytes);
  if (!crypto::AesGcm(wrapping).open(iv, of, wrapped.subspan(iv.size(), kKeyBytes), key.bytes(),
                                     wrapped.last(crypto::kGcmTagBytes))) {
    return fail(ErrorKind::DataLoss, std::string(what) + " does not open under the key above it");
  }
  return key;
}

KeyBytes derive(ByteView from, ByteView info) {
  KeyBytes key;
  crypto::hkdf_sha256(from, {}, info, key.bytes());
  return key;
}

}  // namespace

DayKey DayKey::random(const Label& label, std::uint32_t day, RandomSource& source) {
  return {label, day, KeyBytes::random(source)};
}

Result<EpochKey> DayKey::epoch_key(StreamId stream, std::uint32_t epoch) const {
  if (day_of(epoch) != day_) return fail(ErrorKind::InvalidArgument, "the epoch is not of the key's day");
  std::array<std::uint8_t, 58> info;
  ByteWriter writer(info);
  writer.bytes(as_bytes("JSB1 epoch"));
  writer.bytes(label_.home.view());
  writer.bytes(label_.camera.view());
  writer.u64(to_number(label_.tenure));
  writer.u32(to_number(stream));
  writer.u32(epoch);
  return EpochKey({.label = label_, .stream = stream}, epoch, derive(view(), info));
}

TenureKey TenureKey::random(const Label& label, RandomSource& source) {
  return {label, KeyBytes::random(source)};
}

Result<WrappedKey> TenureKey::wrap(const DayKey& key, RandomSource& source) const {
  if (key.label() != label_) return fail(ErrorKind::InvalidArgument, "the day key is of another tenure");
  return wrap_key(view(), of_day(label_, key.day()), key.view(), source);
}

Result<DayKey> TenureKey::unwrap(std::uint32_t day, ByteView wrapped) const {
  TRY(KeyBytes key, unwrap_key(view(), of_day(label_, day), wrapped, "the day key"));
  return DayKey(label_, day, std::move(key));
}

HomeKey HomeKey::random(const HomeId& home, RandomSource& source) { return {home, KeyBytes::random(source)}; }

Result<WrappedKey> HomeKey::wrap(const TenureKey& key, RandomSource& source) const {
  if (key.label().home != home_) return fail(ErrorKind::InvalidArgument, "the tenure key is of another home");
  return wrap_key(view(), of_tenure(key.label()), key.view(), source);
}

Result<TenureKey> HomeKey::unwrap(const Label& label, ByteView wrapped) const {
  if (label.home != home_) return fail(ErrorKind::InvalidArgument, "the tenure is of another home");
  TRY(KeyBytes key, unwrap_key(view(), of_tenure(label), wrapped, "the tenure key"));
  return TenureKey(label, std::move(key));
}

KeyBytes HomeKey::derive(std::string_view purpose) const {
  const std::string info = "JSK1 " + std::string(purpose);
  return seal::derive(view(), as_bytes(info));
}

RootKey RootKey::random(RandomSource& source) { return RootKey(KeyBytes::random(source)); }

Result<RootKey> RootKey::from_bytes(ByteView bytes) {
  const bool zeros = std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
  if (bytes.size() != kKeyBytes || zeros)
    return fail(ErrorKind::InvalidArgument, "a root key is 32 random bytes");
  return RootKey(KeyBytes(bytes));
}

std::array<std::uint8_t, 16> RootKey::check_value() const {
  std::array<std::uint8_t, 16> value;
  crypto::hkdf_sha256(view(), {}, as_bytes("JSK1 check"), value);
  return value;
}

WrappedKey RootKey::wrap(const HomeKey& key, RandomSource& source) const {
  return wrap_key(view(), of_home(key.home()), key.view(), source);
}

Result<HomeKey> RootKey::unwrap(const HomeId& home, ByteView wrapped) const {
  TRY(KeyBytes key, unwrap_key(view(), of_home(home), wrapped, "the home key"));
  return HomeKey(home, std::move(key));
}

}  // namespace jalousie::seal
