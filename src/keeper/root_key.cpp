#include "keeper/root_key.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/encoding.h"

namespace jalousie::keeper {

namespace {

constexpr std::string_view kCredential = "jalousie-root-key";
constexpr std::size_t kHexDigits = 2 * kRootKeyBytes;

class File {
 public:
  File(const std::string& path, int flags, mode_t mode = 0)
      : descriptor_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

// Text that is a secret: wiped when it goes.
struct SecretText {
  std::array<char, kHexDigits + 2> bytes{};
  std::size_t size = 0;
  MutableBytes all() { return {reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()}; }
  ~SecretText() { wipe(all()); }
};

Result<> check_mode(const std::string& path, int file) {
  struct stat status{};
  if (::fstat(file, &status) != 0) {
    return fail(ErrorKind::Unavailable, fmt::format("the root key {}: {}", path, std::strerror(errno)));
  }
  // systemd gives credentials as 0400 with the service's user as owner or in an ACL, which shows as a group
  // right.
  const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");
  if (credentials != nullptr && path == fmt::format("{}/{}", credentials, kCredential)) return {};
  if ((status.st_mode & 077) != 0) {
    return fail(ErrorKind::PermissionDenied, fmt::format("the root key {} can be read or written by others "
                                                         "than its owner (mode {:o}), so it may be known: "
                                                         "find out who could have read it, then chmod 600 {}",
                                                         path, status.st_mode & 0777, path));
  }
  return {};
}

}  // namespace

std::string root_key_path(const std::string& configured) {
  const char* credentials = std::getenv("CREDENTIALS_DIRECTORY");
  if (credentials == nullptr) return configured;
  std::string path = fmt::format("{}/{}", credentials, kCredential);
  return ::access(path.c_str(), F_OK) == 0 ? path : configured;
}

Result<RootKey> load_root_key(const std::string& path) {
  const File file(path, O_RDONLY);
  if (file.get() < 0) {
    const int error = errno;
    return fail(error == ENOENT ? ErrorKind::NotFound : ErrorKind::PermissionDenied,
                fmt::format("the root key {} cannot be read: {}", path, std::strerror(error)));
  }
  TRY_VOID(check_mode(path, file.get()));
  SecretText text;
  const ssize_t count = ::read(file.get(), text.bytes.data(), text.bytes.size());
  text.size = count < 0 ? 0 : static_cast<std::size_t>(count);
  while (text.size > 0 && (text.bytes[text.size - 1] == '\n' || text.bytes[text.size - 1] == '\r'))
    --text.size;
  auto bytes = decode_hex(std::string_view(text.bytes.data(), text.size));
  if (!bytes || bytes->size() != kRootKeyBytes) {
    return fail(ErrorKind::InvalidArgument, fmt::format("{} does not hold a root key, which is one line of "
                                                        "{} hex digits: restore it from where you keep it, "
                                                        "apart from the data's backups",
                                                        path, kHexDigits));
  }
  RootKey key{crypto::Secret<kRootKeyBytes>(*bytes)};
  wipe(*bytes);
  return key;
}

Result<RootKey> create_root_key(const std::string& path, RandomSource& random) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::path(path).parent_path();
  std::error_code error;
  if (!folder.empty() && fs::create_directories(folder, error))
    fs::permissions(folder, fs::perms::owner_all, error);
  const File file(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (file.get() < 0) {
    const int reason = errno;
    return fail(reason == EEXIST ? ErrorKind::AlreadyExists : ErrorKind::PermissionDenied,
                fmt::format("the root key {} cannot be made: {}", path, std::strerror(reason)));
  }
  auto secret = crypto::Secret<kRootKeyBytes>::random(random);
  std::string text = encode_hex(secret.view()) + "\n";
  const ssize_t written = ::write(file.get(), text.data(), text.size());
  wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  const File parent(folder.empty() ? "." : folder.string(), O_RDONLY | O_DIRECTORY);
  if (written != static_cast<ssize_t>(kHexDigits + 1) || ::fsync(file.get()) != 0 ||
      ::fsync(parent.get()) != 0) {
    const int reason = errno;
    ::unlink(path.c_str());
    return fail(ErrorKind::Unavailable,
                fmt::format("the root key {} cannot be written: {}", path, std::strerror(reason)));
  }
  return RootKey(std::move(secret));
}

Result<RootKey> load_or_create_root_key(const std::string& path, bool data_is_empty, RandomSource& random) {
  auto loaded = load_root_key(path);
  if (loaded || loaded.error().kind() != ErrorKind::NotFound) return loaded;
  if (data_is_empty) return create_root_key(path, random);
  return fail(ErrorKind::NotFound, fmt::format("there is data, but no root key at {}: without the key that "
                                               "it was sealed under it cannot be opened. "
                                               "Restore the key there, or say where it is",
                                               path));
}

}  // namespace jalousie::keeper
