#include "registry/sqlite_facets.h"

namespace jalousie::registry {

namespace {

Result<std::vector<CameraId>> guest_cameras(Database& database, HomeId home, AccountId account) {
  std::vector<CameraId> cameras;
  Query query = database.query(
      "SELECT camera FROM guest_cameras WHERE account = ? AND home = ? ORDER BY camera", account, home);
  while (true) {
    TRY(const bool row, query.step());
    if (!row) return cameras;
    cameras.push_back(query.id<CameraId>(0));
  }
}

Result<std::vector<Membership>> all_of(Database& database, Query query) {
  std::vector<Membership> found;
  while (true) {
    TRY(const bool row, query.step());
    if (!row) break;
    const auto role = parse_role(query.text(2));
    if (!role) return fail(ErrorKind::DataLoss, "a membership has an unknown role");
    found.push_back({query.id<HomeId>(0), query.id<AccountId>(1), *role, {}, query.optional_time(3)});
  }
  for (Membership& membership : found) {
    TRY(membership.guest_cameras, guest_cameras(database, membership.home, membership.account));
  }
  return found;
}

// Of a change that takes `account`'s ownership away, inside its transaction. An owner with a date would leave
// too.
Result<> must_leave_an_owner(Database& database, HomeId home, AccountId account) {
  Query query = database.query(
      "SELECT EXISTS (SELECT 1 FROM memberships WHERE account = ?1 AND home = ?2 AND role = 'owner') "
      "AND NOT EXISTS (SELECT 1 FROM memberships WHERE account <> ?1 AND home = ?2 AND role = 'owner' "
      "AND guest_until IS NULL)",
      account, home);
  TRY(const bool row, query.step());
  if (!row || query.integer(0) == 0) return {};
  return fail(ErrorKind::FailedPrecondition, "The home needs an owner: make somebody else one first.");
}

Result<Home> home_in(const Query& query) { return Home{query.id<HomeId>(0), query.text(1), query.text(2)}; }

Result<Account> account_in(Query query) {
  TRY(const bool row, query.step());
  if (!row) return fail(ErrorKind::NotFound, "there is no such account");
  Account account{query.id<AccountId>(0), query.text(1), std::nullopt};
  if (!query.is_null(2)) account.password_hash = query.text(2);
  return account;
}

}  // namespace

Result<std::optional<Membership>> find_membership(Database& database, HomeId home, AccountId account) {
  TRY(auto found, all_of(database, database.query("SELECT home, account, role, guest_until FROM memberships "
                                                  "WHERE account = ? AND home = ?",
                                                  account, home)));
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

Result<> SqlitePeople::add_home(const Home& home, ByteView wrapped_key) {
  Database& database = context_.database;
  const auto lock = database.lock();
  TRY(Transaction transaction, Transaction::begin(database, Transaction::Mode::Write));
  TRY_VOID(
      database.run("INSERT INTO homes (id, name, colour) VALUES (?, ?, ?)", home.id, home.name, home.colour));
  TRY_VOID(database.run("INSERT INTO home_keys (home, wrapped) VALUES (?, ?)", home.id, wrapped_key));
  TRY_VOID(transaction.commit());
  ++context_.changes;
  return {};
}

Result<Home> SqlitePeople::home(HomeId id) {
  const auto lock = context_.database.lock();
  Query query = context_.database.query("SELECT id, name, colour FROM homes WHERE id = ?", id);
  TRY(const bool row, query.step());
  if (!row) return fail(ErrorKind::NotFound, "there is no such home");
  return home_in(query);
}

Result<std::vector<Home>> SqlitePeople::homes() {
  const auto lock = context_.database.lock();
  std::vector<Home> homes;
  Query query = context_.database.query("SELECT id, name, colour FROM homes ORDER BY rowid");
  while (true) {
    TRY(const bool row, query.step());
    if (!row) return homes;
    TRY(Home home, home_in(query));
    homes.push_back(std::move(home));
  }
}

Result<> SqlitePeople::add_account(const Account& account) {
  const auto lock = context_.database.lock();
  auto added = context_.database.run("INSERT INTO accounts (id, name, password_hash) VALUES (?, ?, ?)",
                                     account.id, account.name, account.password_hash);
  if (!added && added.error().kind() == ErrorKind::AlreadyExists) {
    return fail(ErrorKind::AlreadyExists, "an account of this name exists already");
  }
  if (added) ++context_.changes;
  return added;
}

Result<Account> SqlitePeople::account(AccountId id) {
  const auto lock = context_.database.lock();
  return account_in(context_.database.query("SELECT id, name, password_hash FROM accounts WHERE id = ?", id));
}

Result<Account> SqlitePeople::account_by_name(std::string_view name) {
  const auto lock = context_.database.lock();
  return account_in(
      context_.database.query("SELECT id, name, password_hash FROM accounts WHERE name = ?", name));
}

Result<> SqlitePeople::set_password_hash(AccountId id, std::string_view hash) {
  const auto lock = context_.database.lock();
  TRY_VOID(context_.database.run("UPDATE accounts SET password_hash = ? WHERE id = ?", hash, id));
  if (context_.database.changed() == 0) return fail(ErrorKind::NotFound, "there is no such account");
  return {};
}

// Inside a transaction.
Result<> SqlitePeople::write(const Membership& membership, LastOwner last_owner) {
  Database& database = context_.database;
  if (last_owner == LastOwner::MustStay && membership.role != Role::Owner)
    TRY_VOID(must_leave_an_owner(database, membership.home, membership.account));
  TRY_VOID(database.run(
      "INSERT INTO memberships (home, account, role, guest_until) VALUES (?, ?, ?, ?) "
      "ON CONFLICT (account, home) DO UPDATE SET role = excluded.role, guest_until = excluded.guest_until",
      membership.home, membership.account, to_string(membership.role), membership.guest_until));
  TRY_VOID(database.run("DELETE FROM guest_cameras WHERE account = ? AND home = ?", membership.account,
                        membership.home));
  for (const CameraId& id : membership.guest_cameras) {
    TRY(const auto camera, find_camera(database, id));
    if (!camera || camera->home != membership.home)
      return fail(ErrorKind::NotFound, "there is no such camera in the home");
    TRY_VOID(database.run("INSERT OR IGNORE INTO guest_cameras (home, account, camera) VALUES (?, ?, ?)",
                          membership.home, membership.account, id));
  }
  return {};
}

Result<> SqlitePeople::set_membership(const Membership& membership, LastOwner last_owner) {
  const auto lock = context_.database.lock();
  TRY(Transaction transaction, Transaction::begin(context_.database, Transaction::Mode::Write));
  TRY_VOID(write(membership, last_owner));
  TRY_VOID(transaction.commit());
  ++context_.changes;
  return {};
}

Result<std::optional<Membership>> SqlitePeople::narrow_membership(const Membership& to,
                                                                  LastOwner last_owner) {
  const auto lock = context_.database.lock();
  TRY(Transaction transaction, Transaction::begin(context_.database, Transaction::Mode::Write));
  TRY(auto present, find_membership(context_.database, to.home, to.account));
  if (!present) return std::nullopt;
  Membership narrowed = narrower(*present, to);
  if (narrowed == *present) return narrowed;
  TRY_VOID(write(narrowed, last_owner));
  TRY_VOID(transaction.commit());
  ++context_.changes;
  return narrowed;
}

Result<> SqlitePeople::remove_membership(HomeId home, AccountId account, LastOwner last_owner) {
  Database& database = context_.database;
  const auto lock = database.lock();
  TRY(Transaction transaction, Transaction::begin(database, Transaction::Mode::Write));
  if (last_owner == LastOwner::MustStay) TRY_VOID(must_leave_an_owner(database, home, account));
  TRY_VOID(database.run("DELETE FROM memberships WHERE account = ? AND home = ?", account, home));
  if (database.changed() == 0) return fail(ErrorKind::NotFound, "there is no such member");
  TRY_VOID(transaction.commit());
  ++context_.changes;
  return {};
}

Result<Membership> SqlitePeople::membership(HomeId home, AccountId account) {
  const auto lock = context_.database.lock();
  TRY(auto found, find_membership(context_.database, home, account));
  if (!found) return fail(ErrorKind::NotFound, "there is no such member");
  return *std::move(found);
}

Result<std::vector<Membership>> SqlitePeople::memberships_of(AccountId account) {
  const auto lock = context_.database.lock();
  return all_of(context_.database,
                context_.database.query("SELECT home, account, role, guest_until FROM memberships "
                                        "WHERE account = ? ORDER BY joined",
                                        account));
}

Result<std::vector<Membership>> SqlitePeople::members_of(HomeId home) {
  const auto lock = context_.database.lock();
  return all_of(context_.database,
                context_.database.query("SELECT home, account, role, guest_until FROM memberships "
                                        "WHERE home = ? ORDER BY joined",
                                        home));
}

}  // namespace jalousie::registry
