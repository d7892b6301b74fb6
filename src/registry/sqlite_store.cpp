#include "registry/sqlite_store.h"

#include <utility>

#include <fmt/format.h>

#include "registry/schema.h"
#include "registry/sqlite_facets.h"

namespace jalousie::registry {

struct SqliteStore::Impl {
  explicit Impl(std::unique_ptr<Database> opened) : database(std::move(opened)) {}

  std::unique_ptr<Database> database;
  std::atomic<std::uint64_t> changes{0};
  std::int64_t seen_data_version = 0;
  SqlitePeople people{{*database, changes}};
  SqliteCameras cameras{{*database, changes}};
  SqliteKeys keys{{*database, changes}};
  SqliteSessions sessions{{*database, changes}};
  SqliteSuspensions suspensions{{*database, changes}};
};

namespace {

Result<> use_write_ahead_log(Database& database) {
  Query query = database.query("PRAGMA journal_mode = WAL");
  TRY(const bool row, query.step());
  if (row && query.text(0) == "wal") return {};
  return fail(
      ErrorKind::FailedPrecondition,
      fmt::format("the registry {} cannot use a write-ahead log there: choose a data folder on a local disk",
                  database.path()));
}

}  // namespace

Result<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::string& path) {
  TRY(auto database, Database::open(path));
  TRY_VOID(use_write_ahead_log(*database));
  TRY_VOID(migrate_and_check(*database));
  database->checkpoint();  // what one before could not
  return std::unique_ptr<SqliteStore>(new SqliteStore(std::make_unique<Impl>(std::move(database))));
}

SqliteStore::SqliteStore(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
SqliteStore::~SqliteStore() = default;

People& SqliteStore::people() { return impl_->people; }
Cameras& SqliteStore::cameras() { return impl_->cameras; }
Keys& SqliteStore::keys() { return impl_->keys; }
Sessions& SqliteStore::sessions() { return impl_->sessions; }
Suspensions& SqliteStore::suspensions() { return impl_->suspensions; }

Result<Standing> SqliteStore::standing(SessionId session, CameraId camera, std::string_view door) {
  Database& database = *impl_->database;
  const auto lock = database.lock();
  TRY(Transaction transaction, Transaction::begin(database, Transaction::Mode::Read));
  Standing standing;
  TRY(standing.session, find_session(database, session));
  TRY(standing.camera, find_camera(database, camera));
  const Camera of = standing.camera.value_or(Camera());
  TRY(standing.membership,
      find_membership(database, of.home, standing.session ? standing.session->account : AccountId()));
  TRY(standing.suspensions, find_suspensions(database, of, door));
  TRY_VOID(transaction.commit());
  return standing;
}

Result<bool> SqliteStore::is_empty() {
  const auto lock = impl_->database->lock();
  Query query = impl_->database->query("SELECT 1 FROM homes LIMIT 1");
  TRY(const bool row, query.step());
  return !row;
}

Result<std::uint64_t> SqliteStore::change_counter() {
  const auto lock = impl_->database->lock();
  Query query = impl_->database->query("PRAGMA data_version");
  TRY(const bool row, query.step());
  const std::int64_t version = row ? query.integer(0) : 0;
  if (std::exchange(impl_->seen_data_version, version) != version) ++impl_->changes;
  return impl_->changes.load();
}

}  // namespace jalousie::registry
