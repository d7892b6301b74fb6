#include "ledger/checkpoint_file.h"

#include <algorithm>

#include "base/log.h"

namespace jalousie::ledger {

Result<std::unique_ptr<CheckpointFile>> CheckpointFile::open(const std::string& path) {
  TRY(auto file, DiskFile::open(path, DiskFile::Access::Write));
  std::unique_ptr<CheckpointFile> opened(new CheckpointFile(std::move(file)));
  TRY(opened->size_, opened->file_->size());
  return opened;
}

std::optional<Checkpoint> CheckpointFile::load(std::uint64_t offset, std::uint64_t length) const {
  Buffer bytes(length);
  const auto count = file_->read(offset, bytes);
  if (!count || *count != length) return std::nullopt;
  return parse_checkpoint(bytes);
}

std::uint64_t CheckpointFile::length_before(std::uint64_t end) const {
  std::array<std::uint8_t, kCheckpointEndBytes> bytes{};
  if (end < kCheckpointBytes || file_->read(end - bytes.size(), bytes) != bytes.size()) return 0;
  const std::uint64_t length = ByteReader(bytes).u32();
  return length >= kCheckpointBytes && length <= end ? length : 0;
}

Result<std::optional<Checkpoint>> CheckpointFile::newest() {
  TRY(size_, file_->size());
  places_known_ = false;
  reaches_ = 0;
  if (size_ == 0) return std::nullopt;
  std::optional<Checkpoint> found;
  if (const std::uint64_t length = length_before(size_); length > 0) found = load(size_ - length, length);
  if (!found) {
    TRY(found, last_good_one());
  }
  if (found) reaches_ = found->end;
  return found;
}

// The end is torn or damaged: goes from one beginning to the next, then back to one that is whole.
Result<std::optional<Checkpoint>> CheckpointFile::last_good_one() {
  std::vector<Place> places;
  std::uint64_t offset = 0;
  while (offset < size_) {
    std::array<std::uint8_t, kCheckpointStartBytes> start{};
    TRY(const std::size_t count, file_->read(offset, start));
    const auto length = checkpoint_length(ByteView(start).first(count));
    if (!length || *length > size_ - offset) break;
    places.push_back({offset, *length});
    offset += *length;
  }
  std::optional<Checkpoint> found;
  std::uint64_t good = 0;
  for (; !places.empty() && !found; places.pop_back()) {
    found = load(places.back().offset, places.back().length);
    if (found) good = places.back().offset + places.back().length;
  }
  log::warn("ledger", "checkpoints that were torn or damaged were cut; what they spoke of is read again",
            {{"file", file_->path()}, {"bytes", std::to_string(size_ - good)}});
  TRY_VOID(file_->cut(good));
  TRY_VOID(file_->sync());
  size_ = good;
  return found;
}

Result<> CheckpointFile::append(const Checkpoint& checkpoint) {
  TRY(const std::uint64_t size, file_->size());
  if (size != size_) TRY_VOID(newest());
  if (reaches_ >= checkpoint.end) return {};
  const Buffer bytes = encode_checkpoint(checkpoint);
  auto written = file_->write(size_, bytes);
  if (written) written = file_->sync();
  if (!written) {
    // What is left of it would be found to be torn.
    static_cast<void>(file_->cut(size_));
    return written;
  }
  if (size_ == 0) TRY_VOID(keep_name_of(file_->path()));
  if (places_known_) places_.push_back({size_, bytes.size()});
  size_ += bytes.size();
  reaches_ = checkpoint.end;
  return {};
}

void CheckpointFile::find_places() {
  places_.clear();
  for (std::uint64_t end = size_; end > 0;) {
    const std::uint64_t length = length_before(end);
    if (length == 0) break;
    end -= length;
    places_.push_back({end, length});
  }
  std::ranges::reverse(places_);
  places_known_ = true;
}

std::optional<Checkpoint> CheckpointFile::before(HomeId home, std::uint64_t number) {
  if (!places_known_) find_places();
  std::optional<Checkpoint> best;
  std::size_t low = 0;
  for (std::size_t high = places_.size(); low < high;) {
    const std::size_t middle = low + (high - low) / 2;
    auto at = load(places_[middle].offset, places_[middle].length);
    if (!at) return std::nullopt;
    if (at->entries_of(home) < number) {
      best = std::move(at);
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return best;
}

}  // namespace jalousie::ledger
