// A file of the ledger, by place: reads and writes that are whole or an error which names the file. Reading
// is safe from any thread.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace jalousie::ledger {

class DiskFile {
 public:
  enum class Access : std::uint8_t { Read, Write };  // Write: and makes it, readable by its owner only

  static Result<std::unique_ptr<DiskFile>> open(const std::string& path, Access access);
  ~DiskFile();
  DiskFile(const DiskFile&) = delete;
  DiskFile& operator=(const DiskFile&) = delete;

  /// Fewer bytes than asked for only at the end of the file.
  Result<std::size_t> read(std::uint64_t offset, MutableBytes target) const;
  Result<> write(std::uint64_t offset, ByteView bytes);
  /// Returns when the disk has what was written.
  Result<> sync();
  Result<> cut(std::uint64_t size);
  Result<std::uint64_t> size() const;
  const std::string& path() const { return path_; }
  std::uint64_t bytes_read() const { return bytes_read_; }

  /// While one lives, no other process and no other opened DiskFile holds one of the same file.
  class Lock {
   public:
    explicit Lock(const DiskFile& file);
    ~Lock();
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;

   private:
    int file_;
  };

 private:
  DiskFile(std::string path, int file) : path_(std::move(path)), file_(file) {}
  std::unexpected<Error> failed(std::string_view what) const;

  std::string path_;
  int file_;
  mutable std::atomic<std::uint64_t> bytes_read_{0};
};

/// A new file's name is durable once its folder is.
Result<> keep_name_of(const std::string& path);

}  // namespace jalousie::ledger
