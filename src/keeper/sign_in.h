// Signing in: passwords (Argon2id, 64 MiB, 3 passes), session cookies and one-time links. Secrets are kept as
// hashes. Made by the keeper. Safe from any thread; hashing takes 0.1 s and more: never on a loop.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/endpoint.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "keeper/grant.h"
#include "registry/records.h"

namespace jalousie::keeper {

inline constexpr Microseconds kSessionLasts = std::chrono::days(30);  // from its last use
inline constexpr Microseconds kLinkLasts = std::chrono::days(7);
inline constexpr std::size_t kPasswordCharacters = 10;  // at least
inline constexpr std::size_t kPasswordBytes = 1024;     // at most
inline constexpr std::size_t kHashesAtOnce = 2;         // 64 MiB each
inline constexpr std::size_t kHashesWaiting = 8;

/// A new session. `cookie` is the secret, in text, for the cookie alone.
struct SignedIn {
  Principal principal;
  std::string cookie;
};
/// Not now: this name or this address has failed too often.
struct TooManyAttempts {
  Seconds retry_after{};
};
using SignInOutcome = std::variant<SignedIn, TooManyAttempts>;

/// For whom a one-time link is.
struct Welcome {
  registry::Account account;
  registry::Home home;
};

class SignIn {
 public:
  virtual ~SignIn() = default;

  /// Whether a further hash would find room; asked before the work is queued, so that a flood is turned away
  /// at once.
  virtual bool is_busy() const = 0;

  /// Unauthenticated for a wrong password, an unknown name and an account without a password: the same words,
  /// after the same work. Unavailable when too many are signing in at this moment.
  virtual Result<SignInOutcome> sign_in(std::string_view name, std::string_view password,
                                        const Endpoint& peer) = 0;
  /// Whose cookie it is; counts as its use (30 days begin anew). Unauthenticated when it is nobody's.
  virtual Result<Principal> authenticate(std::string_view cookie) = 0;
  virtual Result<registry::Account> account(const Principal& principal) = 0;
  /// Ends the one session, and its viewings at once.
  virtual Result<> sign_out(const Principal& principal) = 0;
  /// Ends all sessions of the account.
  virtual Result<> sign_out_everywhere(const Principal& principal) = 0;

  /// A token that sets the first password of `account`, once, within 7 days: goes into a link's fragment.
  /// Those that the account has open end.
  virtual Result<std::string> create_link(AccountId account, HomeId home) = 0;
  /// Whether a link of the account still opens.
  virtual Result<bool> has_open_link(AccountId account) = 0;
  /// NotFound when it is unknown, used or expired.
  virtual Result<Welcome> look_up_link(std::string_view token, const Endpoint& peer) = 0;
  /// Sets the password and signs in. NotFound as above; InvalidArgument when the password is too short, too
  /// long or well known.
  virtual Result<SignedIn> use_link(std::string_view token, std::string_view password,
                                    const Endpoint& peer) = 0;
};

}  // namespace jalousie::keeper
