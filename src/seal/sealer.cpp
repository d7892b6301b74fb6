#include "seal/sealer.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "base/assert.h"
#include "crypto/aes.h"
#include "crypto/hmac.h"
#include "seal/keys.h"

namespace jalousie::seal {
namespace {

constexpr std::array<std::uint8_t, crypto::kGcmIvBytes> kZeroIv{};
constexpr std::array<std::uint8_t, kKeyBytes> kZeroKey{};
// The salts of 16 blocks at a time: one call to the kernel instead of 16.
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kSaltsBytes = kSaltBytes * 16;

struct Keyed {
  std::uint32_t epoch;
  crypto::HmacSha512 mac;
};

bool has_epoch(UtcTime capture) {
  return to_us(capture) >= 0 && to_us(capture) / kEpochUs <= std::numeric_limits<std::uint32_t>::max();
}

}  // namespace

struct Sealer::Impl {
  Impl(const StreamLabel& of, std::unique_ptr<EpochKeySource> from, RandomSource& with, std::uint64_t first)
      : label(of), source(std::move(from)), random(with), sequence(first) {}

  Result<> use_epoch(std::uint32_t epoch);
  std::array<std::uint8_t, kSaltBytes> next_salt();
  Buffer encrypt(const BlockHeader& header, ByteView plaintext);

  StreamLabel label;
  std::unique_ptr<EpochKeySource> source;
  RandomSource& random;
  std::uint64_t sequence;
  std::optional<Keyed> current;
  crypto::AesGcm gcm{kZeroKey};
  std::array<std::uint8_t, 16> previous{};
  std::array<std::uint8_t, kSaltsBytes> salts{};
  std::size_t salts_used = kSaltsBytes;
};

Result<> Sealer::Impl::use_epoch(std::uint32_t epoch) {
  if (source->ended()) {
    current.reset();
    gcm.rekey(kZeroKey);
    return fail(ErrorKind::FailedPrecondition, "the tenure has ended");
  }
  if (current && current->epoch == epoch) return {};
  current.reset();
  const Result<EpochKey> key = source->epoch_key(epoch);
  if (!key) return fail(ErrorKind::FailedPrecondition, "no key for this epoch: " + key.error().message());
  if (key->label() != label || key->epoch() != epoch) {
    return fail(ErrorKind::FailedPrecondition, "the key for this epoch is of another label or epoch");
  }
  current.emplace(epoch, crypto::HmacSha512(key->view()));
  return {};
}

std::array<std::uint8_t, kSaltBytes> Sealer::Impl::next_salt() {
  if (salts_used == salts.size()) {
    random.fill(salts);
    salts_used = 0;
  }
  std::array<std::uint8_t, kSaltBytes> salt;
  std::ranges::copy(ByteView(salts).subspan(salts_used, salt.size()), salt.begin());
  salts_used += salt.size();
  return salt;
}

// The clear bytes go from the caller's buffer through the cipher: they are never in the block's.
Buffer Sealer::Impl::encrypt(const BlockHeader& header, ByteView plaintext) {
  Buffer bytes(kOverheadBytes + plaintext.size());
  const MutableBytes all(bytes);
  const auto encoded = header.encode();
  crypto::Sha512Digest derived = current->mac.compute(encoded);
  ByteWriter writer(all);
  writer.bytes(encoded);
  writer.bytes(ByteView(derived).last(kCommitmentBytes));
  gcm.rekey(ByteView(derived).first(kKeyBytes));
  wipe(derived);
  gcm.seal(kZeroIv, writer.written(), plaintext, all.subspan(writer.position(), plaintext.size()),
           all.last(kTagBytes));
  return bytes;
}

Sealer::Sealer(StreamLabel label, std::unique_ptr<EpochKeySource> keys, RandomSource& random,
               std::uint64_t first_sequence)
    : impl_(std::make_unique<Impl>(label, std::move(keys), random, first_sequence)) {
  JAL_ASSERT(impl_->source);
}
Sealer::~Sealer() = default;
Sealer::Sealer(Sealer&&) noexcept = default;
Sealer& Sealer::operator=(Sealer&&) noexcept = default;

const StreamLabel& Sealer::label() const {
  JAL_ASSERT(impl_);
  return impl_->label;
}

Result<BlockPtr> Sealer::seal(BlockKind kind, std::uint16_t flags, UtcTime capture, ByteView plaintext) {
  JAL_ASSERT(impl_);
  if (plaintext.size() > kMaxPlaintextBytes)
    return fail(ErrorKind::InvalidArgument, "too long for one block");
  if (!has_epoch(capture)) return fail(ErrorKind::InvalidArgument, "the capture time has no epoch");
  TRY_VOID(impl_->use_epoch(epoch_of(capture)));
  BlockHeader header;
  header.kind = kind;
  header.flags = flags;
  header.label = impl_->label;
  header.epoch = epoch_of(capture);
  header.sequence = impl_->sequence++;
  header.capture = capture;
  header.salt = impl_->next_salt();
  header.previous = impl_->previous;
  header.plaintext_bytes = static_cast<std::uint32_t>(plaintext.size());
  auto block = std::make_shared<const Block>(header, impl_->encrypt(header, plaintext));
  std::ranges::copy(block->commitment().first(impl_->previous.size()), impl_->previous.begin());
  return block;
}

}  // namespace jalousie::seal
