#include "app/owner_rights.h"

#include <cerrno>
#include <cstring>
#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

#include "base/assert.h"

namespace jalousie::app {

namespace {

std::unexpected<Error> refused(const std::string& folder) {
  return fail(
      ErrorKind::PermissionDenied,
      fmt::format("cannot act as the owner of {}: {}; run this as that user", folder, std::strerror(errno)));
}

}  // namespace

Result<OwnerRights> OwnerRights::take(const std::string& folder) {
  struct stat found{};
  if (::geteuid() != 0 || ::stat(folder.c_str(), &found) != 0 || found.st_uid == 0)
    return OwnerRights(std::nullopt);
  if (::setgroups(1, &found.st_gid) != 0 || ::setegid(found.st_gid) != 0 || ::seteuid(found.st_uid) != 0)
    return refused(folder);
  return OwnerRights(Owner{found.st_uid, found.st_gid});
}

OwnerRights::OwnerRights(OwnerRights&& other) noexcept : owner_(std::exchange(other.owner_, std::nullopt)) {}

OwnerRights::~OwnerRights() {
  if (owner_) JAL_ASSERT(::seteuid(0) == 0 && ::setegid(0) == 0);
}

void OwnerRights::without(const std::function<void()>& what) const {
  if (owner_) JAL_ASSERT(::seteuid(0) == 0 && ::setegid(0) == 0);
  what();
  if (owner_) JAL_ASSERT(::setegid(owner_->group) == 0 && ::seteuid(owner_->user) == 0);
}

Result<> OwnerRights::keep() && {
  const auto owner = std::exchange(owner_, std::nullopt);
  if (!owner) return {};
  if (::seteuid(0) != 0 || ::setresgid(owner->group, owner->group, owner->group) != 0 ||
      ::setresuid(owner->user, owner->user, owner->user) != 0)
    return refused("the data folder");
  return {};
}

}  // namespace jalousie::app
