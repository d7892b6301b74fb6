// What a video block holds in the clear: the NAL units of one access unit in decoding order, each behind its
// length as 32 bits big-endian, without start codes (the sample format of ISO/IEC 14496-15 with 4-byte
// lengths).
//
//     +--------+-----------+--------+-----------+ ...
//     | length | NAL unit  | length | NAL unit  |
//     +--------+-----------+--------+-----------+
//
// A unit that is passed on has slices, SEI and parameter sets only. A key frame always begins with its
// parameter sets (SPS and PPS; of H.265 VPS, SPS and PPS), so that every key frame stands alone. Bounded by
// limits::kAccessUnitBytes and limits::kNalUnitsPerAccessUnit.
#pragma once

#include <cstddef>
#include <iterator>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/wiped_buffer.h"

namespace jalousie::codec {

inline constexpr std::size_t kLengthBytes = 4;

/// The NAL units of a unit, borrowed from it, without their lengths:
///
///   for (const ByteView nal : NalUnits(unit)) ...
///
/// Ends at the first length that does not fit; check_access_unit() tells whether all do.
class NalUnits {
 public:
  class iterator {
   public:
    using iterator_concept = std::forward_iterator_tag;
    using difference_type = std::ptrdiff_t;
    using value_type = ByteView;

    iterator() = default;
    ByteView operator*() const { return nal_; }
    iterator& operator++() {
      advance();
      return *this;
    }
    iterator operator++(int) {
      iterator before = *this;
      advance();
      return before;
    }
    bool operator==(const iterator& other) const { return nal_.data() == other.nal_.data(); }

   private:
    friend class NalUnits;
    explicit iterator(ByteView unit) : rest_(unit) { advance(); }
    void advance();

    ByteView nal_;  // no data at the end
    ByteView rest_;
  };

  explicit NalUnits(ByteView unit) : unit_(unit) {}
  iterator begin() const { return iterator(unit_); }
  iterator end() const { return {}; }

 private:
  ByteView unit_;
};

/// InvalidArgument where a length is zero or reaches past the end; ResourceExhausted above the limits.
Result<> check_access_unit(ByteView unit);

/// Puts a unit together, NAL by NAL or fragment by fragment, in memory that it keeps for the next one and
/// wipes when it goes. Zero bytes at the end of a NAL unit are no part of it (clause 7.4.1) and are left out.
class AccessUnitWriter {
 public:
  /// Forgets the unit, keeps the memory.
  void clear();
  /// A whole NAL unit with its header. ResourceExhausted over a limit, and the unit is as before; an empty
  /// one is nothing. No fragment may be open.
  Result<> append(ByteView nal);

  /// In fragments: begin() with the header byte, extend(), end(). On an error the fragment is gone.
  Result<> begin(std::uint8_t header);
  Result<> extend(ByteView more);
  void end();
  bool is_open() const { return open_; }
  /// What there is of the NAL unit that is open.
  ByteView open_nal() const;
  /// Takes the NAL unit that is open away again.
  void abandon();

  ByteView view() const { return bytes_.view(); }
  std::size_t nal_units() const { return nal_units_; }
  bool empty() const { return bytes_.empty(); }

 private:
  WipedBuffer bytes_;
  std::size_t nal_units_ = 0;
  std::size_t open_at_ = 0;  // where the length of the open NAL unit stands
  bool open_ = false;
};

namespace h264 {

/// Has an IDR slice: decoding can start here, once the parameter sets are known.
bool is_key_frame(ByteView unit);
/// Has at least one SPS and one PPS.
bool has_parameter_sets(ByteView unit);
/// No NAL unit of it is referred to by another picture (nal_ref_idc 0 in all slices). False where there is no
/// slice.
bool is_disposable(ByteView unit);
/// Has a slice that may predict from two pictures. Proves B-frames where Sps::reorders() leaves it open.
bool has_b_slices(ByteView unit);
/// `sps`, `pps`, then all of `unit` but the parameter sets that it has.
Buffer with_parameter_sets(ByteView unit, ByteView sps, ByteView pps);

}  // namespace h264

namespace h265 {

/// Is a random access point (IDR, BLA, CRA): decoding can start here, once the parameter sets are known, but
/// for pictures that is_rasl_picture() is true of.
bool is_key_frame(ByteView unit);
/// Refers to pictures before the key frame before it: cannot be decoded by who began there (RASL).
bool is_rasl_picture(ByteView unit);

}  // namespace h265
}  // namespace jalousie::codec
