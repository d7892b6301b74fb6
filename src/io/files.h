// Small files, by blocking calls: for the start of the program and for worker threads, never on a loop.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <sys/types.h>

#include "base/bytes.h"
#include "base/result.h"

namespace jalousie::io {

/// The whole file. NotFound, PermissionDenied, or ResourceExhausted when it is longer than `most` bytes.
Result<Buffer> read_file(const std::string& path, std::size_t most);

/// Replaces or makes `path` so that, whatever happens, either the old or the new content is there: written
/// beside it, synced, renamed, and the folder synced. `mode` is exact, whatever the umask.
Result<> write_file_atomic(const std::string& path, ByteView content, mode_t mode);

/// Makes `path` and the folders above it. PermissionDenied also when it is there and cannot be written.
Result<> make_folder(const std::string& path, mode_t mode);

/// Held while the object lives (flock(2)), by one process at a time; ends with the process, however that
/// ends.
class FileLock {
 public:
  /// FailedPrecondition when another process holds it.
  static Result<std::unique_ptr<FileLock>> acquire(const std::string& path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  explicit FileLock(int fd) : fd_(fd) {}

 private:
  int fd_;
};

}  // namespace jalousie::io
