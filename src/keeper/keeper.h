// The reference monitor: it alone holds keys, checks rights, and issues grants and sealers. Every check asks
// the registry itself, never a cache, and the ledger's entry is durable before any key leaves.
//
// All calls are safe from any thread and may wait for a disk: make them on io::Workers, never on a loop. What
// the asker may not know exists is NotFound, in the same words and by the same steps as what does not exist.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/metrics.h"
#include "base/random.h"
#include "base/time.h"
#include "crypto/password.h"
#include "keeper/grant.h"
#include "keeper/household.h"
#include "keeper/root_key.h"
#include "keeper/sign_in.h"
#include "ledger/ledger.h"
#include "registry/store.h"
#include "seal/block.h"
#include "seal/sealer.h"

namespace jalousie::keeper {

/// Where ingest finds a camera, with its credentials: they go to ingest alone.
struct CameraSource {
  std::string url;  // the whole; it may hold secrets of its own, in its query or path
  registry::Transport transport = registry::Transport::Tcp;
  registry::Reach reach = registry::Reach::Network;
  Credentials credentials;
  bool sound = false;       // whether its owner lets it be taken in
  std::string certificate;  // SHA-256, hex, of the one that is trusted over TLS; empty: none was met yet
  std::string sub_url;      // of the small stream, the whole, at the same place; empty: none
};

using VerifyPassword = std::function<bool(const std::string& hash, std::string_view password)>;

class Keeper {
 public:
  /// All outlive the keeper.
  struct Parts {
    registry::Store& store;
    ledger::Ledger& ledger;
    Clock& clock;
    RandomSource& random;
    Metrics& metrics;
    crypto::Argon2Cost password_cost = {};
    VerifyPassword verify_password = crypto::verify_password;
  };

  /// FailedPrecondition when the root key is not the one that the data was sealed under.
  static Result<std::unique_ptr<Keeper>> create(Parts parts, RootKey root);
  ~Keeper();
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

  /// For the ingest of one stream. NotFound unless the tenure is the camera's current one. Stops sealing (the
  /// sealer answers FailedPrecondition) once the tenure has ended.
  Result<seal::Sealer> sealer(CameraId camera, Tenure tenure, StreamId stream);
  /// For ingest only. NotFound unless the tenure is the camera's current one.
  Result<CameraSource> camera_source(CameraId camera, Tenure tenure);
  /// Ingest has met this certificate at `url` and trusts it from now on. NotFound when the camera is no
  /// longer of that tenure, or at that address.
  Result<> keep_certificate(CameraId camera, Tenure tenure, std::string_view url,
                            std::string_view fingerprint);

  /// Openers for both streams, leased until Grant::lease_until. NotFound for a camera that the principal may
  /// not know, Unauthenticated without a valid session, FailedPrecondition while privacy is on or something
  /// is suspended (says which), ResourceExhausted over the limits of a session or home. `revoked` is called
  /// at most once, from any thread, not at all when this call fails; a call that is under way in another
  /// thread may still arrive while end() returns.
  Result<Grant> grant(const GrantRequest& request, RevokedCall revoked);
  /// Checks all again. When the right no longer holds, the viewing has been revoked. Unavailable (a disk is
  /// away) may be tried again while the lease lasts.
  Result<Renewal> renew(ViewingId viewing);
  /// The viewing has ended, by itself or revoked: what it showed goes to the ledger. Unknown viewings are
  /// ignored.
  void end(ViewingId viewing, std::uint64_t frames, std::uint64_t bytes);
  /// A block was refused: ledger entry, metric, log::alarm; the viewing ends (its RevokedCall is made with
  /// Refused).
  void refused(ViewingId viewing, seal::Refusal refusal, const seal::BlockHeader& block);

  /// Call it several times a second. Checks all viewings when the registry was changed by another process,
  /// ends those whose lease, session or guest date has run out, and prepares tomorrow's keys. An error (the
  /// first, the others' parts were done) is to be logged; the next call tries again.
  Result<> tick();
  std::size_t viewings() const;

  /// Homes, people and cameras, with their keys and the revocations that a change brings.
  Household& household();
  /// Passwords, sessions and one-time links.
  SignIn& sign_in();

 private:
  struct Impl;
  explicit Keeper(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace jalousie::keeper
