// The header byte of an H.264 NAL unit: ITU-T H.264 (08/2021) clause 7.3.1 and table 7-1.
#pragma once

#include "base/bytes.h"

namespace jalousie::codec::h264 {

/// nal_unit_type; the named ones are those that we look at.
enum class NalType : std::uint8_t {
  Slice = 1,  // of a picture that is not IDR
  PartitionA = 2,
  PartitionB = 3,
  PartitionC = 4,
  IdrSlice = 5,
  Sei = 6,
  Sps = 7,
  Pps = 8,
  AccessUnitDelimiter = 9,
  EndOfSequence = 10,
  EndOfStream = 11,
  Filler = 12,
};

constexpr NalType nal_type(std::uint8_t header) { return static_cast<NalType>(header & 0x1F); }
constexpr unsigned nal_ref_idc(std::uint8_t header) { return header >> 5 & 3U; }

/// Of a NAL unit with its header; type 0, which no stream has, where `nal` is empty.
inline NalType nal_type(ByteView nal) { return nal.empty() ? NalType{} : nal_type(nal[0]); }

/// Holds coded picture data (a VCL NAL unit of the primary picture).
constexpr bool is_picture_data(NalType type) { return type >= NalType::Slice && type <= NalType::IdrSlice; }
/// Has a slice header at its start.
constexpr bool has_slice_header(NalType type) {
  return type == NalType::Slice || type == NalType::PartitionA || type == NalType::IdrSlice;
}
constexpr bool is_parameter_set(NalType type) { return type == NalType::Sps || type == NalType::Pps; }

/// What a unit keeps: picture data, SEI and parameter sets. Delimiters and filler are framing; what
/// extensions add (types 13 to 21) the decoders of the profiles that browsers have must ignore; the rest is
/// reserved.
constexpr bool is_kept(NalType type) { return type >= NalType::Slice && type <= NalType::Pps; }

}  // namespace jalousie::codec::h264
