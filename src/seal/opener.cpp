#include "seal/opener.h"

#include <array>
#include <vector>

#include "base/assert.h"
#include "crypto/aes.h"
#include "crypto/compare.h"
#include "crypto/hmac.h"
#include "seal/keys.h"
#include "seal/walls.h"
#include "seal/window.h"

namespace jalousie::seal {
namespace {

// Home, camera, tenure and stream stand next to each other in the header.
constexpr std::size_t kLabelOffset = 8;
constexpr std::size_t kLabelBytes = 44;
constexpr std::array<std::uint8_t, crypto::kGcmIvBytes> kZeroIv{};
constexpr std::array<std::uint8_t, kKeyBytes> kZeroKey{};

using LabelBytes = std::array<std::uint8_t, kLabelBytes>;

LabelBytes expected_of(const StreamLabel& label) {
  BlockHeader header;
  header.label = label;
  LabelBytes bytes;
  std::ranges::copy(ByteView(header.encode()).subspan(kLabelOffset, kLabelBytes), bytes.begin());
  return bytes;
}

}  // namespace

bool walls_are_up() noexcept { return true; }

struct Opener::Impl {
  explicit Impl(const StreamLabel& of) : label(of), expected(expected_of(of)) {}

  struct Keyed {
    std::uint32_t epoch;
    crypto::HmacSha512 mac;
  };

  void take(OpenerKeysPtr from);
  const crypto::HmacSha512* mac_of(std::uint32_t epoch) const;
  bool is_own(const Block& block) const;
  std::expected<Clear, Refusal> authenticate(const Block& block);

  StreamLabel label;
  LabelBytes expected;
  std::vector<Keyed> keys;
  crypto::AesGcm gcm{kZeroKey};
  SequenceWindow window;
  std::array<std::uint8_t, 16> newest_commitment{};
};

// Keys of another label than the grant's are a mistake of whoever handed them over: they are not used.
void Opener::Impl::take(OpenerKeysPtr from) {
  keys.clear();
  gcm.rekey(kZeroKey);
  if (!from) return;
  keys.reserve(from->keys.size());
  for (const EpochKey& key : from->keys) {
    if (key.label() == label) keys.push_back({key.epoch(), crypto::HmacSha512(key.view())});
  }
}

const crypto::HmacSha512* Opener::Impl::mac_of(std::uint32_t epoch) const {
  for (const Keyed& key : keys) {
    if (key.epoch == epoch) return &key.mac;
  }
  return nullptr;
}

bool Opener::Impl::is_own(const Block& block) const {
  return crypto::constant_time_equal(block.header_bytes().subspan(kLabelOffset, kLabelBytes), expected);
}

std::expected<Clear, Refusal> Opener::Impl::authenticate(const Block& block) {
  if (!is_own(block)) return std::unexpected(Refusal::WrongLabel);
  const crypto::HmacSha512* mac = mac_of(block.header().epoch);
  if (mac == nullptr) return std::unexpected(Refusal::WrongKey);
  crypto::Sha512Digest derived = mac->compute(block.header_bytes());
  const MutableBytes block_key = MutableBytes(derived).first(kKeyBytes);
  if (!crypto::constant_time_equal(ByteView(derived).last(kCommitmentBytes), block.commitment())) {
    wipe(derived);
    return std::unexpected(Refusal::WrongKey);
  }
  gcm.rekey(block_key);
  wipe(derived);
  Clear clear(Buffer(block.ciphertext().size()));
  const ByteView aad = block.bytes().first(kHeaderBytes + kCommitmentBytes);
  if (!gcm.open(kZeroIv, aad, block.ciphertext(), clear.bytes_, block.tag()))
    return std::unexpected(Refusal::Broken);
  return clear;
}

Opener::Opener(StreamLabel label, OpenerKeysPtr keys) : impl_(std::make_unique<Impl>(label)) {
  impl_->take(std::move(keys));
}
Opener::~Opener() = default;
Opener::Opener(Opener&&) noexcept = default;
Opener& Opener::operator=(Opener&&) noexcept = default;

const StreamLabel& Opener::label() const {
  JAL_ASSERT(impl_);
  return impl_->label;
}

bool Opener::lacks_key_of(const Block& block) const {
  JAL_ASSERT(impl_);
  return impl_->is_own(block) && impl_->mac_of(block.header().epoch) == nullptr;
}

bool Opener::is_behind_window(const Block& block) const {
  JAL_ASSERT(impl_);
  return impl_->is_own(block) && impl_->window.is_behind(block.header().sequence);
}

std::expected<Clear, Refusal> Opener::open(const Block& block) {
  JAL_ASSERT(impl_);
  std::expected<Clear, Refusal> clear = impl_->authenticate(block);
  if (!clear) return clear;
  const BlockHeader& header = block.header();
  if (!impl_->window.is_fresh(header.sequence)) return std::unexpected(Refusal::Replayed);
  if (impl_->window.follows(header.sequence) &&
      !crypto::constant_time_equal(header.previous, impl_->newest_commitment)) {
    return std::unexpected(Refusal::Replayed);
  }
  if (impl_->window.take(header.sequence)) {
    std::ranges::copy(block.commitment().first(impl_->newest_commitment.size()),
                      impl_->newest_commitment.begin());
  }
  return clear;
}

std::expected<Clear, Refusal> Opener::reopen(const Block& block) {
  JAL_ASSERT(impl_);
  std::expected<Clear, Refusal> clear = impl_->authenticate(block);
  if (clear && !impl_->window.is_taken(block.header().sequence)) return std::unexpected(Refusal::Replayed);
  return clear;
}

void Opener::renew(OpenerKeysPtr keys) {
  JAL_ASSERT(impl_);
  impl_->take(std::move(keys));
}

void Opener::forget() {
  JAL_ASSERT(impl_);
  impl_->take(nullptr);
}

}  // namespace jalousie::seal
