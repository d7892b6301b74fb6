// Ledger entries of what was done already: nothing waits for them or is refused because of them. One that the
// ledger does not take is an alarm in the log and a counter, and is kept and tried again; when the process
// ends before the ledger can be written, the log alone has it.
//
// Safe from any thread; append() may wait for a disk.
#pragma once

#include <deque>
#include <mutex>

#include "base/metrics.h"
#include "ledger/ledger.h"

namespace jalousie::keeper {

class LateEntries {
 public:
  static constexpr std::size_t kAtOnce = 32;

  LateEntries(ledger::Ledger& ledger, Metrics& metrics);

  void append(const ledger::Entry& entry);
  /// Tries again what is missing, the oldest first: kAtOnce of it, since each waits for a disk, and what
  /// takes rights away may wait for this. One call at a time.
  void retry();

 private:
  void keep(const ledger::Entry& entry);

  ledger::Ledger& ledger_;
  Counter& failures_;
  Gauge& missing_;
  std::mutex mutex_;
  std::deque<ledger::Entry> kept_;
};

}  // namespace jalousie::keeper
