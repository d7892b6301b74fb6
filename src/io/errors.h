// errno as an Error. Private to io.
#pragma once

#include <source_location>
#include <string_view>

#include "base/result.h"

namespace jalousie::io {

/// "`context`: connection refused" with the kind that fits `code`; what has no plain words gets the system's.
std::unexpected<Error> fail_errno(int code, std::string_view context,
                                  std::source_location where = std::source_location::current());

}  // namespace jalousie::io
