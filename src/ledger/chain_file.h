// The ledger's file and what is known of it: where each home's entries are, and where the chain stands. Not
// for several threads at once: FileLedger sees to that. Between processes, the file's lock does.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "ledger/record.h"

namespace jalousie::ledger {

/// As many entries as one write may hold: what may be torn at the end of a file.
inline constexpr std::size_t kBatchEntries = 256;
inline constexpr std::uint64_t kTornBytes = kBatchEntries * kMaxRecordBytes;

class ChainFile {
 public:
  static Result<std::unique_ptr<ChainFile>> open(const std::string& path, RandomSource& random);
  ~ChainFile();
  ChainFile(const ChainFile&) = delete;
  ChainFile& operator=(const ChainFile&) = delete;

  /// Writes at most kBatchEntries and waits for the disk; gives each its number, or appends nothing.
  Result<std::vector<std::uint64_t>> append(std::span<const Entry* const> entries);
  Result<std::vector<Recorded>> read(HomeId home, std::uint64_t from, std::size_t most);

 private:
  class FileLock;
  ChainFile(std::string path, int file) : path_(std::move(path)), file_(file) {}
  Result<> make_header(RandomSource& random);
  /// Takes in what is there beyond `known_`, also by another process. With the file's lock held.
  Result<> catch_up();
  Result<> cut_torn_tail(std::uint64_t size);
  void take_in(const ParsedRecord& parsed);
  Result<> read_at(std::uint64_t offset, MutableBytes target, std::size_t& count) const;
  Result<Recorded> record_at(std::uint64_t offset) const;
  std::unexpected<Error> failed(std::string_view what, int error) const;

  std::string path_;
  int file_;
  std::uint64_t known_ = 0;  // good bytes
  ChainHash chain_{};
  std::unordered_map<HomeId, std::vector<std::uint64_t>>
      offsets_;          // of a home's entries: entry n is at [n - 1]
  bool failed_ = false;  // fdatasync failed: what the kernel then holds and what the disk holds may differ
};

}  // namespace jalousie::ledger
