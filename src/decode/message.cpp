#include "decode/message.h"

#include "base/limits.h"

namespace jalousie::decode {

namespace {

constexpr std::uint32_t kRequestMagic = 0x4A44'5131;  // "JDQ1"
constexpr std::uint32_t kAnswerMagic = 0x4A44'4131;   // "JDA1"
constexpr std::size_t kUnitLengthBytes = 4;

bool is_codec(std::uint8_t code) {
  return code >= static_cast<std::uint8_t>(Codec::H264) && code <= static_cast<std::uint8_t>(Codec::Mjpeg);
}

std::unexpected<Error> malformed(const char* what) { return fail(ErrorKind::InvalidArgument, what); }

Result<> check_shape(const AnswerHeader& answer) {
  const std::uint64_t samples = std::uint64_t{answer.width} * answer.height;
  switch (answer.outcome) {
    case Outcome::Picture:
      if (answer.flags > kFlagRetiring) return malformed("decoder's answer: unknown flag");
      if (answer.number == 0) return malformed("decoder's answer: a picture that nobody asked for");
      if (samples == 0 || samples > limits::kDecodedSamples)
        return malformed("decoder's answer: impossible size");
      // Start, frame header, end: no JPEG is shorter than this.
      if (answer.jpeg_bytes < 4 || answer.jpeg_bytes > limits::kStillJpegBytes)
        return malformed("decoder's answer: impossible length");
      return {};
    case Outcome::NoPicture:
    case Outcome::TooLarge:
    case Outcome::Unsupported:
    case Outcome::Ready:
      break;
    default:
      return malformed("decoder's answer: unknown outcome");
  }
  const bool ready = answer.outcome == Outcome::Ready;
  if (ready != (answer.number == 0)) return malformed("decoder's answer: out of turn");
  if (answer.flags > (ready ? kFlagNamespaces | kFlagEmptyRoot | kFlagUnprivileged : kFlagRetiring))
    return malformed("decoder's answer: unknown flag");
  if (samples != 0 || answer.jpeg_bytes != 0 || answer.unit != 0)
    return malformed("decoder's answer: a picture where there is none");
  return {};
}

}  // namespace

std::array<std::uint8_t, kMessageHeaderBytes> RequestHeader::encode() const {
  std::array<std::uint8_t, kMessageHeaderBytes> bytes_out{};
  ByteWriter writer(bytes_out);
  writer.u32(kRequestMagic);
  writer.u32(number);
  writer.u8(static_cast<std::uint8_t>(codec));
  writer.u8(0);
  writer.u16(width);
  writer.u16(units);
  writer.u16(work_limit_ms);
  writer.u32(bytes);
  return bytes_out;
}

Result<RequestHeader> RequestHeader::parse(ByteView bytes_in) {
  ByteReader reader(bytes_in);
  const std::uint32_t magic = reader.u32();
  RequestHeader header;
  header.number = reader.u32();
  const std::uint8_t code = reader.u8();
  const std::uint8_t zero = reader.u8();
  header.width = reader.u16();
  header.units = reader.u16();
  header.work_limit_ms = reader.u16();
  header.bytes = reader.u32();
  if (!reader.ok() || magic != kRequestMagic || zero != 0 || !is_codec(code))
    return malformed("request: not one");
  header.codec = static_cast<Codec>(code);
  if (header.number == 0 || header.units == 0 || header.units > limits::kStillUnits)
    return malformed("request: no such number of units");
  if (header.bytes < header.units * kUnitLengthBytes || header.bytes > limits::kStillUnitBytes)
    return malformed("request: impossible length");
  return header;
}

std::array<std::uint8_t, kMessageHeaderBytes> AnswerHeader::encode() const {
  std::array<std::uint8_t, kMessageHeaderBytes> bytes_out{};
  ByteWriter writer(bytes_out);
  writer.u32(kAnswerMagic);
  writer.u32(number);
  writer.u8(static_cast<std::uint8_t>(outcome));
  writer.u8(flags);
  writer.u16(unit);
  writer.u16(width);
  writer.u16(height);
  writer.u32(jpeg_bytes);
  return bytes_out;
}

Result<AnswerHeader> AnswerHeader::parse(ByteView bytes_in) {
  ByteReader reader(bytes_in);
  const std::uint32_t magic = reader.u32();
  AnswerHeader header;
  header.number = reader.u32();
  header.outcome = static_cast<Outcome>(reader.u8());
  header.flags = reader.u8();
  header.unit = reader.u16();
  header.width = reader.u16();
  header.height = reader.u16();
  header.jpeg_bytes = reader.u32();
  if (!reader.ok() || magic != kAnswerMagic) return malformed("decoder's answer: not one");
  TRY_VOID(check_shape(header));
  return header;
}

Result<> check_answer(const AnswerHeader& answer, const RequestHeader& request) {
  if (answer.number != request.number) return malformed("decoder's answer: to another request");
  if (answer.outcome == Outcome::Ready) return malformed("decoder's answer: out of turn");
  if (answer.outcome != Outcome::Picture) return {};
  if (answer.unit >= request.units) return malformed("decoder's answer: of a unit that it was not sent");
  if (request.width != 0 && answer.width > request.width)
    return malformed("decoder's answer: larger than asked for");
  return {};
}

bool looks_like_jpeg(ByteView bytes) {
  // ITU-T T.81 table B.1: SOI is FF D8, EOI is FF D9.
  return bytes.size() >= 4 && bytes[0] == 0xFF && bytes[1] == 0xD8 && bytes[bytes.size() - 2] == 0xFF &&
         bytes[bytes.size() - 1] == 0xD9;
}

}  // namespace jalousie::decode
