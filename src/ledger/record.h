// One record of the ledger's file, as bytes. Sans I/O; big endian.
//
//   file    0 magic "JLEDGER1"  8 random (24): the first 32 bytes, which the first record is chained to
//   record  0 length of payload (4)  4 payload  .. hash (32)
//           hash = SHA-256(hash of the record before || length || payload)
//   payload 0 kind(1)  1 sequence(8)  9 at_us(8)  17 home(16)  33 account(16)  49 session(16)
//           65 camera(16)  81 tenure(8)  89 viewing(16)  105 frames(8)  113 bytes(8)
//           121 length of door(1)  door  length of detail(2)  detail
//
// A later Merkle log takes these records as its leaves. What the chain alone shows: a record that was
// altered, removed or slipped in before others. What it cannot show: records cut off at the end; checkpoints
// do, for as long as they are not cut off too.
#pragma once

#include <array>
#include <optional>

#include "base/bytes.h"
#include "ledger/ledger.h"

namespace jalousie::ledger {

using ChainHash = std::array<std::uint8_t, 32>;

inline constexpr std::size_t kFileHeaderBytes = 32;
inline constexpr std::string_view kFileMagic = "JLEDGER1";
inline constexpr std::size_t kFixedPayloadBytes = 124;
inline constexpr std::size_t kMaxRecordBytes = 4 + kFixedPayloadBytes + kDoorBytes + kDetailBytes + 32;

/// Appends the record to `target` and moves `chain` on to it.
void encode_record(const Recorded& recorded, ChainHash& chain, Buffer& target);

enum class RecordState : std::uint8_t {
  Good,
  Truncated,  // the bytes end inside it
  Broken,     // it is none, or not the one that follows `chain`
};

struct ParsedRecord {
  RecordState state = RecordState::Broken;
  std::size_t bytes = 0;  // of a good one: its length
  Recorded recorded;
  ChainHash chain{};  // of a good one: the chain after it
};

ParsedRecord parse_record(ByteView bytes, const ChainHash& chain);
/// The length of a record that begins like this, whether it is a good one or not; 0: none begins so.
std::size_t record_length(ByteView bytes);

}  // namespace jalousie::ledger
