// Finding one home's entries by reading through a stretch of the ledger's file.
#pragma once

#include <vector>

#include "ledger/disk_file.h"
#include "ledger/record.h"

namespace jalousie::ledger {

struct Stretch {
  std::uint64_t begin;   // of a record
  std::uint64_t end;     // of the last one
  std::uint64_t enough;  // bytes after which what was found will do
  HomeId home;
  std::uint64_t from;
  std::size_t most;
};

/// At least one entry, or DataLoss: the home has an entry `from` in that stretch.
Result<std::vector<Recorded>> read_stretch(const DiskFile& file, const Stretch& wanted);

}  // namespace jalousie::ledger
