// Which passwords are taken. Length is what counts (NIST SP 800-63B section 5.1.1.2): no rules about kinds of
// characters, but none that stands on every list.
#pragma once

#include <string_view>

#include "base/result.h"

namespace jalousie::keeper {

/// InvalidArgument, with words for people, when it is too short, too long, well known, or the account's own
/// name.
Result<> check_password(std::string_view password, std::string_view account_name);

}  // namespace jalousie::keeper
