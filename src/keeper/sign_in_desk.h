// The one implementation of SignIn.
#pragma once

#include "base/metrics.h"
#include "base/random.h"
#include "crypto/password.h"
#include "keeper/attempts.h"
#include "keeper/grants.h"
#include "keeper/hash_gate.h"
#include "keeper/sign_in.h"

namespace jalousie::keeper {

class SignInDesk final : public SignIn {
 public:
  struct Parts {
    registry::Store& store;
    ledger::Ledger& ledger;
    Clock& clock;
    RandomSource& random;
    Metrics& metrics;
    Grants& grants;
    std::function<bool(const std::string& hash, std::string_view password)> verify_password;
  };
  SignInDesk(Parts parts, crypto::Argon2Cost cost);

  bool is_busy() const override { return gate_.is_full(); }
  Result<SignInOutcome> sign_in(std::string_view name, std::string_view password,
                                const Endpoint& peer) override;
  Result<Principal> authenticate(std::string_view cookie) override;
  Result<registry::Account> account(const Principal& principal) override;
  Result<> sign_out(const Principal& principal) override;
  Result<> sign_out_everywhere(const Principal& principal) override;
  Result<std::string> create_link(AccountId account, HomeId home) override;
  Result<bool> has_open_link(AccountId account) override;
  Result<Welcome> look_up_link(std::string_view token, const Endpoint& peer) override;
  Result<SignedIn> use_link(std::string_view token, std::string_view password, const Endpoint& peer) override;

 private:
  Result<bool> is_right(const Result<registry::Account>& account, std::string_view password);
  Result<SignedIn> begin_session(AccountId account, std::string_view how);
  Result<registry::OneTimeLink> open_link(std::string_view token, const Endpoint& peer);
  Counter& outcomes(std::string_view outcome);

  Parts parts_;
  const crypto::Argon2Cost cost_;
  const std::string nobodys_hash_;  // checked for accounts that do not exist, so that they take as long
  Attempts attempts_;
  HashGate gate_;
};

}  // namespace jalousie::keeper
