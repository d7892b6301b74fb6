// A registry store that a test can break, or step into, at a call: all else is the real store's.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "registry/store.h"

namespace jalousie::keeper {

class BreakableCameras final : public registry::Cameras {
 public:
  explicit BreakableCameras(registry::Cameras& real) : real_(real) {}

  bool broken = false;                   // cameras() cannot be read
  std::function<void()> after_read;      // of cameras(), once
  std::function<void()> after_read_one;  // of camera(), once

  Result<> add_camera(const registry::Camera& camera, ByteView key, UtcTime began) override {
    return real_.add_camera(camera, key, began);
  }
  Result<> begin_tenure(const registry::NextTenure& next, ByteView key, UtcTime began) override {
    return real_.begin_tenure(next, key, began);
  }
  Result<> remove_camera(CameraId id, Tenure tenure, UtcTime ended) override {
    return real_.remove_camera(id, tenure, ended);
  }
  Result<registry::Camera> update_camera(CameraId id, Tenure tenure,
                                         const registry::CameraUpdate& update) override {
    return real_.update_camera(id, tenure, update);
  }
  Result<registry::Camera> camera(CameraId id) override {
    auto found = real_.camera(id);
    if (after_read_one) std::exchange(after_read_one, nullptr)();
    return found;
  }
  Result<> set_certificate(CameraId id, Tenure tenure, std::string_view url,
                           std::string_view certificate) override {
    return real_.set_certificate(id, tenure, url, certificate);
  }
  Result<std::vector<registry::Camera>> cameras_of(HomeId home) override { return real_.cameras_of(home); }
  Result<std::vector<registry::Camera>> cameras() override {
    if (broken) return fail(ErrorKind::DataLoss, "the cameras are damaged");
    auto found = real_.cameras();
    if (after_read) std::exchange(after_read, nullptr)();
    return found;
  }
  Result<std::vector<registry::TenureRecord>> tenures_of(CameraId id) override {
    return real_.tenures_of(id);
  }

 private:
  registry::Cameras& real_;
};

class BreakablePeople final : public registry::People {
 public:
  explicit BreakablePeople(registry::People& real) : real_(real) {}

  std::function<void()> after_membership;  // read, once

  Result<> add_home(const registry::Home& home, ByteView key) override { return real_.add_home(home, key); }
  Result<registry::Home> home(HomeId id) override { return real_.home(id); }
  Result<std::vector<registry::Home>> homes() override { return real_.homes(); }
  Result<> add_account(const registry::Account& account) override { return real_.add_account(account); }
  Result<registry::Account> account(AccountId id) override { return real_.account(id); }
  Result<registry::Account> account_by_name(std::string_view name) override {
    return real_.account_by_name(name);
  }
  Result<> set_password_hash(AccountId id, std::string_view hash) override {
    return real_.set_password_hash(id, hash);
  }
  Result<> set_membership(const registry::Membership& membership, registry::LastOwner last) override {
    return real_.set_membership(membership, last);
  }
  Result<std::optional<registry::Membership>> narrow_membership(const registry::Membership& to,
                                                                registry::LastOwner last) override {
    return real_.narrow_membership(to, last);
  }
  Result<> remove_membership(HomeId home, AccountId account, registry::LastOwner last) override {
    return real_.remove_membership(home, account, last);
  }
  Result<registry::Membership> membership(HomeId home, AccountId account) override {
    auto found = real_.membership(home, account);
    if (after_membership) std::exchange(after_membership, nullptr)();
    return found;
  }
  Result<std::vector<registry::Membership>> memberships_of(AccountId account) override {
    return real_.memberships_of(account);
  }
  Result<std::vector<registry::Membership>> members_of(HomeId home) override {
    return real_.members_of(home);
  }

 private:
  registry::People& real_;
};

class BreakableStore final : public registry::Store {
 public:
  explicit BreakableStore(registry::Store& real)
      : of_cameras(real.cameras()), of_people(real.people()), real_(real) {}

  BreakableCameras of_cameras;
  BreakablePeople of_people;
  std::vector<std::string>* calls = nullptr;  // what is asked of which part is written here
  std::optional<SessionId> broken_session;    // its standing cannot be read
  std::function<void()> after_standing;       // once

  registry::People& people() override { return asked("people"), of_people; }
  registry::Cameras& cameras() override { return asked("cameras"), of_cameras; }
  registry::Keys& keys() override { return asked("keys"), real_.keys(); }
  registry::Sessions& sessions() override { return asked("sessions"), real_.sessions(); }
  registry::Suspensions& suspensions() override { return asked("suspensions"), real_.suspensions(); }
  Result<registry::Standing> standing(SessionId session, CameraId camera, std::string_view door) override {
    asked("standing");
    if (session == broken_session) return fail(ErrorKind::DataLoss, "a session is damaged");
    auto found = real_.standing(session, camera, door);
    if (after_standing) std::exchange(after_standing, nullptr)();
    return found;
  }
  Result<bool> is_empty() override { return real_.is_empty(); }
  Result<std::uint64_t> change_counter() override { return real_.change_counter(); }

 private:
  void asked(std::string_view what) const {
    if (calls != nullptr) calls->emplace_back(what);
  }
  registry::Store& real_;
};

}  // namespace jalousie::keeper
