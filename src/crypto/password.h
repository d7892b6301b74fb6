// Passwords at rest: Argon2id (RFC 9106) by libsodium, as a PHC string that carries its own cost and salt.
// One call takes the memory of its cost and, at the default cost, 0.1 s or more: the caller bounds how many
// run at once, and runs them off the event loops.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"

namespace jalousie::crypto {

struct Argon2Cost {
  std::uint32_t memory_kib = 64 * 1024;
  std::uint32_t passes = 3;

  friend bool operator==(const Argon2Cost&, const Argon2Cost&) = default;
};

/// "$argon2id$v=19$m=65536,t=3,p=1$salt$hash". ResourceExhausted when the memory cannot be had.
Result<std::string> hash_password(std::string_view password, RandomSource& random, Argon2Cost cost = {});

/// Also false for a hash that is not one of ours.
[[nodiscard]] bool verify_password(const std::string& hash, std::string_view password);

/// Whether `hash` was made at another cost, and is due to be made again at the next sign-in.
bool needs_rehash(std::string_view hash, Argon2Cost cost = {});

}  // namespace jalousie::crypto
