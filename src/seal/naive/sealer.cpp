// The wall taken out, for the naive build alone: blocks hold clear bytes, with zeros for commitment and tag.
// See walls.h.
#include "seal/sealer.h"

#include "base/assert.h"
#include "seal/keys.h"

namespace jalousie::seal {

struct Sealer::Impl {
  StreamLabel label;
  std::uint64_t sequence;
};

Sealer::Sealer(StreamLabel label, std::unique_ptr<EpochKeySource>, RandomSource&,
               std::uint64_t first_sequence)
    : impl_(std::make_unique<Impl>(label, first_sequence)) {}
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
  BlockHeader header;
  header.kind = kind;
  header.flags = flags;
  header.label = impl_->label;
  header.epoch = epoch_of(capture);
  header.sequence = impl_->sequence++;
  header.capture = capture;
  header.plaintext_bytes = static_cast<std::uint32_t>(plaintext.size());
  Buffer bytes(kOverheadBytes + plaintext.size());
  ByteWriter writer(bytes);
  writer.bytes(header.encode());
  writer.bytes(std::array<std::uint8_t, kCommitmentBytes>{});
  writer.bytes(plaintext);
  return std::make_shared<const Block>(header, std::move(bytes));
}

}  // namespace jalousie::seal
