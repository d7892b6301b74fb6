#include "ledger/file_ledger.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>

#include "ledger/chain_file.h"

namespace jalousie::ledger {

struct FileLedger::Impl {
  struct Waiting {
    const Entry* entry;
    std::optional<Result<std::uint64_t>> answer;
  };

  explicit Impl(std::unique_ptr<ChainFile> opened) : file(std::move(opened)) {}
  void write_batch(std::unique_lock<std::mutex>& lock);

  std::mutex mutex;  // of the queue
  std::condition_variable done;
  std::deque<Waiting*> queue;
  bool writing = false;   // somebody writes a batch
  std::mutex file_mutex;  // of the file; never waited for with `mutex` held
  std::unique_ptr<ChainFile> file;
};

// Takes what has gathered while the batch before was being written: one wait for the disk serves them all.
void FileLedger::Impl::write_batch(std::unique_lock<std::mutex>& lock) {
  const std::size_t count = std::min(queue.size(), kBatchEntries);
  const std::vector<Waiting*> batch(queue.begin(), queue.begin() + static_cast<std::ptrdiff_t>(count));
  queue.erase(queue.begin(), queue.begin() + static_cast<std::ptrdiff_t>(count));
  writing = true;
  lock.unlock();
  std::vector<const Entry*> entries;
  for (const Waiting* waiting : batch) entries.push_back(waiting->entry);
  auto numbers = [&] {
    const std::lock_guard of_file(file_mutex);
    return file->append(entries);
  }();
  lock.lock();
  for (std::size_t index = 0; index < batch.size(); ++index) {
    if (numbers) {
      batch[index]->answer.emplace((*numbers)[index]);
    } else {
      batch[index]->answer.emplace(std::unexpected(numbers.error()));
    }
  }
  writing = false;
  done.notify_all();
}

Result<std::unique_ptr<FileLedger>> FileLedger::open(const std::string& path, RandomSource& random) {
  TRY(auto file, ChainFile::open(path, random));
  return std::unique_ptr<FileLedger>(new FileLedger(std::make_unique<Impl>(std::move(file))));
}

FileLedger::FileLedger(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
FileLedger::~FileLedger() = default;

Result<std::uint64_t> FileLedger::append(const Entry& entry) {
  if (entry.door.size() > kDoorBytes || entry.detail.size() > kDetailBytes) {
    return fail(ErrorKind::InvalidArgument, "a text of the ledger entry is too long");
  }
  Impl::Waiting own{&entry, std::nullopt};
  std::unique_lock lock(impl_->mutex);
  impl_->queue.push_back(&own);
  while (!own.answer) {
    if (impl_->writing) {
      impl_->done.wait(lock);
    } else {
      impl_->write_batch(lock);
    }
  }
  return *std::move(own.answer);
}

Result<std::vector<Recorded>> FileLedger::read(HomeId home, std::uint64_t from, std::size_t most) {
  std::vector<Recorded> found;
  while (found.size() < most) {
    const std::lock_guard of_file(impl_->file_mutex);  // one stretch at a time: who appends waits no longer
    const std::uint64_t next = std::max<std::uint64_t>(from, 1) + found.size();
    TRY(auto more, impl_->file->read(home, next, most - found.size()));
    if (more.empty()) break;
    std::ranges::move(more, std::back_inserter(found));
  }
  return found;
}

}  // namespace jalousie::ledger
