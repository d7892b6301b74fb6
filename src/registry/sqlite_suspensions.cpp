#include "registry/sqlite_facets.h"

namespace jalousie::registry {

namespace {

Result<std::vector<Suspension>> suspensions_in(Query query) {
  std::vector<Suspension> found;
  while (true) {
    TRY(const bool row, query.step());
    if (!row) return found;
    const auto kind = parse_suspension_kind(query.text(0));
    if (!kind) return fail(ErrorKind::DataLoss, "a suspension is of an unknown kind");
    found.push_back({*kind, query.text(1), query.text(2), query.time(3)});
  }
}

}  // namespace

Result<std::vector<Suspension>> find_suspensions(Database& database, const Camera& camera,
                                                 std::string_view door) {
  return suspensions_in(
      database.query("SELECT kind, subject, reason, since FROM suspensions WHERE (kind = 'home' AND subject "
                     "= ?) OR (kind = 'camera' AND subject = ?) "
                     "OR (kind = 'model' AND subject = ?) OR (kind = 'firmware' AND subject = ?) OR (kind = "
                     "'door' AND subject = ?)",
                     camera.home.to_string(), camera.id.to_string(), camera.model,
                     camera.model + " " + camera.firmware, door));
}

Result<> SqliteSuspensions::suspend(const Suspension& suspension) {
  const auto lock = context_.database.lock();
  TRY_VOID(context_.database.run(
      "INSERT OR REPLACE INTO suspensions (kind, subject, reason, since) VALUES (?, ?, ?, ?)",
      to_string(suspension.kind), suspension.subject, suspension.reason, suspension.since));
  ++context_.changes;
  return {};
}

Result<> SqliteSuspensions::lift(SuspensionKind kind, std::string_view subject) {
  const auto lock = context_.database.lock();
  TRY_VOID(context_.database.run("DELETE FROM suspensions WHERE kind = ? AND subject = ?", to_string(kind),
                                 subject));
  if (context_.database.changed() == 0) return fail(ErrorKind::NotFound, "there is no such suspension");
  ++context_.changes;
  return {};
}

Result<std::vector<Suspension>> SqliteSuspensions::suspensions() {
  const auto lock = context_.database.lock();
  return suspensions_in(
      context_.database.query("SELECT kind, subject, reason, since FROM suspensions ORDER BY kind, subject"));
}

}  // namespace jalousie::registry
