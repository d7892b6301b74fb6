// JAL_ASSERT: for our own mistakes only (preconditions, states, lengths). Always on; prints where and ends
// the process, since a server whose own invariants are broken must not go on handing out pictures. Malformed
// remote input is a Result, never an assertion.
#pragma once

namespace jalousie {

[[noreturn]] void assertion_failed(const char* expression, const char* file, int line) noexcept;

}  // namespace jalousie

#define JAL_ASSERT(expression)                        \
  (__builtin_expect(static_cast<bool>(expression), 1) \
       ? static_cast<void>(0)                         \
       : ::jalousie::assertion_failed(#expression, __FILE__, __LINE__))
