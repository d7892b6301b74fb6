// The tables, and how a database of an earlier version becomes one of this version. A migration, once
// released, is never edited: a change is a further migration.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "registry/database.h"

namespace jalousie::registry {

/// "JLOU": tells our file from any other SQLite database.
inline constexpr std::int64_t kApplicationId = 0x4a4c4f55;

/// Brings the database to the newest version, each step in a transaction of its own, then checks its pages,
/// its references and its tables. FailedPrecondition for a file that is not ours or that a newer Jalousie
/// made; DataLoss for one that is damaged.
Result<> migrate_and_check(Database& database);

/// The version that this program makes.
std::int64_t newest_schema_version();
/// What brings the tables from the version before to this one (1: from nothing).
std::string_view migration_to(std::int64_t version);

}  // namespace jalousie::registry
