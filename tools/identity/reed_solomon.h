// Reed-Solomon over GF(256): generator polynomial with the roots 2^0 .. 2^(parity-1), field polynomial
// x^8+x^4+x^3+x^2+1 (the one of QR codes, ISO/IEC 18004). For the short words of the identity code; nothing
// is precomputed but the field. The same in JavaScript: tests/browser/identity.mjs.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "base/bytes.h"

namespace jalousie::identity {

inline constexpr std::size_t kWordBytes = 32;  // longest word that is taken

/// Fills the last `parity` bytes of `word` (at most kWordBytes long) from those before them.
void add_parity(MutableBytes word, std::size_t parity);

/// Repairs `word` in place. `erased` are positions known to be bad. Returns how many further bytes it
/// changed, or nothing where 2 * errors + erasures would exceed `parity`; then `word` is as it was.
std::optional<std::size_t> repair(MutableBytes word, std::size_t parity,
                                  std::span<const std::size_t> erased = {});

}  // namespace jalousie::identity
