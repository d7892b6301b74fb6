// The header of an H.265 NAL unit, two bytes: ITU-T H.265 (08/2021) clause 7.3.1.2 and table 7-1.
//
//     0                   1
//     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
//    |F|   type    |  layer id | TID |
#pragma once

#include "base/bytes.h"

namespace jalousie::codec::h265 {

inline constexpr std::size_t kNalHeaderBytes = 2;

/// nal_unit_type; the named ones are those that we look at. Types 0 to 15 are pictures that are not random
/// access points: even numbers up to 14 are of pictures that none of the same sub-layer refers to.
enum class NalType : std::uint8_t {
  RaslN = 8,  // leading pictures that refer to what came before their random access point
  RaslR = 9,
  BlaWLp = 16,
  BlaNLp = 18,
  IdrWRadl = 19,
  IdrNLp = 20,
  Cra = 21,
  Vps = 32,
  Sps = 33,
  Pps = 34,
  EndOfSequence = 36,
  PrefixSei = 39,
};

constexpr NalType nal_type(std::uint8_t first_byte) { return static_cast<NalType>(first_byte >> 1 & 0x3F); }

/// Of a NAL unit with its header, or its first bytes. Not valid where it is shorter than that, or says what a
/// header may not (the forbidden bit, no temporal id).
struct NalHeader {
  NalType type{};
  unsigned layer_id = 0;
  unsigned temporal_id = 0;
  bool is_valid = false;

  explicit NalHeader(ByteView nal) {
    if (nal.size() < kNalHeaderBytes) return;
    const unsigned temporal_id_plus1 = nal[1] & 7U;
    type = nal_type(nal[0]);
    layer_id = (nal[0] & 1U) << 5 | nal[1] >> 3;
    temporal_id = temporal_id_plus1 - 1;
    is_valid = (nal[0] & 0x80) == 0 && temporal_id_plus1 != 0;
  }
};

/// Coded picture data of the base layer. Pictures of further layers (annexes F to I), which no camera sends,
/// decoders of the profiles that players have leave out.
constexpr bool is_picture_data(const NalHeader& header) {
  const bool is_coded =
      header.type <= NalType::RaslR || (header.type >= NalType::BlaWLp && header.type <= NalType::Cra);
  return header.is_valid && header.layer_id == 0 && is_coded;
}
/// A picture at which decoding can start: IDR, BLA or CRA. Of picture data.
constexpr bool is_random_access(NalType type) { return type >= NalType::BlaWLp && type <= NalType::Cra; }
constexpr bool is_broken_link(NalType type) { return type >= NalType::BlaWLp && type <= NalType::BlaNLp; }
/// Cannot be decoded by who began at the random access point before it. Of picture data.
constexpr bool is_rasl(NalType type) { return type == NalType::RaslN || type == NalType::RaslR; }
/// No other picture refers to it, in a stream of `sub_layers`: those above may refer to any below them.
constexpr bool is_unreferred(const NalHeader& header, unsigned sub_layers) {
  const auto type = static_cast<unsigned>(header.type);
  return type < 16 && type % 2 == 0 && header.temporal_id + 1 >= sub_layers;
}
constexpr bool is_parameter_set(NalType type) { return type >= NalType::Vps && type <= NalType::Pps; }

/// What a unit keeps: picture data, parameter sets, and SEI in front of pictures. SEI behind pictures holds
/// checksums; the rest is framing, or of extensions that decoders must ignore.
constexpr bool is_kept(const NalHeader& header) {
  if (is_picture_data(header)) return true;
  return header.is_valid && header.layer_id == 0 &&
         (is_parameter_set(header.type) || header.type == NalType::PrefixSei);
}

}  // namespace jalousie::codec::h265
