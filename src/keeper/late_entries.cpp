#include "keeper/late_entries.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/limits.h"
#include "base/log.h"

namespace jalousie::keeper {

LateEntries::LateEntries(ledger::Ledger& ledger, Metrics& metrics)
    : ledger_(ledger),
      failures_(metrics.counter("jalousie_keeper_ledger_failures_total",
                                "Entries of what was done already that the ledger did not take at once")),
      missing_(metrics.gauge("jalousie_keeper_ledger_missing",
                             "Entries that are kept until the ledger takes them")) {}

void LateEntries::append(const ledger::Entry& entry) {
  const auto appended = ledger_.append(entry);
  if (appended) return;
  failures_.add();
  log::alarm("keeper", "an entry is missing from the ledger",
             {{"kind", std::string(to_string(entry.kind))},
              {"home", entry.home.to_string()},
              {"camera", entry.camera.to_string()},
              {"account", entry.account.to_string()},
              {"viewing", entry.viewing.to_string()},
              {"detail", entry.detail},
              {"reason", appended.error().message()}});
  // What is wrong with the entry itself would be again, and keep the others back.
  if (appended.error().kind() != ErrorKind::InvalidArgument) keep(entry);
}

void LateEntries::keep(const ledger::Entry& entry) {
  const std::lock_guard lock(mutex_);
  if (kept_.size() >= limits::kLateLedgerEntries) {
    log::alarm("keeper", "too many entries are missing from the ledger: the log alone has the oldest");
    kept_.pop_front();
  }
  kept_.push_back(entry);
  missing_.set(static_cast<double>(kept_.size()));
}

void LateEntries::retry() {
  std::deque<ledger::Entry> tried;
  {
    const std::lock_guard lock(mutex_);
    const auto end = kept_.begin() + static_cast<std::ptrdiff_t>(std::min(kept_.size(), kAtOnce));
    std::move(kept_.begin(), end, std::back_inserter(tried));
    kept_.erase(kept_.begin(), end);
  }
  while (!tried.empty() && ledger_.append(tried.front())) tried.pop_front();
  const std::lock_guard lock(mutex_);
  kept_.insert(kept_.begin(), std::make_move_iterator(tried.begin()), std::make_move_iterator(tried.end()));
  missing_.set(static_cast<double>(kept_.size()));
}

}  // namespace jalousie::keeper
