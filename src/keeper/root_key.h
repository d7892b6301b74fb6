// The root key: 32 random bytes that wrap every home's key. In its own file (mode 0600), apart from the data,
// or given by systemd as the credential "jalousie-root-key". Without it the data is of no use, so the two are
// never kept in one backup.
#pragma once

#include <string>

#include "base/random.h"
#include "base/result.h"
#include "crypto/secret.h"

namespace jalousie::keeper {

inline constexpr std::size_t kRootKeyBytes = 32;

class RootKey {
 public:
  explicit RootKey(crypto::Secret<kRootKeyBytes> secret) : secret_(std::move(secret)) {}
  ByteView view() const { return secret_.view(); }

 private:
  crypto::Secret<kRootKeyBytes> secret_;
};

/// $CREDENTIALS_DIRECTORY/jalousie-root-key when that file is there, else `configured`.
std::string root_key_path(const std::string& configured);

/// Reads the key's file: 64 hex digits. NotFound when there is none, PermissionDenied when others than its
/// owner may read or write it, InvalidArgument when it does not hold a key. The messages say what to do.
Result<RootKey> load_root_key(const std::string& path);

/// Makes a new key in a new file (0600), and the folders to it (0700). AlreadyExists when the file is there.
Result<RootKey> create_root_key(const std::string& path, RandomSource& random);

/// load, or where there is neither a key nor any data sealed under one, create.
Result<RootKey> load_or_create_root_key(const std::string& path, bool data_is_empty, RandomSource& random);

}  // namespace jalousie::keeper
