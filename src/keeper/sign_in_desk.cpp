#include "keeper/sign_in_desk.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "base/limits.h"
#include "base/log.h"
#include "crypto/hash.h"
#include "keeper/password_rules.h"
#include "keeper/rights.h"

namespace jalousie::keeper {

namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kSecretText = 43;                // base64url of it
constexpr Microseconds kTouchEvery = Seconds(5 * 60);  // a write per request would wear the disk out

std::optional<registry::SecretHash> hash_of(std::string_view text) {
  if (text.size() != kSecretText) return std::nullopt;
  const auto secret = decode_base64url(text);
  if (!secret || secret->size() != kSecretBytes) return std::nullopt;
  return crypto::sha256(*secret);
}

Error wrong_password() { return {ErrorKind::Unauthenticated, "The name or the password is wrong."}; }
Error no_such_link() {
  return {ErrorKind::NotFound,
          "This link was used already, has expired, or was mistyped. Ask for a new one."};
}

}  // namespace

SignInDesk::SignInDesk(Parts parts, crypto::Argon2Cost cost)
    : parts_(parts),
      cost_(cost),
      nobodys_hash_(fmt::format("$argon2id$v=19$m={},t={},p=1${}${}", cost.memory_kib, cost.passes,
                                std::string(22, 'A'), std::string(43, 'A'))),
      attempts_(parts.clock) {}

Counter& SignInDesk::outcomes(std::string_view outcome) {
  return parts_.metrics.counter("jalousie_keeper_sign_ins_total", "Attempts to sign in",
                                {{"outcome", std::string(outcome)}});
}

Result<SignInOutcome> SignInDesk::sign_in(std::string_view name, std::string_view password,
                                          const Endpoint& peer) {
  if (name.size() > limits::kNameBytes || password.size() > kPasswordBytes)
    return std::unexpected(wrong_password());
  if (const auto wait = attempts_.begin(name, peer)) {
    outcomes("too_many").add();
    log::warn("keeper", "too many attempts to sign in", {{"peer", peer.address_text()}});
    return TooManyAttempts{*wait};
  }
  const auto account = parts_.store.people().account_by_name(name);
  const auto right = is_right(account, password);
  if (!right) {
    attempts_.undecided(name, peer);
    outcomes("busy").add();
    return std::unexpected(right.error());
  }
  if (!*right) {
    outcomes("wrong").add();
    log::info("keeper", "wrong name or password", {{"peer", peer.address_text()}});
    return std::unexpected(wrong_password());
  }
  attempts_.succeeded(name, peer);
  TRY(SignedIn signed_in, begin_session(account->id, "password"));
  // Another password may have been set since this one was read. That ended the sessions there were: here it
  // is either among them, or looked at after it.
  TRY(const registry::Account now, parts_.store.people().account(account->id));
  if (now.password_hash != account->password_hash) {
    TRY_VOID(sign_out(signed_in.principal));
    outcomes("wrong").add();
    return std::unexpected(wrong_password());
  }
  outcomes("signed_in").add();
  return signed_in;
}

// The same work whether the account is there, has a password, or not.
Result<bool> SignInDesk::is_right(const Result<registry::Account>& account, std::string_view password) {
  if (!account && account.error().kind() != ErrorKind::NotFound) return std::unexpected(account.error());
  const bool can_sign_in = account && account->password_hash;
  TRY(const HashGate::Turn turn, gate_.enter());
  const bool fits = parts_.verify_password(can_sign_in ? *account->password_hash : nobodys_hash_, password);
  return can_sign_in && fits;
}

Result<SignedIn> SignInDesk::begin_session(AccountId account, std::string_view how) {
  std::array<std::uint8_t, kSecretBytes> secret;
  parts_.random.fill(secret);
  const UtcTime now = parts_.clock.utc();
  const registry::Session session{.id = SessionId::random(parts_.random),
                                  .account = account,
                                  .secret_hash = crypto::sha256(secret),
                                  .created = now,
                                  .last_used = now,
                                  .expires = now + kSessionLasts,
                                  .ended = std::nullopt};
  ledger::Entry entry;
  entry.kind = ledger::EntryKind::SignIn;
  entry.at = now;
  entry.account = account;
  entry.session = session.id;
  entry.detail = how;
  TRY_VOID(parts_.ledger.append(entry));
  TRY_VOID(parts_.store.sessions().add_session(session));
  SignedIn signed_in{{account, session.id}, encode_base64url(secret)};
  wipe(secret);
  return signed_in;
}

