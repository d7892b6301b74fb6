// What root does in a data folder that belongs to somebody else, it does with that owner's rights: a file
// that root had made there, the server could not write.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <sys/types.h>

#include "base/result.h"

namespace jalousie::app {

class OwnerRights {
 public:
  /// Takes them on where this process is root's and `folder` is not; else does nothing. The whole process has
  /// them, all of its threads.
  static Result<OwnerRights> take(const std::string& folder);
  /// Gives root's back, unless kept; but for further groups, which root has no need of.
  ~OwnerRights();
  OwnerRights(OwnerRights&& other) noexcept;
  OwnerRights(const OwnerRights&) = delete;
  OwnerRights& operator=(const OwnerRights&) = delete;
  OwnerRights& operator=(OwnerRights&&) = delete;

  /// Does `what` with the rights that the process had before.
  void without(const std::function<void()>& what) const;
  /// For good: there is no way back.
  Result<> keep() &&;

 private:
  struct Owner {
    uid_t user;
    gid_t group;
  };
  explicit OwnerRights(std::optional<Owner> owner) : owner_(owner) {}

  std::optional<Owner> owner_;
};

}  // namespace jalousie::app
