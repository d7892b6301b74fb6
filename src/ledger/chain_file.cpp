#include "ledger/chain_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "base/assert.h"
#include "base/log.h"

namespace jalousie::ledger {

namespace {

constexpr std::size_t kReadBytes = std::size_t{1} << 20;

ErrorKind kind_of(int error) {
  return error == EACCES || error == EPERM || error == EROFS ? ErrorKind::PermissionDenied
                                                             : ErrorKind::Unavailable;
}

bool write_all(int file, ByteView bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
  return true;
}

// A new file's name is durable once its folder is.
bool keep_name_of(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  const int folder = ::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return false;
  const bool kept = ::fsync(folder) == 0;
  ::close(folder);
  return kept;
}

}  // namespace

class ChainFile::FileLock {
 public:
  explicit FileLock(int file) : file_(file) {
    while (::flock(file_, LOCK_EX) != 0 && errno == EINTR) {
    }
  }
  ~FileLock() { ::flock(file_, LOCK_UN); }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int file_;
};

Result<std::unique_ptr<ChainFile>> ChainFile::open(const std::string& path, RandomSource& random) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    const int error = errno;
    return fail(
        kind_of(error),
        fmt::format("the ledger {} cannot be written ({}): give the user who runs Jalousie the right to "
                    "write this file and its folder, or choose another data folder",
                    path, std::strerror(error)));
  }
  std::unique_ptr<ChainFile> opened(new ChainFile(path, file));
  const FileLock lock(file);
  TRY_VOID(opened->make_header(random));
  TRY_VOID(opened->catch_up());
  return opened;
}

ChainFile::~ChainFile() { ::close(file_); }

Result<> ChainFile::make_header(RandomSource& random) {
  std::array<std::uint8_t, kFileHeaderBytes> header{};
  std::size_t count = 0;
  TRY_VOID(read_at(0, header, count));
  if (count < header.size()) {  // new, or it died before its first entry
    std::copy(kFileMagic.begin(), kFileMagic.end(), header.begin());
    random.fill(MutableBytes(header).subspan(kFileMagic.size()));
    if (!write_all(file_, header, 0) || ::fdatasync(file_) != 0 || !keep_name_of(path_))
      return failed("write", errno);
  }
  if (as_text(header).substr(0, kFileMagic.size()) != kFileMagic) {
    return fail(ErrorKind::DataLoss,
                fmt::format("{} is no ledger: move it away, or choose another data folder", path_));
  }
  std::copy(header.begin(), header.end(), chain_.begin());
  known_ = header.size();
  return {};
}

Result<> ChainFile::catch_up() {
  struct stat status{};
  if (::fstat(file_, &status) != 0) return failed("read", errno);
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size < known_)
    return fail(ErrorKind::DataLoss, fmt::format("the ledger {} became shorter than it was", path_));
  Buffer buffer(std::min<std::uint64_t>(kReadBytes, size - known_));
  while (known_ < size) {
    std::size_t count = 0;
    TRY_VOID(read_at(known_, buffer, count));
    ByteView rest = ByteView(buffer).first(count);
    const std::uint64_t before = known_;
    while (!rest.empty()) {
      const ParsedRecord parsed = parse_record(rest, chain_);
      if (parsed.state == RecordState::Broken) return cut_torn_tail(size);
      if (parsed.state == RecordState::Truncated) break;
      take_in(parsed);
      rest = rest.subspan(parsed.bytes);
    }
    if (known_ == before) return cut_torn_tail(size);
  }
  return {};
}

void ChainFile::take_in(const ParsedRecord& parsed) {
  offsets_[parsed.recorded.entry.home].push_back(known_);
  known_ += parsed.bytes;
  chain_ = parsed.chain;
}

