// The registry: who lives where, which cameras are whose, and the wrapped keys. A Store is one engine; all
// engines pass the one conformance suite (store_conformance.h). Calls are synchronous and may wait for a
// disk, so event loops call them on io::Workers; every call is safe from any thread, atomic, and durable when
// it returns.
//
// Errors: NotFound for a record that is not there, AlreadyExists where an id or name is taken,
// FailedPrecondition where the state forbids it, Unavailable when the disk is full, away or busy, DataLoss
// when the stored data is damaged.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "registry/records.h"

namespace jalousie::registry {

/// Whether a change may leave a home that had an owner without one.
enum class LastOwner : std::uint8_t { MustStay, MayGo };

/// Homes, accounts, and who belongs where.
class People {
 public:
  virtual ~People() = default;
  virtual Result<> add_home(const Home& home, ByteView wrapped_key) = 0;
  virtual Result<Home> home(HomeId id) = 0;
  virtual Result<std::vector<Home>> homes() = 0;  // in order of their making
  virtual Result<> add_account(const Account& account) = 0;
  virtual Result<Account> account(AccountId id) = 0;
  virtual Result<Account> account_by_name(std::string_view name) = 0;
  virtual Result<> set_password_hash(AccountId id, std::string_view hash) = 0;
  /// Adds or replaces. Decided in the same step: FailedPrecondition when the last owner must stay, NotFound
  /// for a guest's camera that is not of the home.
  virtual Result<> set_membership(const Membership& membership, LastOwner last_owner) = 0;
  /// Takes away what `to` does not allow, and gives nothing; returns what stands then, nothing where there is
  /// no such member. Errors like set_membership().
  virtual Result<std::optional<Membership>> narrow_membership(const Membership& to, LastOwner last_owner) = 0;
  virtual Result<> remove_membership(HomeId home, AccountId account, LastOwner last_owner) = 0;
  virtual Result<Membership> membership(HomeId home, AccountId account) = 0;
  virtual Result<std::vector<Membership>> memberships_of(AccountId account) = 0;  // in order of joining
  virtual Result<std::vector<Membership>> members_of(HomeId home) = 0;
};

/// Cameras and their tenures.
class Cameras {
 public:
  virtual ~Cameras() = default;
  /// `camera` with the first tenure of its id, or the next; `camera.tenure` must be that number, else
  /// FailedPrecondition.
  virtual Result<> add_camera(const Camera& camera, ByteView wrapped_tenure_key, UtcTime began) = 0;
  /// Ends the current tenure (deleting its keys) and begins the next, in one step. FailedPrecondition when it
  /// is not the next, or the access is another than the one that it was made from.
  virtual Result<> begin_tenure(const NextTenure& next, ByteView wrapped_tenure_key, UtcTime began) = 0;
  /// Ends the tenure, deleting its keys, and with it the camera's record; NotFound when it is not the current
  /// one.
  virtual Result<> remove_camera(CameraId id, Tenure tenure, UtcTime ended) = 0;
  /// Changes what `update` names and nothing else, in one step; returns the camera as it is then. NotFound
  /// when `tenure` is not the current one, FailedPrecondition when the access is another than the one that it
  /// was made from. What stood in the place of another URL before is overwritten on the disk.
  virtual Result<Camera> update_camera(CameraId id, Tenure tenure, const CameraUpdate& update) = 0;
  /// The certificate that was met at `url`; NotFound when that is no longer the camera's address, or `tenure`
  /// not the current one.
  virtual Result<> set_certificate(CameraId id, Tenure tenure, std::string_view url,
                                   std::string_view certificate) = 0;
  virtual Result<Camera> camera(CameraId id) = 0;
  virtual Result<std::vector<Camera>> cameras_of(HomeId home) = 0;  // in order of their making
  virtual Result<std::vector<Camera>> cameras() = 0;
  virtual Result<std::vector<TenureRecord>> tenures_of(CameraId id) = 0;  // by number
};

/// Wrapped keys: what is stored is of no use without the root key.
class Keys {
 public:
  virtual ~Keys() = default;
  virtual Result<Buffer> home_key(HomeId home) = 0;
  virtual Result<Buffer> tenure_key(CameraId camera, Tenure tenure) = 0;
  virtual Result<Buffer> day_key(CameraId camera, Tenure tenure, UtcDay day) = 0;
  /// Stores `wrapped` unless the day has a key already; returns the one that is stored. NotFound when the
  /// tenure has ended.
  virtual Result<Buffer> add_day_key(CameraId camera, Tenure tenure, UtcDay day, ByteView wrapped) = 0;
  virtual Result<> remove_day_keys_before(UtcDay day) = 0;
  /// Something that only the right root key opens; NotFound while nothing was stored yet.
  virtual Result<Buffer> root_check() = 0;
  virtual Result<> set_root_check(ByteView wrapped) = 0;  // AlreadyExists
};

/// Signed-in sessions and one-time links.
class Sessions {
 public:
  virtual ~Sessions() = default;
  virtual Result<> add_session(const Session& session) = 0;
  virtual Result<Session> session(SessionId id) = 0;
  virtual Result<Session> session_by_hash(const SecretHash& hash) = 0;
  /// FailedPrecondition when it has ended.
  virtual Result<> touch_session(SessionId id, UtcTime last_used, UtcTime expires) = 0;
  virtual Result<> end_session(SessionId id, UtcTime at) = 0;  // ending one that has ended changes nothing
  virtual Result<> end_sessions_of(AccountId account, UtcTime at) = 0;
  virtual Result<> remove_sessions_before(UtcTime expired_or_ended) = 0;
  /// Takes the place of the account's links that were not used yet; removes all that have expired at `now`.
  virtual Result<> add_link(const OneTimeLink& link, UtcTime now) = 0;
  virtual Result<OneTimeLink> link(const SecretHash& token_hash) = 0;
  /// Whether one of the account's links was not used and has not expired at `now`.
  virtual Result<bool> has_open_link(AccountId account, UtcTime now) = 0;
  /// Uses the link and sets the password of its account in one step; no other link of the account works any
  /// more, and its sessions have ended. FailedPrecondition when it was used or has expired.
  virtual Result<> use_link(const SecretHash& token_hash, UtcTime now, std::string_view password_hash) = 0;
};

class Suspensions {
 public:
  virtual ~Suspensions() = default;
  virtual Result<> suspend(const Suspension& suspension) = 0;  // adds or replaces
  virtual Result<> lift(SuspensionKind kind, std::string_view subject) = 0;
  virtual Result<std::vector<Suspension>> suspensions() = 0;
};

class Store {
 public:
  virtual ~Store() = default;
  virtual People& people() = 0;
  virtual Cameras& cameras() = 0;
  virtual Keys& keys() = 0;
  virtual Sessions& sessions() = 0;
  virtual Suspensions& suspensions() = 0;

  /// One consistent read of all that a grant depends on. Takes the same steps whatever it finds.
  virtual Result<Standing> standing(SessionId session, CameraId camera, std::string_view door) = 0;
  /// True when no home was ever added.
  virtual Result<bool> is_empty() = 0;
  /// Grows whenever homes, people, cameras, sessions or suspensions may have changed, here or by another
  /// process.
  virtual Result<std::uint64_t> change_counter() = 0;
};

}  // namespace jalousie::registry
