// The ledger's checkpoints, one after the other in a file beside it. All of it can be worked out from the
// ledger again: what is torn or damaged here costs a longer start, not an entry. Not for several threads at
// once; between processes, the ledger file's lock has to be held.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ledger/checkpoint.h"
#include "ledger/disk_file.h"

namespace jalousie::ledger {

/// Of the ledger at that path.
inline std::string checkpoints_path(const std::string& ledger) { return ledger + ".checkpoints"; }

class CheckpointFile {
 public:
  static Result<std::unique_ptr<CheckpointFile>> open(const std::string& path);

  /// Reads the last good one and little else; cuts what is torn or damaged after it, with a log line.
  Result<std::optional<Checkpoint>> newest();
  /// Durable when it returns. Does nothing when another process has been as far already.
  Result<> append(const Checkpoint& checkpoint);
  /// The last one before the home's entry of this number; none when that is near the ledger's start, or not
  /// known.
  std::optional<Checkpoint> before(HomeId home, std::uint64_t number);

  bool is_empty() const { return size_ == 0; }
  std::uint64_t bytes_read() const { return file_->bytes_read(); }

 private:
  explicit CheckpointFile(std::unique_ptr<DiskFile> file) : file_(std::move(file)) {}
  std::optional<Checkpoint> load(std::uint64_t offset, std::uint64_t length) const;
  /// The length of the one that ends at `end`; 0: none does.
  std::uint64_t length_before(std::uint64_t end) const;
  Result<std::optional<Checkpoint>> last_good_one();
  void find_places();

  std::unique_ptr<DiskFile> file_;
  std::uint64_t size_ = 0;     // good bytes
  std::uint64_t reaches_ = 0;  // into the ledger
  struct Place {
    std::uint64_t offset;
    std::uint64_t length;
  };
  std::vector<Place> places_;  // once asked for, oldest first
  bool places_known_ = false;
};

}  // namespace jalousie::ledger
