// The ledger's file and what is known of it: how many entries each home has, and where the chain stands. Not
// for several threads at once: FileLedger sees to that. Between processes, the file's lock does.
//
// Every few MiB a checkpoint is put beside it, so that opening reads what came after the last one only.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "ledger/checkpoint_file.h"
#include "ledger/disk_file.h"
#include "ledger/record.h"

namespace jalousie::ledger {

/// As many entries as one write may hold: what may be torn at the end of a file.
inline constexpr std::size_t kBatchEntries = 256;
inline constexpr std::uint64_t kTornBytes = kBatchEntries * kMaxRecordBytes;

/// What opening may have to read and hash of the ledger: 10 ms of work.
inline constexpr std::uint64_t kCheckpointEvery = std::uint64_t{4} << 20;

class ChainFile {
 public:
  static Result<std::unique_ptr<ChainFile>> open(const std::string& path, RandomSource& random,
                                                 std::uint64_t checkpoint_every = kCheckpointEvery);

  /// Writes at most kBatchEntries and waits for the disk; gives each its number, or appends nothing.
  Result<std::vector<std::uint64_t>> append(std::span<const Entry* const> entries);
  /// Some of the home's entries from that number on, in order, at most `most`; none when there are none.
  Result<std::vector<Recorded>> read(HomeId home, std::uint64_t from, std::size_t most);

  std::uint64_t bytes_read() const { return file_->bytes_read() + checkpoints_->bytes_read(); }

 private:
  ChainFile(std::unique_ptr<DiskFile> file, std::unique_ptr<CheckpointFile> checkpoints, std::uint64_t every)
      : file_(std::move(file)), checkpoints_(std::move(checkpoints)), checkpoint_every_(every) {}
  Result<> make_header(RandomSource& random);
  Result<> go_on_from_checkpoint();
  /// Takes in what is there beyond `known_`, also by another process. With the file's lock held.
  Result<> catch_up();
  Result<> take_in(const ParsedRecord& parsed);
  Result<> cut_torn_tail(std::uint64_t size);
  bool checkpoint_is_due() const;
  /// The caller goes on when that fails: it costs the next start some time.
  void add_checkpoint();
  std::unexpected<Error> damaged(std::string_view how) const;

  std::unique_ptr<DiskFile> file_;
  std::unique_ptr<CheckpointFile> checkpoints_;
  std::uint64_t checkpoint_every_;
  ChainHash header_{};
  std::uint64_t known_ = 0;         // good bytes
  std::uint64_t checkpointed_ = 0;  // of them: up to here a checkpoint was made, or tried
  ChainHash chain_{};
  std::unordered_map<HomeId, std::uint64_t> entries_;  // of each home
  bool failed_ = false;  // the sync failed: what the kernel then holds and what the disk holds may differ
};

}  // namespace jalousie::ledger
