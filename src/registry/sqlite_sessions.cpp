#include "registry/sqlite_facets.h"

namespace jalousie::registry {

namespace {

Result<std::optional<Session>> session_in(Query query) {
  TRY(const bool row, query.step());
  if (!row) return std::nullopt;
  Session session{.id = query.id<SessionId>(0),
                  .account = query.id<AccountId>(1),
                  .secret_hash = {},
                  .created = query.time(3),
                  .last_used = query.time(4),
                  .expires = query.time(5),
                  .ended = query.optional_time(6)};
  query.copy_exactly(2, session.secret_hash);
  return session;
}

Result<Session> or_not_found(Result<std::optional<Session>> found) {
  if (!found) return std::unexpected(std::move(found).error());
  if (!*found) return fail(ErrorKind::NotFound, "there is no such session");
  return **std::move(found);
}

Result<OneTimeLink> link_in(Query query, const SecretHash& token_hash) {
  TRY(const bool row, query.step());
  if (!row) return fail(ErrorKind::NotFound, "there is no such link");
  return OneTimeLink{.token_hash = token_hash,
                     .account = query.id<AccountId>(0),
                     .home = query.id<HomeId>(1),
                     .purpose = LinkPurpose::FirstPassword,
                     .expires = query.time(2),
                     .used = query.optional_time(3)};
}

}  // namespace

Result<std::optional<Session>> find_session(Database& database, SessionId id) {
  return session_in(
      database.query("SELECT id, account, secret_hash, created, last_used, expires, ended FROM sessions "
                     "WHERE id = ?",
                     id));
}

Result<> SqliteSessions::add_session(const Session& session) {
  const auto lock = context_.database.lock();
  return context_.database.run(
      "INSERT INTO sessions (id, account, secret_hash, created, last_used, expires, ended) "
      "VALUES (?, ?, ?, ?, ?, ?, ?)",
      session.id, session.account, session.secret_hash, session.created, session.last_used, session.expires,
      session.ended);
}

Result<Session> SqliteSessions::session(SessionId id) {
  const auto lock = context_.database.lock();
  return or_not_found(find_session(context_.database, id));
}

Result<Session> SqliteSessions::session_by_hash(const SecretHash& hash) {
  const auto lock = context_.database.lock();
  return or_not_found(
      session_in(context_.database.query("SELECT id, account, secret_hash, created, last_used, expires, "
                                         "ended FROM sessions WHERE secret_hash = ?",
                                         hash)));
}

Result<> SqliteSessions::touch_session(SessionId id, UtcTime last_used, UtcTime expires) {
  const auto lock = context_.database.lock();
  TRY_VOID(
      context_.database.run("UPDATE sessions SET last_used = ?, expires = ? WHERE id = ? AND ended IS NULL",
                            last_used, expires, id));
  if (context_.database.changed() == 0) return fail(ErrorKind::FailedPrecondition, "the session has ended");
  return {};
}

Result<> SqliteSessions::end_session(SessionId id, UtcTime at) {
  const auto lock = context_.database.lock();
  TRY_VOID(context_.database.run("UPDATE sessions SET ended = ? WHERE id = ? AND ended IS NULL", at, id));
  ++context_.changes;
  return {};
}

Result<> SqliteSessions::end_sessions_of(AccountId account, UtcTime at) {
  const auto lock = context_.database.lock();
  TRY_VOID(context_.database.run("UPDATE sessions SET ended = ? WHERE account = ? AND ended IS NULL", at,
                                 account));
  ++context_.changes;
  return {};
}

Result<> SqliteSessions::remove_sessions_before(UtcTime expired_or_ended) {
  const auto lock = context_.database.lock();
  return context_.database.run(
      "DELETE FROM sessions WHERE expires < ?1 OR (ended IS NOT NULL AND ended < ?1)", expired_or_ended);
}

Result<bool> SqliteSessions::has_open_link(AccountId account, UtcTime now) {
  Database& database = context_.database;
  const auto lock = database.lock();
  Query query = database.query(
      "SELECT 1 FROM one_time_links WHERE account = ?1 AND used IS NULL AND expires > ?2 LIMIT 1", account,
      now);
  return query.step();
}

Result<> SqliteSessions::add_link(const OneTimeLink& link, UtcTime now) {
  Database& database = context_.database;
  const auto lock = database.lock();
  TRY(Transaction transaction, Transaction::begin(database, Transaction::Mode::Write));
  TRY_VOID(database.run("DELETE FROM one_time_links WHERE expires <= ? OR (account = ? AND used IS NULL)",
                        now, link.account));
  TRY_VOID(database.run(
      "INSERT INTO one_time_links (token_hash, account, home, purpose, expires, used) "
      "VALUES (?, ?, ?, ?, ?, ?)",
      link.token_hash, link.account, link.home, to_string(link.purpose), link.expires, link.used));
  return transaction.commit();
}

Result<OneTimeLink> SqliteSessions::link(const SecretHash& token_hash) {
  const auto lock = context_.database.lock();
  return link_in(
      context_.database.query("SELECT account, home, expires, used FROM one_time_links WHERE token_hash = ?",
                              token_hash),
      token_hash);
}

Result<> SqliteSessions::use_link(const SecretHash& token_hash, UtcTime now, std::string_view password_hash) {
  Database& database = context_.database;
  const auto lock = database.lock();
  TRY(Transaction transaction, Transaction::begin(database, Transaction::Mode::Write));
  TRY(const OneTimeLink link,
      link_in(database.query("SELECT account, home, expires, used FROM one_time_links "
                             "WHERE token_hash = ?",
                             token_hash),
              token_hash));
  if (link.used || link.expires <= now) {
    return fail(ErrorKind::FailedPrecondition,
                "this link was used already or has expired: ask for a new one");
  }
  TRY_VOID(database.run("UPDATE one_time_links SET used = ? WHERE account = ? AND used IS NULL", now,
                        link.account));
  TRY_VOID(database.run("UPDATE accounts SET password_hash = ? WHERE id = ?", password_hash, link.account));
  TRY_VOID(
      database.run("UPDATE sessions SET ended = ? WHERE account = ? AND ended IS NULL", now, link.account));
  TRY_VOID(transaction.commit());
  ++context_.changes;
  return {};
}

}  // namespace jalousie::registry
