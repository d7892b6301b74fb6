// Comparison of secrets.
#pragma once

#include "base/bytes.h"

namespace jalousie::crypto {

/// Takes the same time wherever the two differ. Lengths are public: different ones are unequal at once.
bool constant_time_equal(ByteView a, ByteView b) noexcept;

}  // namespace jalousie::crypto
