#include "app/data.h"

#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "app/owner_rights.h"
#include "io/files.h"
#include "keeper/root_key.h"
#include "ledger/file_ledger.h"
#include "registry/sqlite_store.h"

namespace jalousie::app {

namespace fs = std::filesystem;

Result<> check_apart(const std::string& data, const std::string& root_key) {
  std::error_code problem;
  const fs::path folder = fs::weakly_canonical(data, problem);
  const fs::path key = fs::weakly_canonical(root_key, problem);
  const auto inside = key.lexically_relative(folder);
  if (!inside.empty() && *inside.begin() != "..") {
    return fail(ErrorKind::InvalidArgument,
                fmt::format("the root key {} lies inside the data folder {}; a copy of that folder would "
                            "open everything. Give --root-key a place outside it",
                            root_key, data));
  }
  return {};
}

Result<> Data::make_folder(const std::string& path) {
  auto made = io::make_folder(path, 0700);
  if (!made)
    return fail(made.error().kind(),
                fmt::format("{}; give --data a folder that you may write", made.error().message()));
  return {};
}

Result<std::unique_ptr<Data>> Data::open(const CommonOptions& options, Metrics& metrics) {
  std::unique_ptr<Data> data(new Data);
  const std::string key_path = keeper::root_key_path(options.root_key);
  TRY_VOID(check_apart(options.data, key_path));

  TRY_VOID(make_folder(options.data));
  TRY(auto rights, OwnerRights::take(options.data));
  TRY(data->store_, registry::SqliteStore::open(options.data + "/registry.sqlite"));
  TRY(data->ledger_, ledger::FileLedger::open(ledger_path(options), data->random_));
  TRY(const bool is_empty, data->store_->is_empty());
  std::optional<Result<keeper::RootKey>> loaded;
  rights.without([&] { loaded = keeper::load_or_create_root_key(key_path, is_empty, data->random_); });
  TRY(auto root, *std::move(loaded));
  TRY_VOID(std::move(rights).keep());
  TRY(data->keeper_,
      keeper::Keeper::create({*data->store_, *data->ledger_, data->clock_, data->random_, metrics},
                             std::move(root)));
  return data;
}

}  // namespace jalousie::app
