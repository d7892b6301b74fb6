#include "ledger/disk_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

namespace jalousie::ledger {

namespace {

ErrorKind kind_of(int error) {
  if (error == ENOENT) return ErrorKind::NotFound;
  return error == EACCES || error == EPERM || error == EROFS ? ErrorKind::PermissionDenied
                                                             : ErrorKind::Unavailable;
}

std::unexpected<Error> could_not(std::string_view what, const std::string& path, int error) {
  return fail(kind_of(error), fmt::format("could not {} {}: {}", what, path, std::strerror(error)));
}

}  // namespace

Result<std::unique_ptr<DiskFile>> DiskFile::open(const std::string& path, Access access) {
  const int flags = access == Access::Read ? O_RDONLY : O_RDWR | O_CREAT;
  const int file = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
  if (file < 0) return could_not("open", path, errno);
  return std::unique_ptr<DiskFile>(new DiskFile(path, file));
}

DiskFile::~DiskFile() { ::close(file_); }

Result<std::size_t> DiskFile::read(std::uint64_t offset, MutableBytes target) const {
  std::size_t count = 0;
  while (count < target.size()) {
    const ssize_t got =
        ::pread(file_, target.data() + count, target.size() - count, static_cast<off_t>(offset + count));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read");
    if (got == 0) break;
    count += static_cast<std::size_t>(got);
  }
  bytes_read_ += count;
  return count;
}

Result<> DiskFile::write(std::uint64_t offset, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return failed("write");
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
  return {};
}

Result<> DiskFile::sync() {
  if (::fdatasync(file_) != 0) return failed("write");
  return {};
}

Result<> DiskFile::cut(std::uint64_t size) {
  if (::ftruncate(file_, static_cast<off_t>(size)) != 0) return failed("cut");
  return {};
}

Result<std::uint64_t> DiskFile::size() const {
  struct stat status{};
  if (::fstat(file_, &status) != 0) return failed("read");
  return static_cast<std::uint64_t>(status.st_size);
}

std::unexpected<Error> DiskFile::failed(std::string_view what) const { return could_not(what, path_, errno); }

DiskFile::Lock::Lock(const DiskFile& file) : file_(file.file_) {
  while (::flock(file_, LOCK_EX) != 0 && errno == EINTR) {
  }
}

DiskFile::Lock::~Lock() { ::flock(file_, LOCK_UN); }

Result<> keep_name_of(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  const int folder = ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return could_not("open the folder of", path, errno);
  const bool kept = ::fsync(folder) == 0;
  const int error = errno;
  ::close(folder);
  if (!kept) return could_not("write the folder of", path, error);
  return {};
}

}  // namespace jalousie::ledger
