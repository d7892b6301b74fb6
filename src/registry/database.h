// SQLite's C API as RAII: one connection, its mutex, transactions and statements. SQL text is always a
// literal; values are always bound. Statements are prepared once and kept. A Lock is held for as long as a
// Query or Transaction lives.
#pragma once

#include <atomic>
#include <concepts>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"

struct sqlite3;
struct sqlite3_stmt;

namespace jalousie::registry {

class Database;

/// One run of a prepared statement; ready for the next when it goes.
class Query {
 public:
  Query(Query&& other) noexcept;
  Query& operator=(Query&&) = delete;
  ~Query();

  /// True: a row is there. False: no more rows.
  Result<bool> step();
  /// For statements that give no rows.
  Result<> run();

  // Columns of the present row, from 0. Values of another size or type than the schema's are DataLoss at the
  // next step().
  std::int64_t integer(int column) const;
  std::string text(int column) const;
  Buffer blob(int column) const;
  bool is_null(int column) const;
  UtcTime time(int column) const { return utc_from_us(integer(column)); }
  std::optional<UtcTime> optional_time(int column) const;
  template <class T>
  T id(int column) const {
    T value;
    copy_exactly(column, value.bytes);
    return value;
  }
  void copy_exactly(int column, MutableBytes target) const;

 private:
  friend class Database;
  Query(Database& database, sqlite3_stmt* statement, Result<> state);

  void bind(int position, std::int64_t value);
  void bind(int position, std::string_view value);
  void bind(int position, ByteView value);
  void bind_null(int position);
  void bind_value(int position, std::int64_t value) { bind(position, value); }
  template <std::same_as<bool> Bool>  // a template, so that no pointer becomes one
  void bind_value(int position, Bool value) {
    bind(position, std::int64_t{value});
  }
  void bind_value(int position, std::string_view value) { bind(position, value); }
  void bind_value(int position, ByteView value) { bind(position, value); }
  void bind_value(int position, UtcTime value) { bind(position, to_us(value)); }
  template <class Tag>
  void bind_value(int position, const Id<Tag>& value) {
    bind(position, value.view());
  }
  template <class T>
  void bind_value(int position, const std::optional<T>& value) {
    if (value) {
      bind_value(position, *value);
    } else {
      bind_null(position);
    }
  }

  Database* database_;
  sqlite3_stmt* statement_;
  Result<> state_;
  mutable bool damaged_ = false;
};

class Database {
 public:
  /// Opens or creates; the file is readable by its owner only. `path` may be ":memory:".
  static Result<std::unique_ptr<Database>> open(const std::string& path);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  using Lock = std::unique_lock<std::mutex>;
  Lock lock() { return Lock(mutex_); }

  /// `sql` is a literal: statements are kept under it.
  template <class... Values>
  Query query(std::string_view sql, const Values&... values) {
    Query query = prepare(sql);
    [[maybe_unused]] int position = 0;
    (query.bind_value(++position, values), ...);
    return query;
  }
  template <class... Values>
  Result<> run(std::string_view sql, const Values&... values) {
    return query(sql, values...).run();
  }
  /// Several statements, without values.
  Result<> script(const std::string& sql);
  /// Rows changed by the latest INSERT, UPDATE or DELETE.
  std::int64_t changed() const;
  /// Moves what was written into the database file and empties the log beside it. Where somebody else reads,
  /// it waits a moment for them, with the lock held; then it is done after the next change, or at the next
  /// start.
  void checkpoint();
  const std::string& path() const { return path_; }

 private:
  friend class Query;
  friend class Transaction;
  Database(std::string path, sqlite3* handle) : path_(std::move(path)), handle_(handle) {}
  Query prepare(std::string_view sql);
  void try_checkpoint(int wait_ms);
  Error error(int code) const;

  std::string path_;
  sqlite3* handle_;
  std::mutex mutex_;
  bool is_checkpoint_due_ = false;
  std::unordered_map<std::string_view, sqlite3_stmt*> statements_;
};

/// Rolls back unless committed.
class Transaction {
 public:
  enum class Mode : std::uint8_t { Read, Write };
  static Result<Transaction> begin(Database& database, Mode mode);
  Transaction(Transaction&& other) noexcept
      : database_(std::exchange(other.database_, nullptr)), mode_(other.mode_) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();
  Result<> commit();

 private:
  Transaction(Database& database, Mode mode) : database_(&database), mode_(mode) {}
  Database* database_;
  Mode mode_;
};

}  // namespace jalousie::registry
