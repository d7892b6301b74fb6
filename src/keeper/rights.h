// The decision itself: may this person, at this moment, see this camera? A pure function of what the registry
// says, used for grants, renewals and revocations alike, so that the three cannot differ.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "keeper/grant.h"
#include "registry/records.h"

namespace jalousie::keeper {

struct Verdict {
  std::optional<EndReason> refusal;  // none: allowed
  std::string words;                 // of a suspension: its reason
  UtcTime holds_until{};             // of an allowance: when it ends by itself (session, guest date)
};

/// `label`: of a viewing that was granted before; a camera that has changed hands since is refused. None: a
/// new one.
Verdict judge(const registry::Standing& standing, const Principal& principal,
              const std::optional<seal::Label>& label, UtcTime now);

/// Whether the membership lets somebody know of the camera at all, watchable or not.
bool may_know(const registry::Membership& membership, CameraId camera, UtcTime now);

/// What the asker is told. A camera that does not exist and one that is not theirs: the same words.
Error refusal_error(const Verdict& verdict);

// The words for what is not there, or not for the asker to know.
Error no_such_camera();
Error no_such_home();
Error not_signed_in();

}  // namespace jalousie::keeper
