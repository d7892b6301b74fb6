// The ledger: who was given which pictures, who signed in, who changed whose rights. Append-only. An entry is
// durable before append() returns, and the keeper lets no key out before that, so the ledger holds a superset
// of all who could have seen anything. Calls wait for a disk: make them on io::Workers. Every call is safe
// from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"

namespace jalousie::ledger {

enum class EntryKind : std::uint8_t {
  Grant = 1,         // keys for a viewing are about to leave
  Renewal = 2,       // its lease was renewed
  End = 3,           // the viewing ended: frames and bytes that were opened; detail: why
  Refusal = 4,       // a block was refused: an alarm; detail: which wall, and whose block it was
  SignIn = 5,        // detail: how
  RightsChange = 6,  // detail: what
};
std::string_view to_string(EntryKind kind);  // "grant", ...

inline constexpr std::size_t kDoorBytes = 32;
inline constexpr std::size_t kDetailBytes = 512;

/// What does not apply stays nil. Holds no secret and no name.
struct Entry {
  EntryKind kind{};
  UtcTime at{};
  HomeId home;
  AccountId account;  // nil: the operator, by the command line
  SessionId session;
  CameraId camera;
  Tenure tenure{};
  ViewingId viewing;
  std::uint64_t frames = 0;
  std::uint64_t bytes = 0;
  std::string door;    // at most kDoorBytes
  std::string detail;  // at most kDetailBytes

  friend bool operator==(const Entry&, const Entry&) = default;
};

/// An entry in its place: the entries of one home are numbered from 1 without a gap.
struct Recorded {
  std::uint64_t sequence = 0;
  Entry entry;

  friend bool operator==(const Recorded&, const Recorded&) = default;
};

class Ledger {
 public:
  virtual ~Ledger() = default;
  /// Returns the entry's number once it is durable. InvalidArgument when a text is too long; Unavailable when
  /// the disk is full or failing: then the entry is not there, and what it was to permit must not happen.
  virtual Result<std::uint64_t> append(const Entry& entry) = 0;
  /// Up to `most` entries of the home, from number `from` on. DataLoss when one does not fit the chain.
  virtual Result<std::vector<Recorded>> read(HomeId home, std::uint64_t from, std::size_t most) = 0;
};

}  // namespace jalousie::ledger
