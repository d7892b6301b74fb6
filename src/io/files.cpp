#include "io/files.h"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "io/errors.h"

namespace jalousie::io {

namespace {

class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

Result<> write_all(int fd, ByteView content) {
  while (!content.empty()) {
    const ssize_t wrote = ::write(fd, content.data(), content.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return fail_errno(errno, "writing");
    content = content.subspan(static_cast<std::size_t>(wrote));
  }
  return {};
}

Result<> sync_folder_of(const std::string& path) {
  std::string folder = std::filesystem::path(path).parent_path().string();
  if (folder.empty()) folder = ".";
  const Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0 || ::fsync(fd.get()) != 0) return fail_errno(errno, folder);
  return {};
}

Result<> fill(int fd, ByteView content, mode_t mode) {
  if (::fchmod(fd, mode) != 0) return fail_errno(errno, "setting the mode");
  TRY_VOID(write_all(fd, content));
  if (::fsync(fd) != 0) return fail_errno(errno, "syncing");
  return {};
}

}  // namespace

Result<Buffer> read_file(const std::string& path, std::size_t most) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) return fail_errno(errno, path);
  Buffer content;
  for (;;) {
    constexpr std::size_t kStep = 64 * 1024;
    const std::size_t have = content.size();
    content.resize(have + std::min(kStep, most + 1 - have));
    const ssize_t got = ::read(fd.get(), content.data() + have, content.size() - have);
    if (got < 0 && errno != EINTR) return fail_errno(errno, path);
    content.resize(have + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) return content;
    if (content.size() > most)
      return fail(ErrorKind::ResourceExhausted, fmt::format("{}: longer than {} bytes", path, most));
  }
}

Result<> write_file_atomic(const std::string& path, ByteView content, mode_t mode) {
  std::string beside = path + ".XXXXXX";
  Fd fd(::mkostemp(beside.data(), O_CLOEXEC));
  if (fd.get() < 0) return fail_errno(errno, path);
  auto done = fill(fd.get(), content, mode);
  if (done && ::rename(beside.c_str(), path.c_str()) != 0) done = fail_errno(errno, "renaming");
  if (!done) {
    ::unlink(beside.c_str());
    return std::unexpected(std::move(done).error().within(path));
  }
  return sync_folder_of(path);
}

Result<> make_folder(const std::string& path, mode_t mode) {
  const std::string above = std::filesystem::path(path).parent_path().string();
  std::error_code ignored;
  if (!above.empty() && !std::filesystem::exists(above, ignored)) TRY_VOID(make_folder(above, mode));
  if (::mkdir(path.c_str(), mode) == 0) {
    if (::chmod(path.c_str(), mode) != 0) return fail_errno(errno, path);
    return sync_folder_of(path);
  }
  if (errno != EEXIST) return fail_errno(errno, path);
  if (!std::filesystem::is_directory(path, ignored))
    return fail(ErrorKind::FailedPrecondition, fmt::format("{}: there is a file of that name", path));
  if (::access(path.c_str(), W_OK | X_OK) != 0)
    return fail(ErrorKind::PermissionDenied, fmt::format("{}: the folder cannot be written", path));
  return {};
}

Result<std::unique_ptr<FileLock>> FileLock::acquire(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (fd.get() < 0) return fail_errno(errno, path);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK)
      return fail(ErrorKind::FailedPrecondition, fmt::format("{}: another process is using it", path));
    return fail_errno(errno, path);
  }
  return std::make_unique<FileLock>(fd.release());
}

FileLock::~FileLock() { ::close(fd_); }

}  // namespace jalousie::io
