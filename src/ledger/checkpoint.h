// A checkpoint: how far the ledger is known to be good, and what has to be known to go on from there. Sans
// I/O; big endian.
//
//   0 magic "JCHECKP1"  8 length of all (4)  12 homes (4)  16 the ledger's first bytes (32)
//  48 end: bytes of the ledger that it speaks of (8)  56 hash of the last record before that end (32)
//  88 per home, in order of their ids: id (16), entries (8)
//  .. SHA-256 of all before (32)  length of all again (4): so that a file of them can be read from its end
//
// The hash at its end shows damage, not forgery: whoever can write the file can make another one. A later
// version (another magic) is to carry the Merkle tree's frontier and a signature.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "ledger/record.h"

namespace jalousie::ledger {

struct Checkpoint {
  ChainHash ledger{};  // its first 32 bytes
  std::uint64_t end = kFileHeaderBytes;
  ChainHash chain{};
  std::vector<std::pair<HomeId, std::uint64_t>> entries;  // by home, in order

  std::uint64_t entries_of(HomeId home) const;

  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

inline constexpr std::size_t kCheckpointStartBytes = 12;  // magic and length
inline constexpr std::size_t kCheckpointEndBytes = 4;     // the length again
inline constexpr std::size_t kCheckpointHomeBytes = 24;
inline constexpr std::size_t kCheckpointBytes = 88 + 32 + kCheckpointEndBytes;  // without a home

Buffer encode_checkpoint(const Checkpoint& checkpoint);
/// Of exactly one checkpoint; none when it is damaged.
std::optional<Checkpoint> parse_checkpoint(ByteView bytes);
/// The length that its first kCheckpointStartBytes give; none when they begin no checkpoint.
std::optional<std::size_t> checkpoint_length(ByteView start);

}  // namespace jalousie::ledger
