// What the server and a decoder child say to each other over their socket: one request, one answer, at a
// time. All numbers are big endian. Pure; compiled into both sides.
//
//   request                                     answer
//    0 magic "JDQ1"         4 number             0 magic "JDA1"        4 number
//    8 codec(1)  9 zero(1) 10 width(2; 0 native) 8 outcome(1) 9 flags(1) 10 unit(2)
//   12 units(2) 14 work limit, ms(2)            12 width(2) 14 height(2)
//   16 bytes that follow(4)                     16 bytes of JPEG that follow(4)
//   20 then per unit: length(4), bytes          20 then the JPEG
//
// A unit is an access unit (codec/access_unit.h: length-prefixed NAL units); of MJPEG, one JPEG. The first is
// a key frame. The first answer of a child, number 0, says Ready: its compartment is closed.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"

namespace jalousie::decode {

enum class Codec : std::uint8_t { H264 = 1, H265 = 2, Mjpeg = 3 };

enum class Outcome : std::uint8_t {
  Picture = 1,
  NoPicture = 2,    // nothing undamaged came out
  TooLarge = 3,     // more samples than limits::kDecodedSamples, or more JPEG than limits::kStillJpegBytes
  Unsupported = 4,  // the decoder has no such codec
  Ready = 16,
};

inline constexpr std::size_t kMessageHeaderBytes = 20;

struct RequestHeader {
  std::uint32_t number = 0;
  Codec codec = Codec::H264;
  std::uint16_t width = 0;  // of the JPEG, at most; 0: as it is
  std::uint16_t units = 0;
  std::uint16_t work_limit_ms = 0;
  std::uint32_t bytes = 0;  // all units with their lengths

  std::array<std::uint8_t, kMessageHeaderBytes> encode() const;
  /// InvalidArgument where a field is out of its bounds (base/limits.h).
  static Result<RequestHeader> parse(ByteView bytes);
};

/// Bits of AnswerHeader::flags. Of a picture:
inline constexpr std::uint8_t kFlagRetiring = 1;  // the child ends after this answer
/// Of Ready: which fences stand beside seccomp and the limits, which always do.
inline constexpr std::uint8_t kFlagNamespaces = 1;
inline constexpr std::uint8_t kFlagEmptyRoot = 2;
inline constexpr std::uint8_t kFlagUnprivileged = 4;

struct AnswerHeader {
  std::uint32_t number = 0;
  Outcome outcome = Outcome::NoPicture;
  std::uint8_t flags = 0;
  std::uint16_t unit = 0;  // which unit the picture is of
  std::uint16_t width = 0;
  std::uint16_t height = 0;
  std::uint32_t jpeg_bytes = 0;

  std::array<std::uint8_t, kMessageHeaderBytes> encode() const;
  /// InvalidArgument for what no request can have for an answer: another magic, outcome or flag, a size over
  /// its limit, a picture without bytes or bytes without a picture.
  static Result<AnswerHeader> parse(ByteView bytes);
};

/// Whether `answer` can be that of `request`: InvalidArgument says what is wrong with it.
Result<> check_answer(const AnswerHeader& answer, const RequestHeader& request);
/// Begins and ends as a JPEG does.
bool looks_like_jpeg(ByteView bytes);

}  // namespace jalousie::decode
