// A registry store that a test can break, or step into, at a call: all else is the real store's.
#pragma once

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "registry/store.h"

namespace jalousie::keeper {

class BreakableCameras final : public registry::Cameras {
 public:
  explicit BreakableCameras(registry::Cameras& real) : real_(real) {}

  bool broken = false;               // cameras() cannot be read
  std::function<void()> after_read;  // of cameras(), once

  Result<> add_camera(const registry::Camera& camera, ByteView key, UtcTime began) override {
    return real_.add_camera(camera, key, began);
  }
  Result<> begin_tenure(const registry::Camera& camera, ByteView key, UtcTime began) override {
    return real_.begin_tenure(camera, key, began);
  }
  Result<> remove_camera(CameraId id, UtcTime ended) override { return real_.remove_camera(id, ended); }
  Result<> update_camera(const registry::Camera& camera) override { return real_.update_camera(camera); }
  Result<> set_certificate(CameraId id, Tenure tenure, std::string_view url,
                           std::string_view certificate) override {
    return real_.set_certificate(id, tenure, url, certificate);
  }
  Result<registry::Camera> camera(CameraId id) override { return real_.camera(id); }
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

class BreakableStore final : public registry::Store {
 public:
  explicit BreakableStore(registry::Store& real) : of_cameras(real.cameras()), real_(real) {}

  BreakableCameras of_cameras;
  std::optional<SessionId> broken_session;  // its standing cannot be read
  std::function<void()> after_standing;     // once

  registry::People& people() override { return real_.people(); }
  registry::Cameras& cameras() override { return of_cameras; }
  registry::Keys& keys() override { return real_.keys(); }
  registry::Sessions& sessions() override { return real_.sessions(); }
  registry::Suspensions& suspensions() override { return real_.suspensions(); }
  Result<registry::Standing> standing(SessionId session, CameraId camera, std::string_view door) override {
    if (session == broken_session) return fail(ErrorKind::DataLoss, "a session is damaged");
    auto found = real_.standing(session, camera, door);
    if (after_standing) std::exchange(after_standing, nullptr)();
    return found;
  }
  Result<bool> is_empty() override { return real_.is_empty(); }
  Result<std::uint64_t> change_counter() override { return real_.change_counter(); }

 private:
  registry::Store& real_;
};

}  // namespace jalousie::keeper
