// The grants that are out. One is entered before the registry is asked about it, so that a change of rights
// that comes while it is being made is not missed; it counts once its keys have left, and stays, revoked,
// until its viewing has said what it showed. Safe from any thread; waits for a disk.
//
//   Pending --granted--> Active --revoked--> Revoked --end() or a lease later--> gone
//   Pending --refused--> gone        Active --end()--> gone
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/metrics.h"
#include "base/random.h"
#include "base/time.h"
#include "keeper/grant.h"
#include "keeper/key_chest.h"
#include "keeper/late_entries.h"
#include "keeper/rights.h"
#include "ledger/ledger.h"
#include "registry/store.h"
#include "seal/block.h"

namespace jalousie::keeper {

/// Whom a change of rights may concern. What is not set concerns all.
struct Concerned {
  std::optional<AccountId> account;
  std::optional<SessionId> session;
  std::optional<CameraId> camera;
};

class Grants {
 public:
  struct Parts {
    registry::Store& store;
    ledger::Ledger& ledger;
    LateEntries& late;
    Clock& clock;
    RandomSource& random;
    Metrics& metrics;
    KeyChest& chest;
  };
  explicit Grants(Parts parts);

  Result<Grant> grant(const GrantRequest& request, RevokedCall revoked);
  Result<Renewal> renew(ViewingId viewing);
  void end(ViewingId viewing, std::uint64_t frames, std::uint64_t bytes);
  void refused(ViewingId viewing, seal::Refusal refusal, const seal::BlockHeader& block);

  /// Asks the registry again about every grant concerned, and revokes those that no longer hold.
  /// Goes on past an error and returns the first.
  Result<> recheck(const Concerned& concerned);
  /// Rechecks those that were to hold until now, and ends what was not renewed.
  Result<> expire();
  std::size_t size() const;

 private:
  enum class State : std::uint8_t { Pending, Active, Revoked };
  struct Viewing {
    State state = State::Pending;
    Principal principal;
    CameraId camera;
    std::string door;
    std::optional<seal::Label> label;
    RevokedCall revoked;
    SteadyTime lease_until{};
    UtcTime holds_until{};
    std::uint64_t asked = 0;      // which asking of the registry that is from
    bool rights_changed = false;  // while it was pending
    std::string why;              // of one that was revoked
  };
  Counter& refusals(seal::Refusal refusal) const;

  struct Suspect {
    ViewingId id;
    Principal principal;
    CameraId camera;
    std::string door;
    std::optional<seal::Label> label;
    std::uint64_t asked = 0;
  };

  Result<> enter(ViewingId id, const GrantRequest& request, RevokedCall revoked);
  Result<Grant> fill(ViewingId id, const GrantRequest& request);
  Result<Verdict> ask(Suspect& suspect, std::optional<seal::Label>& label);
  Result<> admit_to_home(ViewingId id, const seal::Label& label);
  bool activate(const Grant& grant, const Verdict& verdict);
  Result<std::map<StreamId, seal::OpenerKeysPtr>> keys(const seal::Label& label);
  Result<> recheck(std::vector<Suspect> suspects);
  void revoke(ViewingId id, EndReason reason);
  void drop(ViewingId id);
  ledger::Entry entry(ledger::EntryKind kind, ViewingId id, const Suspect& of) const;
  static Suspect suspect_of(ViewingId id, const Viewing& viewing);
  /// With the lock held. An answer that was asked for before another one that is known already says nothing
  /// new: rights may have been changed in between.
  static void hold_until(Viewing& viewing, const Suspect& asked, const Verdict& verdict);

  Parts parts_;
  Counter& granted_;
  Counter& not_granted_;
  Gauge& live_;
  std::atomic<std::uint64_t> asks_{0};
  mutable std::mutex mutex_;
  std::unordered_map<ViewingId, Viewing> viewings_;
};

}  // namespace jalousie::keeper
