#include "ledger/chain_file.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/assert.h"
#include "base/log.h"
#include "ledger/stretch.h"

namespace jalousie::ledger {

namespace {

constexpr std::size_t kReadBytes = std::size_t{1} << 20;
// A checkpoint names every home. Of very many homes it is large: then it is made less often, so that
// checkpoints stay a sixteenth of the ledger at most.
constexpr std::uint64_t kLedgerPerCheckpoint = 16;

}  // namespace

Result<std::unique_ptr<ChainFile>> ChainFile::open(const std::string& path, RandomSource& random,
                                                   std::uint64_t checkpoint_every) {
  auto file = DiskFile::open(path, DiskFile::Access::Write);
  if (!file) {
    return fail(file.error().kind() == ErrorKind::NotFound ? ErrorKind::Unavailable : file.error().kind(),
                fmt::format("the ledger cannot be written ({}): give the user who runs Jalousie the right to "
                            "write this file and its folder, or choose another data folder",
                            file.error().message()));
  }
  const DiskFile::Lock lock(**file);
  TRY(auto checkpoints, CheckpointFile::open(checkpoints_path(path)));
  std::unique_ptr<ChainFile> opened(
      new ChainFile(*std::move(file), std::move(checkpoints), checkpoint_every));
  TRY_VOID(opened->make_header(random));
  TRY_VOID(opened->go_on_from_checkpoint());
  TRY_VOID(opened->catch_up());
  return opened;
}

Result<> ChainFile::make_header(RandomSource& random) {
  TRY(const std::size_t count, file_->read(0, header_));
  if (count < header_.size()) {  // new, or it died before its first entry
    if (!checkpoints_->is_empty()) return damaged("is empty, and its checkpoints say that it was not");
    std::copy(kFileMagic.begin(), kFileMagic.end(), header_.begin());
    random.fill(MutableBytes(header_).subspan(kFileMagic.size()));
    TRY_VOID(file_->write(0, header_));
    TRY_VOID(file_->sync());
    TRY_VOID(keep_name_of(file_->path()));
  }
  if (as_text(header_).substr(0, kFileMagic.size()) != kFileMagic) {
    return fail(ErrorKind::DataLoss,
                fmt::format("{} is no ledger: move it away, or choose another data folder", file_->path()));
  }
  chain_ = header_;
  known_ = checkpointed_ = header_.size();
  return {};
}

// What the checkpoint says is believed only where the ledger says the same.
Result<> ChainFile::go_on_from_checkpoint() {
  TRY(const auto newest, checkpoints_->newest());
  TRY(const std::uint64_t size, file_->size());
  if (!newest) {
    if (size - known_ > checkpoint_every_) {
      log::info("ledger", "there is no checkpoint: all of the ledger is read, this once",
                {{"file", file_->path()}, {"bytes", std::to_string(size)}});
    }
    return {};
  }
  if (newest->ledger != header_) return damaged("is not the one that its checkpoints were made of");
  if (newest->end > size)
    return damaged(
        fmt::format("ends at byte {}, and had {} bytes at its last checkpoint", size, newest->end));
  ChainHash there{};
  TRY_VOID(file_->read(newest->end - there.size(), there));
  if (there != newest->chain)
    return damaged(fmt::format("is not, before byte {}, what it was at its last checkpoint", newest->end));
  known_ = checkpointed_ = newest->end;
  chain_ = newest->chain;
  entries_.clear();
  for (const auto& [home, entries] : newest->entries) entries_.emplace(home, entries);
  return {};
}

Result<> ChainFile::catch_up() {
  TRY(const std::uint64_t size, file_->size());
  if (size < known_) return damaged("became shorter than it was");
  Buffer buffer(std::min<std::uint64_t>(kReadBytes, size - known_));
  while (known_ < size) {
    TRY(const std::size_t count, file_->read(known_, buffer));
    ByteView rest = ByteView(buffer).first(count);
    const std::uint64_t before = known_;
    while (!rest.empty()) {
      const ParsedRecord parsed = parse_record(rest, chain_);
      if (parsed.state == RecordState::Broken) return cut_torn_tail(size);
      if (parsed.state == RecordState::Truncated) break;
      TRY_VOID(take_in(parsed));
      rest = rest.subspan(parsed.bytes);
      if (checkpoint_is_due()) add_checkpoint();
    }
    if (known_ == before) return cut_torn_tail(size);
  }
  return {};
}

Result<> ChainFile::take_in(const ParsedRecord& parsed) {
  std::uint64_t& entries = entries_[parsed.recorded.entry.home];
  if (parsed.recorded.sequence != entries + 1)
    return damaged(fmt::format("has at byte {} a home's entry {} where entry {} belongs", known_,
                               parsed.recorded.sequence, entries + 1));
  ++entries;
  known_ += parsed.bytes;
  chain_ = parsed.chain;
  return {};
}

Result<> ChainFile::cut_torn_tail(std::uint64_t size) {
  const std::uint64_t torn = size - known_;
  if (torn > kTornBytes)
    return damaged(fmt::format("is damaged at byte {}, {} bytes before its end", known_, torn));
  Buffer tail(torn);
  TRY(const std::size_t count, file_->read(known_, tail));
  const std::string kept = fmt::format("{}.torn-at-{}", file_->path(), known_);
  TRY(const auto file, DiskFile::open(kept, DiskFile::Access::Write));
  TRY_VOID(file->cut(0));
  TRY_VOID(file->write(0, ByteView(tail).first(count)));
  TRY_VOID(file->sync());
  TRY_VOID(keep_name_of(kept));
  TRY_VOID(file_->cut(known_));
  TRY_VOID(file_->sync());
  log::warn("ledger",
            "a torn end was cut: entries that were being written when the machine or the server died",
            {{"file", file_->path()}, {"bytes", std::to_string(torn)}, {"kept_in", kept}});
  return {};
}

bool ChainFile::checkpoint_is_due() const {
  const std::uint64_t bytes = kCheckpointBytes + entries_.size() * kCheckpointHomeBytes;
  return known_ - checkpointed_ >= std::max(checkpoint_every_, bytes * kLedgerPerCheckpoint);
}

// The ledger first: no checkpoint may speak of what the disk has not.
void ChainFile::add_checkpoint() {
  Checkpoint checkpoint{
      .ledger = header_, .end = known_, .chain = chain_, .entries = {entries_.begin(), entries_.end()}};
  std::ranges::sort(checkpoint.entries);
  auto added = file_->sync();
  if (!added) failed_ = true;
  if (added) added = checkpoints_->append(checkpoint);
  if (!added) {
    log::warn("ledger", "no checkpoint could be made: the next start takes longer",
              {{"file", file_->path()}, {"why", added.error().message()}});
  }
  checkpointed_ = known_;
}

Result<std::vector<std::uint64_t>> ChainFile::append(std::span<const Entry* const> entries) {
  JAL_ASSERT(entries.size() <= kBatchEntries);
  const DiskFile::Lock lock(*file_);
  if (!failed_) TRY_VOID(catch_up());
  if (failed_) {
    return fail(ErrorKind::Unavailable,
                fmt::format("the ledger {} is closed: the disk failed to keep it. Look at the disk, then "
                            "start the server again",
                            file_->path()));
  }
  Buffer bytes;
  ChainHash chain = chain_;
  std::unordered_map<HomeId, std::uint64_t> latest;
  std::vector<std::uint64_t> numbers;
  for (const Entry* entry : entries) {
    const auto known = entries_.find(entry->home);
    auto& number = latest.try_emplace(entry->home, known == entries_.end() ? 0 : known->second).first->second;
    numbers.push_back(++number);
    encode_record({number, *entry}, chain, bytes);
  }
  if (auto written = file_->write(known_, bytes); !written) {
    if (!file_->cut(known_)) failed_ = true;
    return std::unexpected(std::move(written).error());
  }
  if (auto synced = file_->sync(); !synced) {
    failed_ = true;
    return std::unexpected(std::move(synced).error());
  }
  for (const auto& [home, number] : latest) entries_[home] = number;
  known_ += bytes.size();
  chain_ = chain;
  if (checkpoint_is_due()) add_checkpoint();
  return numbers;
}

Result<std::vector<Recorded>> ChainFile::read(HomeId home, std::uint64_t from, std::size_t most) {
  from = std::max<std::uint64_t>(from, 1);
  std::optional<Checkpoint> start;
  {
    const DiskFile::Lock lock(*file_);
    TRY_VOID(catch_up());
    const auto entries = entries_.find(home);
    if (most == 0 || entries == entries_.end() || entries->second < from) return std::vector<Recorded>();
    most = std::min<std::uint64_t>(most, entries->second - from + 1);
    start = checkpoints_->before(home, from);
  }
  return read_stretch(*file_, {.begin = start ? start->end : kFileHeaderBytes,
                               .end = known_,
                               .enough = checkpoint_every_,
                               .home = home,
                               .from = from,
                               .most = most});
}

std::unexpected<Error> ChainFile::damaged(std::string_view how) const {
  return fail(ErrorKind::DataLoss,
              fmt::format("the ledger {} {}: keep it, and {}, for who has to find out why. Then restore both "
                          "from a backup, or move both away to begin anew",
                          file_->path(), how, checkpoints_path(file_->path())));
}

}  // namespace jalousie::ledger
