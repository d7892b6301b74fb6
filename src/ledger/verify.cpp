#include "ledger/verify.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "ledger/chain_file.h"

namespace jalousie::ledger {

namespace {

constexpr std::size_t kReadBytes = std::size_t{4} << 20;

class Verifier {
 public:
  explicit Verifier(const DiskFile& file) : file_(file) {}
  Result<Verified> run(const DiskFile* checkpoints, const VerifyProgress& progress);

 private:
  Result<> read_header();
  /// The length of the good records at the beginning of `bytes`.
  Result<std::size_t> take(ByteView bytes);
  Result<> check_sequence(const Recorded& recorded);
  Result<> compare_checkpoint();
  Result<> next_checkpoint();
  std::unexpected<Error> damaged(std::string_view how) const {
    return fail(ErrorKind::DataLoss, fmt::format("the ledger {} {}", file_.path(), how));
  }

  const DiskFile& file_;
  const DiskFile* checkpoints_ = nullptr;
  std::uint64_t checkpoints_size_ = 0;
  std::uint64_t checkpoints_read_ = 0;
  std::optional<Checkpoint> next_;
  ChainHash header_{};
  ChainHash chain_{};
  std::uint64_t known_ = 0;
  std::map<HomeId, std::uint64_t> entries_;
  Verified verified_;
};

// Sizes first, with the lock: then both files end with something whole, whoever is writing.
Result<Verified> Verifier::run(const DiskFile* checkpoints, const VerifyProgress& progress) {
  checkpoints_ = checkpoints;
  std::uint64_t size = 0;
  {
    const DiskFile::Lock lock(file_);
    TRY(size, file_.size());
    if (checkpoints_ != nullptr) {
      TRY(checkpoints_size_, checkpoints_->size());
    }
  }
  TRY_VOID(read_header());
  TRY_VOID(next_checkpoint());
  Buffer buffer(std::min<std::uint64_t>(kReadBytes, size));
  while (known_ < size) {
    TRY(const std::size_t count, file_.read(known_, buffer));
    TRY(const std::size_t good, take(ByteView(buffer).first(std::min<std::uint64_t>(count, size - known_))));
    if (good == 0) break;
    if (progress) progress(known_, size);
  }
  verified_.bytes = known_;
  verified_.homes = entries_.size();
  verified_.torn = size - known_;
  if (verified_.torn > kTornBytes) return damaged(fmt::format("is damaged at byte {}", known_));
  if (next_)
    return damaged(
        fmt::format("ends at byte {}: its checkpoint speaks of {} bytes. Its end is cut off, or damaged",
                    known_, next_->end));
  return verified_;
}

Result<> Verifier::read_header() {
  TRY(const std::size_t count, file_.read(0, header_));
  if (count < header_.size() || as_text(header_).substr(0, kFileMagic.size()) != kFileMagic)
    return damaged("does not begin as a ledger does");
  chain_ = header_;
  known_ = header_.size();
  return {};
}

Result<std::size_t> Verifier::take(ByteView bytes) {
  std::size_t good = 0;
  while (good < bytes.size()) {
    const ParsedRecord parsed = parse_record(bytes.subspan(good), chain_);
    if (parsed.state != RecordState::Good) break;
    TRY_VOID(check_sequence(parsed.recorded));
    good += parsed.bytes;
    known_ += parsed.bytes;
    chain_ = parsed.chain;
    ++verified_.entries;
    if (next_ && known_ >= next_->end) TRY_VOID(compare_checkpoint());
  }
  return good;
}

Result<> Verifier::check_sequence(const Recorded& recorded) {
  std::uint64_t& entries = entries_[recorded.entry.home];
  if (recorded.sequence != entries + 1)
    return damaged(fmt::format("has at byte {} a home's entry {} where entry {} belongs", known_,
                               recorded.sequence, entries + 1));
  ++entries;
  return {};
}

Result<> Verifier::compare_checkpoint() {
  const bool agrees = next_->end == known_ && next_->ledger == header_ && next_->chain == chain_ &&
                      std::ranges::equal(next_->entries, entries_, [](const auto& of, const auto& is) {
                        return of.first == is.first && of.second == is.second;
                      });
  if (!agrees)
    return damaged(
        fmt::format("is not what its checkpoint at byte {} says: before that, it was rewritten, or "
                    "the checkpoint was",
                    next_->end));
  ++verified_.checkpoints;
  return next_checkpoint();
}

Result<> Verifier::next_checkpoint() {
  next_.reset();
  if (checkpoints_ == nullptr || checkpoints_read_ >= checkpoints_size_) return {};
  std::array<std::uint8_t, kCheckpointStartBytes> start{};
  TRY(const std::size_t count, checkpoints_->read(checkpoints_read_, start));
  const auto length = checkpoint_length(ByteView(start).first(count));
  if (length && *length <= checkpoints_size_ - checkpoints_read_) {
    Buffer bytes(*length);
    TRY(const std::size_t got, checkpoints_->read(checkpoints_read_, bytes));
    if (got == bytes.size()) next_ = parse_checkpoint(bytes);
  }
  if (next_) {
    checkpoints_read_ += *length;
  } else {
    verified_.checkpoints_damaged_at = checkpoints_read_;
    checkpoints_read_ = checkpoints_size_;
  }
  return {};
}

}  // namespace

Result<Verified> verify_ledger(const std::string& path, const VerifyProgress& progress) {
  TRY(const auto file, DiskFile::open(path, DiskFile::Access::Read));
  auto checkpoints = DiskFile::open(checkpoints_path(path), DiskFile::Access::Read);
  if (!checkpoints && checkpoints.error().kind() != ErrorKind::NotFound)
    return std::unexpected(std::move(checkpoints).error());
  return Verifier(*file).run(checkpoints ? checkpoints->get() : nullptr, progress);
}

}  // namespace jalousie::ledger
