#include "keeper/grant.h"

#include "base/assert.h"

namespace jalousie::keeper {

std::string_view to_string(EndReason reason) {
  switch (reason) {
    case EndReason::SignedOut:
      return "signed_out";
    case EndReason::RightsChanged:
      return "rights_changed";
    case EndReason::CameraRemoved:
      return "camera_removed";
    case EndReason::TenureEnded:
      return "tenure_ended";
    case EndReason::Suspended:
      return "suspended";
    case EndReason::PrivacyOn:
      return "privacy_on";
    case EndReason::LeaseLost:
      return "lease_lost";
    case EndReason::Refused:
      return "refused";
  }
  JAL_ASSERT(false);
}

}  // namespace jalousie::keeper
