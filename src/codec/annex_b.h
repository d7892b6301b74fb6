// Byte streams with start codes: ITU-T H.264 (08/2021) and H.265 (08/2021) annex B. For files, tools, and
// cameras that leave start codes in what they send. Borrowing, no I/O.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/access_unit.h"

namespace jalousie::codec {

/// The NAL units of a byte stream that is here as a whole (annex B.1): split at 00 00 01, zero bytes behind
/// them left out. What stands before the first start code is a NAL unit, too, so that bytes without any start
/// code are one.
class AnnexBNals {
 public:
  explicit AnnexBNals(ByteView stream) : rest_(stream) {}
  std::optional<ByteView> next();

 private:
  ByteView rest_;
};

/// Offset of the first 00 00 01 in `bytes`; its size where there is none.
std::size_t find_start_code(ByteView bytes);

namespace h264 {

/// The access units of a byte stream that is here as a whole, in the format of access_unit.h. A unit begins
/// at the first delimiter, SEI, parameter set or slice with first_mb 0 after a slice (clause 7.4.1.2.3;
/// streams with arbitrary slice order or redundant pictures, which no camera sends, are not told apart).
class AnnexBUnits {
 public:
  explicit AnnexBUnits(ByteView stream) : nals_(stream) {}
  /// The next unit, good until the next call; empty at the end. ResourceExhausted where one is over the
  /// limits.
  Result<ByteView> next();

 private:
  AnnexBNals nals_;
  std::optional<ByteView> held_;  // the first NAL unit of the next unit
  AccessUnitWriter writer_;
};

}  // namespace h264
}  // namespace jalousie::codec
