#include "registry/schema.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/endpoint.h"
#include "base/log.h"
#include "base/redact.h"

namespace jalousie::registry {

namespace {

// Version 1. Ids are BLOBs of 16 bytes, times microseconds since 1970.
constexpr std::string_view kVersion1 = R"sql(
CREATE TABLE homes (
  id BLOB PRIMARY KEY CHECK (length(id) = 16),
  name TEXT NOT NULL,
  colour TEXT NOT NULL
) STRICT;
CREATE TABLE home_keys (
  home BLOB PRIMARY KEY REFERENCES homes (id),
  wrapped BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE root_check (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  wrapped BLOB NOT NULL
) STRICT;
CREATE TABLE accounts (
  id BLOB PRIMARY KEY CHECK (length(id) = 16),
  name TEXT NOT NULL COLLATE NOCASE UNIQUE,
  password_hash TEXT
) STRICT;
CREATE TABLE tenures (
  camera BLOB NOT NULL CHECK (length(camera) = 16),
  number INTEGER NOT NULL CHECK (number >= 1),
  home BLOB NOT NULL REFERENCES homes (id),
  began INTEGER NOT NULL,
  ended INTEGER,
  PRIMARY KEY (camera, number)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX one_open_tenure_per_camera ON tenures (camera) WHERE ended IS NULL;
CREATE TABLE tenure_keys (
  camera BLOB NOT NULL,
  number INTEGER NOT NULL,
  wrapped BLOB NOT NULL,
  PRIMARY KEY (camera, number),
  FOREIGN KEY (camera, number) REFERENCES tenures (camera, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE day_keys (
  camera BLOB NOT NULL,
  number INTEGER NOT NULL,
  day INTEGER NOT NULL,
  wrapped BLOB NOT NULL,
  PRIMARY KEY (camera, number, day),
  FOREIGN KEY (camera, number) REFERENCES tenure_keys (camera, number) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX day_keys_by_day ON day_keys (day);
CREATE TABLE cameras (
  made INTEGER PRIMARY KEY AUTOINCREMENT,
  id BLOB NOT NULL UNIQUE,
  number INTEGER NOT NULL,
  home BLOB NOT NULL REFERENCES homes (id),
  name TEXT NOT NULL,
  url TEXT NOT NULL,
  sealed_credentials BLOB NOT NULL,
  transport TEXT NOT NULL CHECK (transport IN ('tcp', 'udp')),
  model TEXT NOT NULL,
  firmware TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  privacy INTEGER NOT NULL CHECK (privacy IN (0, 1)),
  FOREIGN KEY (id, number) REFERENCES tenures (camera, number)
) STRICT;
CREATE INDEX cameras_by_home ON cameras (home);
CREATE TABLE memberships (
  joined INTEGER PRIMARY KEY AUTOINCREMENT,
  home BLOB NOT NULL REFERENCES homes (id),
  account BLOB NOT NULL REFERENCES accounts (id),
  role TEXT NOT NULL CHECK (role IN ('owner', 'member', 'guest')),
  guest_until INTEGER,
  UNIQUE (account, home)
) STRICT;
CREATE INDEX memberships_by_home ON memberships (home);
CREATE TABLE guest_cameras (
  home BLOB NOT NULL,
  account BLOB NOT NULL,
  camera BLOB NOT NULL CHECK (length(camera) = 16),
  PRIMARY KEY (account, home, camera),
  FOREIGN KEY (account, home) REFERENCES memberships (account, home) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE TABLE sessions (
  id BLOB PRIMARY KEY CHECK (length(id) = 16),
  account BLOB NOT NULL REFERENCES accounts (id),
  secret_hash BLOB NOT NULL UNIQUE CHECK (length(secret_hash) = 32),
  created INTEGER NOT NULL,
  last_used INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  ended INTEGER
) STRICT;
CREATE INDEX sessions_by_account ON sessions (account);
CREATE TABLE one_time_links (
  token_hash BLOB PRIMARY KEY CHECK (length(token_hash) = 32),
  account BLOB NOT NULL REFERENCES accounts (id),
  home BLOB NOT NULL REFERENCES homes (id),
  purpose TEXT NOT NULL CHECK (purpose IN ('first_password')),
  expires INTEGER NOT NULL,
  used INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE suspensions (
  kind TEXT NOT NULL CHECK (kind IN ('home', 'camera', 'model', 'firmware', 'door')),
  subject TEXT NOT NULL,
  reason TEXT NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (kind, subject)
) STRICT, WITHOUT ROWID;
)sql";

// Version 2. `url` is what may be shown of a camera's address; `sealed_url` is the whole of it where that is
// more, since many cameras have their password in it (the keeper seals those of version 1 when it starts).
// Who had added a camera was not noted before: settle_reaches() says which may stay on this machine.
constexpr std::string_view kVersion2 = R"sql(
ALTER TABLE cameras ADD COLUMN sealed_url BLOB NOT NULL DEFAULT x'';
ALTER TABLE cameras ADD COLUMN reach TEXT NOT NULL DEFAULT 'network' CHECK (reach IN ('network', 'anywhere'));
)sql";

// Version 3. Sound is taken in where an owner said so.
constexpr std::string_view kVersion3 = R"sql(
ALTER TABLE cameras ADD COLUMN sound INTEGER NOT NULL DEFAULT 0 CHECK (sound IN (0, 1));
)sql";

// Version 4. Cameras that are reached through HTTP, and the TLS certificate that a camera showed first. A
// CHECK cannot be altered, so the table is made anew.
constexpr std::string_view kVersion4 = R"sql(
CREATE TABLE cameras_anew (
  made INTEGER PRIMARY KEY AUTOINCREMENT,
  id BLOB NOT NULL UNIQUE,
  number INTEGER NOT NULL,
  home BLOB NOT NULL REFERENCES homes (id),
  name TEXT NOT NULL,
  url TEXT NOT NULL,
  sealed_credentials BLOB NOT NULL,
  transport TEXT NOT NULL CHECK (transport IN ('tcp', 'udp', 'http')),
  model TEXT NOT NULL,
  firmware TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  privacy INTEGER NOT NULL CHECK (privacy IN (0, 1)),
  sealed_url BLOB NOT NULL,
  reach TEXT NOT NULL CHECK (reach IN ('network', 'anywhere')),
  sound INTEGER NOT NULL CHECK (sound IN (0, 1)),
  certificate TEXT NOT NULL CHECK (length(certificate) IN (0, 64)),
  FOREIGN KEY (id, number) REFERENCES tenures (camera, number)
) STRICT;
INSERT INTO cameras_anew
  SELECT made, id, number, home, name, url, sealed_credentials, transport, model, firmware, time_zone, privacy,
    sealed_url, reach, sound, ''
  FROM cameras;
DROP TABLE cameras;
ALTER TABLE cameras_anew RENAME TO cameras;
CREATE INDEX cameras_by_home ON cameras (home);
)sql";

// Version 5. A camera's small stream, held as its address is.
constexpr std::string_view kVersion5 = R"sql(
ALTER TABLE cameras ADD COLUMN sub_url TEXT NOT NULL DEFAULT '';
ALTER TABLE cameras ADD COLUMN sealed_sub_url BLOB NOT NULL DEFAULT x'';
)sql";

constexpr std::array kMigrations = {kVersion1, kVersion2, kVersion3, kVersion4, kVersion5};

Result<std::int64_t> pragma(Database& database, std::string_view sql) {
  Query query = database.query(sql);
  TRY(const bool row, query.step());
  return row ? query.integer(0) : 0;
}

/// The host of a camera's URL, without the brackets of an IPv6 address.
std::string host_of(std::string_view url) {
  std::string shown = without_secrets(url);
  shown.erase(0, shown.find("://") == std::string::npos ? 0 : shown.find("://") + 3);
  shown.erase(std::min(shown.find('/'), shown.size()));
  if (shown.starts_with('[')) return shown.substr(1, shown.find(']') - 1);
  return shown.substr(0, shown.find(':'));
}

bool is_on_this_machine(std::string_view host) {
  const auto address = Endpoint::parse(host, 0);
  return host == "localhost" || (address && address->is_loopback());
}

// A camera that was added before owners were kept from the server's own machine is taken for an owner's,
// unless its address says loopback in so many words: demonstration cameras and bridges go on.
Result<> settle_reaches(Database& database) {
  std::vector<std::int64_t> local;
  std::int64_t others = 0;
  {
    Query query = database.query("SELECT made, url FROM cameras");
    while (true) {
      TRY(const bool row, query.step());
      if (!row) break;
      if (is_on_this_machine(host_of(query.text(1)))) {
        local.push_back(query.integer(0));
      } else {
        ++others;
      }
    }
  }
  for (const std::int64_t made : local)
    TRY_VOID(database.run("UPDATE cameras SET reach = 'anywhere' WHERE made = ?", made));
  if (!local.empty() || others > 0) {
    log::warn("registry", "cameras of before lead into the network, but those that were on this machine",
              {{"network", std::to_string(others)}, {"this_machine", std::to_string(local.size())}});
  }
  return {};
}

// Beside a running server, a second process may migrate: the version is read again inside the transaction.
Result<> migrate_one(Database& database, bool is_new) {
  TRY(Transaction transaction, Transaction::begin(database, Transaction::Mode::Write));
  TRY(const std::int64_t version, pragma(database, "PRAGMA user_version"));
  if (version < newest_schema_version()) {
    TRY_VOID(database.script(std::string(kMigrations[static_cast<std::size_t>(version)])));
    if (version + 1 == 2) TRY_VOID(settle_reaches(database));
    TRY_VOID(database.script(
        fmt::format("PRAGMA user_version = {}; PRAGMA application_id = {};", version + 1, kApplicationId)));
    if (!is_new)
      log::info("registry", "tables brought to a new version", {{"version", std::to_string(version + 1)}});
  }
  return transaction.commit();
}

Result<std::string> described(Database& database) {
  std::string text;
  Query query = database.query(
      "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema "
      "WHERE name NOT LIKE 'sqlite_stat%' ORDER BY type, name");
  while (true) {
    TRY(const bool row, query.step());
    if (!row) return text;
    for (int column = 0; column < 4; ++column) text += query.text(column) + "\n";
  }
}

Result<> check_tables(Database& database) {
  TRY(const auto model, Database::open(":memory:"));
  for (const std::string_view migration : kMigrations) TRY_VOID(model->script(std::string(migration)));
  TRY(const std::string expected, described(*model));
  TRY(const std::string found, described(database));
  if (expected == found) return {};
  return fail(ErrorKind::DataLoss,
              fmt::format("the registry {} has been altered: its tables are not those of version {}. "
                          "Restore it from a backup",
                          database.path(), newest_schema_version()));
}

Result<> check_contents(Database& database) {
  Query pages = database.query("PRAGMA quick_check(1)");
  TRY(const bool answered, pages.step());
  if (!answered || pages.text(0) != "ok") {
    return fail(ErrorKind::DataLoss, fmt::format("the registry {} is damaged ({}). Restore it from a backup",
                                                 database.path(), answered ? pages.text(0) : "no answer"));
  }
  Query references = database.query("PRAGMA foreign_key_check");
  TRY(const bool broken, references.step());
  if (broken) {
    return fail(ErrorKind::DataLoss,
                fmt::format("the registry {} is damaged: a record of table {} refers to one that is missing. "
                            "Restore it from a backup",
                            database.path(), references.text(0)));
  }
  return {};
}

}  // namespace

std::string_view migration_to(std::int64_t version) {
  return kMigrations.at(static_cast<std::size_t>(version - 1));
}

std::int64_t newest_schema_version() { return static_cast<std::int64_t>(kMigrations.size()); }

Result<> migrate_and_check(Database& database) {
  TRY(const std::int64_t application, pragma(database, "PRAGMA application_id"));
  TRY(const std::int64_t version, pragma(database, "PRAGMA user_version"));
  TRY(const std::int64_t objects, pragma(database, "SELECT count(*) FROM sqlite_schema"));
  if (application != kApplicationId && (application != 0 || version != 0 || objects != 0)) {
    return fail(
        ErrorKind::FailedPrecondition,
        fmt::format("{} is a database of another program: choose another data folder", database.path()));
  }
  if (version > newest_schema_version()) {
    return fail(
        ErrorKind::FailedPrecondition,
        fmt::format(
            "the registry {} was made by a newer Jalousie (its version is {}, this program knows up to {}): "
            "install that version again",
            database.path(), version, newest_schema_version()));
  }
  for (std::int64_t from = version; from < newest_schema_version(); ++from) {
    TRY_VOID(migrate_one(database, version == 0));
  }
  TRY_VOID(check_tables(database));
  return check_contents(database);
}

}  // namespace jalousie::registry
