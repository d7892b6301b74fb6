// The Store in one SQLite file (WAL, foreign keys, STRICT tables, synchronous=FULL: what was answered is on
// the disk). One connection behind a mutex: the registry is asked when somebody starts to watch, not per
// picture. Other processes (the command line) may use the same file at the same time.
#pragma once

#include <memory>
#include <string>

#include "registry/store.h"

namespace jalousie::registry {

class SqliteStore final : public Store {
 public:
  /// Opens or makes the file `path` (its folder must exist), brings it to the newest version and checks it.
  /// The errors say what to do: PermissionDenied when it cannot be written, FailedPrecondition when a newer
  /// Jalousie made it or it is no registry, DataLoss when it is damaged.
  static Result<std::unique_ptr<SqliteStore>> open(const std::string& path);
  ~SqliteStore() override;

  People& people() override;
  Cameras& cameras() override;
  Keys& keys() override;
  Sessions& sessions() override;
  Suspensions& suspensions() override;
  Result<Standing> standing(SessionId session, CameraId camera, std::string_view door) override;
  Result<bool> is_empty() override;
  Result<std::uint64_t> change_counter() override;

 private:
  struct Impl;
  explicit SqliteStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace jalousie::registry
