// The ledger in one file: hash-chained records, written together by whichever thread comes first (group
// commit) and made durable (fdatasync) before any of them is answered. Several processes may append to the
// same file, one batch at a time.
//
// Opening reads what came after the last checkpoint, which the file `<path>.checkpoints` holds; without one,
// all of it. A tail that was torn when the machine or the process died, none of which was answered, is moved
// to a file beside it and cut, with a log line. Damage elsewhere is refused when it is met: by opening after
// the last checkpoint, by read() in what it gives, by verify_ledger() (verify.h) anywhere.
#pragma once

#include <memory>
#include <string>

#include "base/random.h"
#include "ledger/ledger.h"

namespace jalousie::ledger {

class FileLedger final : public Ledger {
 public:
  /// Opens or makes `path`, readable by its owner only. PermissionDenied when it cannot be written, DataLoss
  /// when it is damaged, shorter than or other than its checkpoint says, or no ledger.
  static Result<std::unique_ptr<FileLedger>> open(const std::string& path, RandomSource& random);
  ~FileLedger() override;

  Result<std::uint64_t> append(const Entry& entry) override;
  Result<std::vector<Recorded>> read(HomeId home, std::uint64_t from, std::size_t most) override;

 private:
  struct Impl;
  explicit FileLedger(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace jalousie::ledger