Result<> ChainFile::cut_torn_tail(std::uint64_t size) {
  const std::uint64_t torn = size - known_;
  if (torn > kTornBytes) {
    return fail(ErrorKind::DataLoss,
                fmt::format("the ledger {} is damaged at byte {}, {} bytes before its end: keep it for who "
                            "has to find out why, and restore it from a backup",
                            path_, known_, torn));
  }
  Buffer tail(torn);
  std::size_t count = 0;
  TRY_VOID(read_at(known_, tail, count));
  const std::string kept = fmt::format("{}.torn-at-{}", path_, known_);
  const int file = ::open(kept.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  const bool saved = file >= 0 && write_all(file, ByteView(tail).first(count), 0) && ::fdatasync(file) == 0;
  const int error = errno;
  if (file >= 0) ::close(file);
  if (!saved) return failed("keep the torn end of", error);
  if (::ftruncate(file_, static_cast<off_t>(known_)) != 0 || ::fdatasync(file_) != 0)
    return failed("cut", errno);
  log::warn("ledger",
            "a torn end was cut: entries that were being written when the machine or the server died",
            {{"file", path_}, {"bytes", std::to_string(torn)}, {"kept_in", kept}});
  return {};
}

Result<std::vector<std::uint64_t>> ChainFile::append(std::span<const Entry* const> entries) {
  JAL_ASSERT(entries.size() <= kBatchEntries);
  if (failed_) {
    return fail(ErrorKind::Unavailable,
                fmt::format("the ledger {} is closed: the disk failed to keep it. Look at the disk, then "
                            "start the server again",
                            path_));
  }
  const FileLock lock(file_);
  TRY_VOID(catch_up());
  Buffer bytes;
  ChainHash chain = chain_;
  std::unordered_map<HomeId, std::vector<std::uint64_t>> added;
  std::vector<std::uint64_t> numbers;
  for (const Entry* entry : entries) {
    auto& of_home = added[entry->home];
    const auto known = offsets_.find(entry->home);
    numbers.push_back((known == offsets_.end() ? 0 : known->second.size()) + of_home.size() + 1);
    of_home.push_back(known_ + bytes.size());
    encode_record({numbers.back(), *entry}, chain, bytes);
  }
  if (!write_all(file_, bytes, known_)) {
    const int error = errno;
    if (::ftruncate(file_, static_cast<off_t>(known_)) != 0) failed_ = true;
    return failed("write", error);
  }
  if (::fdatasync(file_) != 0) {
    failed_ = true;
    return failed("write", errno);
  }
  for (auto& [home, offsets] : added) {
    auto& all = offsets_[home];
    all.insert(all.end(), offsets.begin(), offsets.end());
  }
  known_ += bytes.size();
  chain_ = chain;
  return numbers;
}

Result<std::vector<Recorded>> ChainFile::read(HomeId home, std::uint64_t from, std::size_t most) {
  {
    const FileLock lock(file_);
    TRY_VOID(catch_up());
  }
  std::vector<Recorded> found;
  const auto offsets = offsets_.find(home);
  if (offsets == offsets_.end()) return found;
  for (std::uint64_t number = std::max<std::uint64_t>(from, 1);
       number <= offsets->second.size() && found.size() < most; ++number) {
    TRY(Recorded recorded, record_at(offsets->second[number - 1]));
    if (recorded.sequence != number || recorded.entry.home != home) {
      return fail(ErrorKind::DataLoss,
                  fmt::format("the ledger {}: entry {} of a home is not in its place", path_, number));
    }
    found.push_back(std::move(recorded));
  }
  return found;
}

// The hash of the record before lies just in front of it (or the file's header, which has the same size).
Result<Recorded> ChainFile::record_at(std::uint64_t offset) const {
  std::array<std::uint8_t, 32 + kMaxRecordBytes> bytes;
  std::size_t count = 0;
  TRY_VOID(read_at(offset - 32, bytes, count));
  ParsedRecord parsed;
  if (count > 32) {
    ChainHash before;
    std::copy_n(bytes.begin(), before.size(), before.begin());
    parsed = parse_record(ByteView(bytes).subspan(32, count - 32), before);
  }
  if (parsed.state != RecordState::Good) {
    return fail(ErrorKind::DataLoss, fmt::format("the ledger {} was altered at byte {}", path_, offset));
  }
  return std::move(parsed.recorded);
}

Result<> ChainFile::read_at(std::uint64_t offset, MutableBytes target, std::size_t& count) const {
  count = 0;
  while (count < target.size()) {
    const ssize_t got =
        ::pread(file_, target.data() + count, target.size() - count, static_cast<off_t>(offset + count));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read", errno);
    if (got == 0) break;
    count += static_cast<std::size_t>(got);
  }
  return {};
}

std::unexpected<Error> ChainFile::failed(std::string_view what, int error) const {
  return fail(kind_of(error),
              fmt::format("could not {} the ledger {}: {}", what, path_, std::strerror(error)));
}

}  // namespace jalousie::ledger
