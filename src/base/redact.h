// Camera URLs as they may be shown and logged. Many cameras want their name and password in the URL itself,
// in its query (`/live?user=admin&password=...`) or in its path (`/user=admin_password=..._channel=1.sdp`, as
// those of Xiongmai do): what may hold them is left out.
#pragma once

#include <string>
#include <string_view>

namespace jalousie {

/// Scheme, host and port, and the path as far as it holds nothing that looks like credentials; never a query,
/// a fragment, or what stands before an '@'. A part of the path that was left out, and all behind it, is
/// `***`.
std::string without_secrets(std::string_view url);

}  // namespace jalousie
