#include "registry/sqlite_facets.h"

namespace jalousie::registry {

namespace {

std::int64_t number_of(Tenure tenure) { return static_cast<std::int64_t>(to_number(tenure)); }

Result<Buffer> only_blob(Query query, std::string_view what) {
  TRY(const bool row, query.step());
  if (!row) return fail(ErrorKind::NotFound, std::string(what));
  return query.blob(0);
}

}  // namespace

Result<Buffer> SqliteKeys::home_key(HomeId home) {
  const auto lock = context_.database.lock();
  return only_blob(context_.database.query("SELECT wrapped FROM home_keys WHERE home = ?", home),
                   "the home has no key");
}

Result<Buffer> SqliteKeys::tenure_key(CameraId camera, Tenure tenure) {
  const auto lock = context_.database.lock();
  return only_blob(context_.database.query("SELECT wrapped FROM tenure_keys WHERE camera = ? AND number = ?",
                                           camera, number_of(tenure)),
                   "the tenure has ended: its key is gone");
}

Result<Buffer> SqliteKeys::day_key(CameraId camera, Tenure tenure, UtcDay day) {
  const auto lock = context_.database.lock();
  return only_blob(
      context_.database.query("SELECT wrapped FROM day_keys WHERE camera = ? AND number = ? AND day = ?",
                              camera, number_of(tenure), to_number(day)),
      "there is no key of this day");
}

Result<Buffer> SqliteKeys::add_day_key(CameraId camera, Tenure tenure, UtcDay day, ByteView wrapped) {
  Database& database = context_.database;
  const auto lock = database.lock();
  TRY(Transaction transaction, Transaction::begin(database, Transaction::Mode::Write));
  TRY_VOID(database.run(
      "INSERT INTO day_keys (camera, number, day, wrapped) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
      camera, number_of(tenure), to_number(day), wrapped));
  TRY(Buffer stored,
      only_blob(database.query("SELECT wrapped FROM day_keys WHERE camera = ? AND number = ? AND day = ?",
                               camera, number_of(tenure), to_number(day)),
                "the day's key was not stored"));
  TRY_VOID(transaction.commit());
  return stored;
}

Result<> SqliteKeys::remove_day_keys_before(UtcDay day) {
  const auto lock = context_.database.lock();
  TRY_VOID(context_.database.run("DELETE FROM day_keys WHERE day < ?", to_number(day)));
  if (context_.database.changed() > 0) context_.database.checkpoint();
  return {};
}

Result<Buffer> SqliteKeys::root_check() {
  const auto lock = context_.database.lock();
  return only_blob(context_.database.query("SELECT wrapped FROM root_check"), "no root key was used yet");
}

Result<> SqliteKeys::set_root_check(ByteView wrapped) {
  const auto lock = context_.database.lock();
  return context_.database.run("INSERT INTO root_check (one, wrapped) VALUES (1, ?)", wrapped);
}

}  // namespace jalousie::registry