Result<Principal> SignInDesk::authenticate(std::string_view cookie) {
  const auto hash = hash_of(cookie);
  if (!hash) return std::unexpected(not_signed_in());
  const auto session = parts_.store.sessions().session_by_hash(*hash);
  if (!session && session.error().kind() != ErrorKind::NotFound) return std::unexpected(session.error());
  const UtcTime now = parts_.clock.utc();
  if (!session || !session->is_valid(now)) return std::unexpected(not_signed_in());
  if (now - session->last_used >= kTouchEvery) {
    const auto touched = parts_.store.sessions().touch_session(session->id, now, now + kSessionLasts);
    if (!touched && touched.error().kind() == ErrorKind::FailedPrecondition)
      return std::unexpected(not_signed_in());
    if (!touched) return std::unexpected(touched.error());
  }
  return Principal{session->account, session->id};
}

Result<registry::Account> SignInDesk::account(const Principal& principal) {
  TRY(registry::Account account, parts_.store.people().account(principal.account));
  account.password_hash.reset();
  return account;
}

Result<> SignInDesk::sign_out(const Principal& principal) {
  TRY_VOID(parts_.store.sessions().end_session(principal.session, parts_.clock.utc()));
  return parts_.grants.recheck({.account = {}, .session = principal.session, .camera = {}});
}

Result<> SignInDesk::sign_out_everywhere(const Principal& principal) {
  TRY_VOID(parts_.store.sessions().end_sessions_of(principal.account, parts_.clock.utc()));
  return parts_.grants.recheck({.account = principal.account, .session = {}, .camera = {}});
}

Result<std::string> SignInDesk::create_link(AccountId account, HomeId home) {
  std::array<std::uint8_t, kSecretBytes> token;
  parts_.random.fill(token);
  const UtcTime now = parts_.clock.utc();
  TRY_VOID(parts_.store.sessions().add_link({.token_hash = crypto::sha256(token),
                                             .account = account,
                                             .home = home,
                                             .purpose = registry::LinkPurpose::FirstPassword,
                                             .expires = now + kLinkLasts,
                                             .used = std::nullopt},
                                            now));
  return encode_base64url(token);
}

Result<bool> SignInDesk::has_open_link(AccountId account) {
  return parts_.store.sessions().has_open_link(account, parts_.clock.utc());
}

Result<registry::OneTimeLink> SignInDesk::open_link(std::string_view token, const Endpoint& peer) {
  const auto hash = hash_of(token);
  auto link = hash ? parts_.store.sessions().link(*hash) : fail(ErrorKind::NotFound, {});
  if (!link && link.error().kind() != ErrorKind::NotFound) return link;
  if (link && !link->used && parts_.clock.utc() < link->expires) return link;
  log::info("keeper", "a one-time link that is unknown, used or expired", {{"peer", peer.address_text()}});
  return std::unexpected(no_such_link());
}

Result<Welcome> SignInDesk::look_up_link(std::string_view token, const Endpoint& peer) {
  TRY(const registry::OneTimeLink link, open_link(token, peer));
  TRY(registry::Account account, parts_.store.people().account(link.account));
  TRY(registry::Home home, parts_.store.people().home(link.home));
  account.password_hash.reset();
  return Welcome{std::move(account), std::move(home)};
}

Result<SignedIn> SignInDesk::use_link(std::string_view token, std::string_view password,
                                      const Endpoint& peer) {
  TRY(const registry::OneTimeLink link, open_link(token, peer));
  TRY(const registry::Account account, parts_.store.people().account(link.account));
  TRY_VOID(check_password(password, account.name));
  std::string hash;
  {
    TRY(const HashGate::Turn turn, gate_.enter());
    TRY(hash, crypto::hash_password(password, parts_.random, cost_));
  }
  const UtcTime now = parts_.clock.utc();
  const auto used = parts_.store.sessions().use_link(link.token_hash, now, hash);
  if (!used && used.error().kind() == ErrorKind::FailedPrecondition) return std::unexpected(no_such_link());
  if (!used) return std::unexpected(used.error());
  // Whoever was signed in by an earlier password no longer is.
  TRY_VOID(parts_.grants.recheck({.account = account.id, .session = {}, .camera = {}}));
  return begin_session(account.id, "one-time link");
}

}  // namespace jalousie::keeper
