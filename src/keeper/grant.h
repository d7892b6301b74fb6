// What the keeper hands out: a Grant is the permission for one viewing, and carries its openers. A lease of
// at most 60 s that is renewed while the right holds; a revocation reaches the viewing as a push.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "seal/label.h"
#include "seal/opener.h"

namespace jalousie::keeper {

inline constexpr Microseconds kLease = Seconds(60);
inline constexpr Microseconds kRenewEvery = Seconds(20);

/// Who asks: a signed-in session of an account.
struct Principal {
  AccountId account;
  SessionId session;
};

/// Why a viewing was ended from above.
enum class EndReason : std::uint8_t {
  SignedOut,      // the session ended: signed out here, everywhere, or expired
  RightsChanged,  // no longer a member, or not for this camera
  CameraRemoved,
  TenureEnded,  // the camera went to another home
  Suspended,
  PrivacyOn,
  LeaseLost,  // it could not be renewed in time
  Refused,    // a block was refused: an alarm was raised
};
std::string_view to_string(EndReason reason);  // "signed_out", ...

struct GrantRequest {
  Principal principal;
  CameraId camera;
  std::string_view door;  // "whep", ...: for the ledger
};

struct Grant {
  ViewingId viewing;
  seal::Label label;
  std::map<StreamId, seal::Opener> openers;
  SteadyTime lease_until;
};

struct Renewal {
  SteadyTime lease_until;
  std::map<StreamId, seal::OpenerKeysPtr> keys;
};

/// Called once, from any thread, when the grant is revoked; must only post to the viewing's own loop.
using RevokedCall = std::move_only_function<void(EndReason)>;

}  // namespace jalousie::keeper
