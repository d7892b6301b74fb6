#include "registry/database.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>
#include <sqlite3.h>

#include "base/assert.h"
#include "base/log.h"

namespace jalousie::registry {

namespace {

constexpr int kBusyTimeoutMs = 5000;
// Rights are asked for through the same lock: whoever reads for long does not keep them waiting.
constexpr int kCheckpointWaitMs = 100;

ErrorKind kind_of(int code) {
  switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
      return ErrorKind::AlreadyExists;
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      return ErrorKind::NotFound;
    default:
      break;
  }
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_FULL:
    case SQLITE_IOERR:
    case SQLITE_NOMEM:
      return ErrorKind::Unavailable;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return ErrorKind::DataLoss;
    case SQLITE_CONSTRAINT:
      return ErrorKind::InvalidArgument;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_CANTOPEN:
      return ErrorKind::PermissionDenied;
    default:
      return ErrorKind::Internal;
  }
}

// SQLite would make it with the umask's rights; what it makes beside it takes over the rights of this one.
Result<> create_for_owner_only(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    return fail(
        ErrorKind::PermissionDenied,
        fmt::format(
            "the registry {} cannot be written ({}): give the user who runs Jalousie the right to write "
            "this file and its folder, or choose another data folder",
            path, std::strerror(errno)));
  }
  ::close(file);
  return {};
}

}  // namespace

Query::Query(Database& database, sqlite3_stmt* statement, Result<> state)
    : database_(&database), statement_(statement), state_(std::move(state)) {}

Query::Query(Query&& other) noexcept
    : database_(other.database_),
      statement_(std::exchange(other.statement_, nullptr)),
      state_(std::move(other.state_)) {}

Query::~Query() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Result<bool> Query::step() {
  if (!state_) return std::unexpected(state_.error());
  if (damaged_) {
    return fail(ErrorKind::DataLoss,
                fmt::format("{}: a record does not have the form it was written in", database_->path()));
  }
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return std::unexpected(database_->error(code));
}

Result<> Query::run() {
  TRY(const bool row, step());
  JAL_ASSERT(!row);
  return {};
}

std::int64_t Query::integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string Query::text(int column) const { return std::string(as_text(blob(column))); }

Buffer Query::blob(int column) const {
  const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  return data == nullptr ? Buffer() : Buffer(data, data + size);
}

bool Query::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

std::optional<UtcTime> Query::optional_time(int column) const {
  if (is_null(column)) return std::nullopt;
  return time(column);
}

void Query::copy_exactly(int column, MutableBytes target) const {
  const void* data = sqlite3_column_blob(statement_, column);
  if (data == nullptr ||
      static_cast<std::size_t>(sqlite3_column_bytes(statement_, column)) != target.size()) {
    damaged_ = true;
    return;
  }
  std::memcpy(target.data(), data, target.size());
}

void Query::bind(int position, std::int64_t value) {
  if (state_) JAL_ASSERT(sqlite3_bind_int64(statement_, position, value) == SQLITE_OK);
}

void Query::bind(int position, std::string_view value) {
  const char* data = value.empty() ? "" : value.data();
  if (state_)
    JAL_ASSERT(sqlite3_bind_text64(statement_, position, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8) ==
               SQLITE_OK);
}

void Query::bind(int position, ByteView value) {
  const void* data = value.empty() ? static_cast<const void*>("") : value.data();
  if (state_)
    JAL_ASSERT(sqlite3_bind_blob64(statement_, position, data, value.size(), SQLITE_TRANSIENT) == SQLITE_OK);
}

void Query::bind_null(int position) {
  if (state_) JAL_ASSERT(sqlite3_bind_null(statement_, position) == SQLITE_OK);
}

Result<std::unique_ptr<Database>> Database::open(const std::string& path) {
  if (path != ":memory:") TRY_VOID(create_for_owner_only(path));
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(
      path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  std::unique_ptr<Database> database(new Database(path, handle));
  if (code != SQLITE_OK) return std::unexpected(database->error(code));
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  // secure_delete: the bytes of a deleted key are overwritten in the file, not just forgotten.
  TRY_VOID(
      database->script("PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; "
                       "PRAGMA secure_delete = ON;"
                       "PRAGMA synchronous = FULL;"));
  return database;
}

Database::~Database() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

Query Database::prepare(std::string_view sql) {
  if (const auto found = statements_.find(sql); found != statements_.end()) return {*this, found->second, {}};
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return {*this, nullptr, std::unexpected(error(code))};
  statements_.emplace(sql, statement);
  return {*this, statement, {}};
}

Result<> Database::script(const std::string& sql) {
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return std::unexpected(error(code));
  return {};
}

std::int64_t Database::changed() const { return sqlite3_changes64(handle_); }

void Database::checkpoint() {
  const bool was_due = is_checkpoint_due_;
  try_checkpoint(kCheckpointWaitMs);
  if (is_checkpoint_due_ && !was_due)
    log::warn("registry", "the write-ahead log is in use and could not be emptied: it is tried again");
}

void Database::try_checkpoint(int wait_ms) {
  sqlite3_busy_timeout(handle_, wait_ms);
  const int code = sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  sqlite3_busy_timeout(handle_, kBusyTimeoutMs);
  const bool is_busy = (code & 0xff) == SQLITE_BUSY;
  is_checkpoint_due_ = code != SQLITE_OK;
  if (code != SQLITE_OK && !is_busy)
    log::warn("registry", "the write-ahead log could not be emptied", {{"reason", error(code).message()}});
}

Error Database::error(int code) const {
  const char* message = handle_ == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(handle_);
  return {kind_of(code), fmt::format("the registry {}: {}", path_, message)};
}

Result<Transaction> Transaction::begin(Database& database, Mode mode) {
  TRY_VOID(mode == Mode::Write ? database.run("BEGIN IMMEDIATE") : database.run("BEGIN"));
  return Transaction(database, mode);
}

Transaction::~Transaction() {
  if (database_ != nullptr && sqlite3_get_autocommit(database_->handle_) == 0)
    static_cast<void>(database_->run("ROLLBACK"));
}

Result<> Transaction::commit() {
  TRY_VOID(database_->run("COMMIT"));
  Database& database = *std::exchange(database_, nullptr);
  if (mode_ == Mode::Write && database.is_checkpoint_due_) database.try_checkpoint(0);
  return {};
}

}  // namespace jalousie::registry
