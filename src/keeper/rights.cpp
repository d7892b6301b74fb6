#include "keeper/rights.h"

#include <algorithm>

#include "base/assert.h"

namespace jalousie::keeper {

bool may_know(const registry::Membership& membership, CameraId camera, UtcTime now) {
  if (membership.guest_until && *membership.guest_until <= now) return false;
  if (membership.role != registry::Role::Guest) return true;
  return std::ranges::find(membership.guest_cameras, camera) != membership.guest_cameras.end();
}

Verdict judge(const registry::Standing& standing, const Principal& principal,
              const std::optional<seal::Label>& label, UtcTime now) {
  const auto refuse = [](EndReason reason, std::string words = {}) {
    return Verdict{reason, std::move(words), {}};
  };
  const auto& [session, camera, membership, suspensions] = standing;
  if (!session || session->account != principal.account || !session->is_valid(now))
    return refuse(EndReason::SignedOut);
  if (!camera) return refuse(EndReason::CameraRemoved);
  if (label && seal::Label{camera->home, camera->id, camera->tenure} != *label)
    return refuse(EndReason::TenureEnded);
  if (!membership || membership->home != camera->home || membership->account != principal.account ||
      !may_know(*membership, camera->id, now)) {
    return refuse(EndReason::RightsChanged);
  }
  if (!suspensions.empty()) return refuse(EndReason::Suspended, suspensions.front().reason);
  if (camera->privacy) return refuse(EndReason::PrivacyOn);
  Verdict allowed;
  allowed.holds_until = session->expires;
  if (membership->guest_until) allowed.holds_until = std::min(allowed.holds_until, *membership->guest_until);
  return allowed;
}

Error refusal_error(const Verdict& verdict) {
  JAL_ASSERT(verdict.refusal);
  switch (*verdict.refusal) {
    case EndReason::SignedOut:
      return not_signed_in();
    case EndReason::Suspended:
      return {ErrorKind::FailedPrecondition, "The camera is suspended for now: " + verdict.words};
    case EndReason::PrivacyOn:
      return {ErrorKind::FailedPrecondition, "The camera's privacy is on: nobody sees its pictures."};
    default:
      return no_such_camera();
  }
}

Error no_such_camera() { return {ErrorKind::NotFound, "There is no such camera."}; }
Error no_such_home() { return {ErrorKind::NotFound, "There is no such home."}; }
Error not_signed_in() { return {ErrorKind::Unauthenticated, "Sign in first."}; }

}  // namespace jalousie::keeper
