// The five parts of SqliteStore. Each method takes the connection's lock for as long as it runs; the
// functions at the end are for those who hold it.
#pragma once

#include <atomic>
#include <optional>
#include <string_view>
#include <vector>

#include "registry/database.h"
#include "registry/store.h"

namespace jalousie::registry {

/// One database, and how often what grants depend on was changed through it.
struct SqliteContext {
  Database& database;
  std::atomic<std::uint64_t>& changes;
};

class SqlitePeople final : public People {
 public:
  explicit SqlitePeople(SqliteContext context) : context_(context) {}
  Result<> add_home(const Home& home, ByteView wrapped_key) override;
  Result<Home> home(HomeId id) override;
  Result<std::vector<Home>> homes() override;
  Result<> add_account(const Account& account) override;
  Result<Account> account(AccountId id) override;
  Result<Account> account_by_name(std::string_view name) override;
  Result<> set_password_hash(AccountId id, std::string_view hash) override;
  Result<> set_membership(const Membership& membership, LastOwner last_owner) override;
  Result<std::optional<Membership>> narrow_membership(const Membership& to, LastOwner last_owner) override;
  Result<> remove_membership(HomeId home, AccountId account, LastOwner last_owner) override;
  Result<Membership> membership(HomeId home, AccountId account) override;
  Result<std::vector<Membership>> memberships_of(AccountId account) override;
  Result<std::vector<Membership>> members_of(HomeId home) override;

 private:
  Result<> write(const Membership& membership, LastOwner last_owner);
  SqliteContext context_;
};

class SqliteCameras final : public Cameras {
 public:
  explicit SqliteCameras(SqliteContext context) : context_(context) {}
  Result<> add_camera(const Camera& camera, ByteView wrapped_tenure_key, UtcTime began) override;
  Result<> begin_tenure(const NextTenure& next, ByteView wrapped_tenure_key, UtcTime began) override;
  Result<> remove_camera(CameraId id, Tenure tenure, UtcTime ended) override;
  Result<Camera> update_camera(CameraId id, Tenure tenure, const CameraUpdate& update) override;
  Result<> set_certificate(CameraId id, Tenure tenure, std::string_view url,
                           std::string_view certificate) override;
  Result<Camera> camera(CameraId id) override;
  Result<std::vector<Camera>> cameras_of(HomeId home) override;
  Result<std::vector<Camera>> cameras() override;
  Result<std::vector<TenureRecord>> tenures_of(CameraId id) override;

 private:
  Result<Camera> present(CameraId id);
  Result<> write(const Camera& camera);
  Result<> open_tenure(const Camera& camera, ByteView wrapped_tenure_key, UtcTime began);
  Result<> close_tenure(CameraId id, UtcTime ended);
  SqliteContext context_;
};

class SqliteKeys final : public Keys {
 public:
  explicit SqliteKeys(SqliteContext context) : context_(context) {}
  Result<Buffer> home_key(HomeId home) override;
  Result<Buffer> tenure_key(CameraId camera, Tenure tenure) override;
  Result<Buffer> day_key(CameraId camera, Tenure tenure, UtcDay day) override;
  Result<Buffer> add_day_key(CameraId camera, Tenure tenure, UtcDay day, ByteView wrapped) override;
  Result<> remove_day_keys_before(UtcDay day) override;
  Result<Buffer> root_check() override;
  Result<> set_root_check(ByteView wrapped) override;

 private:
  SqliteContext context_;
};

class SqliteSessions final : public Sessions {
 public:
  explicit SqliteSessions(SqliteContext context) : context_(context) {}
  Result<> add_session(const Session& session) override;
  Result<Session> session(SessionId id) override;
  Result<Session> session_by_hash(const SecretHash& hash) override;
  Result<> touch_session(SessionId id, UtcTime last_used, UtcTime expires) override;
  Result<> end_session(SessionId id, UtcTime at) override;
  Result<> end_sessions_of(AccountId account, UtcTime at) override;
  Result<> remove_sessions_before(UtcTime expired_or_ended) override;
  Result<> add_link(const OneTimeLink& link, UtcTime now) override;
  Result<bool> has_open_link(AccountId account, UtcTime now) override;
  Result<OneTimeLink> link(const SecretHash& token_hash) override;
  Result<> use_link(const SecretHash& token_hash, UtcTime now, std::string_view password_hash) override;

 private:
  SqliteContext context_;
};

class SqliteSuspensions final : public Suspensions {
 public:
  explicit SqliteSuspensions(SqliteContext context) : context_(context) {}
  Result<> suspend(const Suspension& suspension) override;
  Result<> lift(SuspensionKind kind, std::string_view subject) override;
  Result<std::vector<Suspension>> suspensions() override;

 private:
  SqliteContext context_;
};

// With the lock held.
Result<std::optional<Camera>> find_camera(Database& database, CameraId id);
Result<std::optional<Membership>> find_membership(Database& database, HomeId home, AccountId account);
Result<std::optional<Session>> find_session(Database& database, SessionId id);
Result<std::vector<Suspension>> find_suspensions(Database& database, const Camera& camera,
                                                 std::string_view door);

}  // namespace jalousie::registry
