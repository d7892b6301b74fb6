// The data folder, opened: registry, ledger and keeper over it. One line says what to do when that fails.
#pragma once

#include <memory>

#include "app/options.h"
#include "base/metrics.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/system_random.h"
#include "keeper/keeper.h"
#include "ledger/ledger.h"
#include "registry/store.h"

namespace jalousie::app {

class Data {
 public:
  /// Makes what is not there yet: the folder (0700), the registry, the ledger and, while there is no data,
  /// the root key. Root that opens the folder of another user goes on as that user.
  static Result<std::unique_ptr<Data>> open(const CommonOptions& options, Metrics& metrics);

  /// Private to its owner. The error says what to do.
  static Result<> make_folder(const std::string& path);

  static std::string ledger_path(const CommonOptions& options) { return options.data + "/ledger"; }

  registry::Store& store() { return *store_; }
  ledger::Ledger& ledger() { return *ledger_; }
  keeper::Keeper& keeper() { return *keeper_; }
  Clock& clock() { return clock_; }
  RandomSource& random() { return random_; }

 private:
  Data() = default;

  SystemClock clock_;
  crypto::SystemRandom random_;
  std::unique_ptr<registry::Store> store_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<keeper::Keeper> keeper_;
};

/// The root key must not be inside the data folder: whoever copied that would have both.
Result<> check_apart(const std::string& data, const std::string& root_key);

}  // namespace jalousie::app
