// jalousie ledger verify.
#include <chrono>
#include <cstdio>
#include <unistd.h>

#include <fmt/format.h>

#include "app/commands.h"
#include "app/data.h"
#include "ledger/verify.h"

namespace jalousie::app {

namespace {

/// A line that is written over again and again, for a person who waits.
class ProgressLine {
 public:
  void show(std::uint64_t done, std::uint64_t of) {
    const auto percent = of == 0 ? 100 : done * 100 / of;
    if (percent == shown_) return;
    shown_ = percent;
    fmt::print(stderr, "\r{:>3} % of {:.1f} MiB", percent, static_cast<double>(of) / (1 << 20));
    std::fflush(stderr);
  }
  ~ProgressLine() {
    if (shown_) fmt::print(stderr, "\r{:40}\r", "");
  }

 private:
  std::optional<std::uint64_t> shown_;
};

Result<ledger::Verified> verify(const std::string& path, bool with_progress) {
  if (!with_progress) return ledger::verify_ledger(path, {});
  ProgressLine line;
  return ledger::verify_ledger(path, [&line](std::uint64_t done, std::uint64_t of) { line.show(done, of); });
}

}  // namespace

Result<> verify_ledger(const CommonOptions& common, const LedgerOptions& options) {
  const std::string path = Data::ledger_path(common);
  TRY(const ledger::Verified verified, verify(path, !options.quiet && isatty(STDERR_FILENO) != 0));
  if (verified.checkpoints_damaged_at) {
    fmt::print(stderr,
               "The checkpoints are torn or damaged from byte {} on: those after it were not compared. The "
               "next start makes them again.\n",
               *verified.checkpoints_damaged_at);
  }
  if (verified.torn > 0) {
    return fail(
        ErrorKind::DataLoss,
        fmt::format("the ledger {} is good up to byte {}; the {} bytes after it are no whole entries. "
                    "If the server or the machine just died, they were being written, and the next "
                    "start puts them aside; if not, they were altered: keep a copy",
                    path, verified.bytes, verified.torn));
  }
  if (options.quiet) return {};
  fmt::print("The ledger is whole: {} entries of {} homes, {} bytes; {} checkpoints agree.\n",
             verified.entries, verified.homes, verified.bytes, verified.checkpoints);
  if (verified.checkpoints == 0)
    fmt::print("Without a checkpoint, entries that were cut off at the end would not be missed.\n");
  return {};
}

}  // namespace jalousie::app
