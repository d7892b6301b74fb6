// Reads a ledger through from its first byte and checks all that can be checked: the chain, that each home's
// entries are numbered without a gap, and that the ledger is what every one of its checkpoints says. Changes
// nothing, and needs no key; a server may be appending meanwhile.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/result.h"

namespace jalousie::ledger {

struct Verified {
  std::uint64_t bytes = 0;
  std::uint64_t entries = 0;
  std::size_t homes = 0;
  std::size_t checkpoints = 0;  // that agree
  /// Bytes at the end that are no whole entry, no more than one write may hold: torn when the machine or the
  /// server died, or altered.
  std::uint64_t torn = 0;
  /// Where the checkpoints are damaged; what comes after it was not compared.
  std::optional<std::uint64_t> checkpoints_damaged_at;
};

/// Bytes that were read, and bytes there are: called now and then.
using VerifyProgress = std::function<void(std::uint64_t done, std::uint64_t of)>;

/// DataLoss says what is wrong and at which byte. NotFound: there is no ledger.
Result<Verified> verify_ledger(const std::string& path, const VerifyProgress& progress);

}  // namespace jalousie::ledger
