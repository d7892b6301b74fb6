// Seals what one ingest of one stream takes in. Made by the keeper; move-only; used from one loop.
#pragma once

#include <functional>
#include <memory>

#include "base/random.h"
#include "base/result.h"
#include "seal/block.h"

namespace jalousie::seal {

class EpochKeySource;  // seal/keys.h, for the keeper only

class Sealer {
 public:
  /// `first_sequence` must be above, and not right after, any number that an earlier sealer of this stream
  /// has used: openers live through a restart of ingest, and take a block right after the newest for the next
  /// link of its chain. Microseconds of UTC do.
  Sealer(StreamLabel label, std::unique_ptr<EpochKeySource> keys, RandomSource& random,
         std::uint64_t first_sequence);
  ~Sealer();
  Sealer(Sealer&&) noexcept;
  Sealer& operator=(Sealer&&) noexcept;

  const StreamLabel& label() const;
  /// FailedPrecondition when the keys have ended with the tenure or the day's cannot be had, InvalidArgument
  /// when longer than kMaxPlaintextBytes or captured before 1970; then nothing is sealed, and the next block
  /// has this one's sequence number.
  Result<BlockPtr> seal(BlockKind kind, std::uint16_t flags, UtcTime capture, ByteView plaintext);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace jalousie::seal
