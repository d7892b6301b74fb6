// What a decoder child answers, and what it is asked: what parses is within the limits, and reads back the
// same.
#include <cstdlib>

#include "base/limits.h"
#include "decode/message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace jalousie;
  const ByteView bytes(data, size);
  const decode::RequestHeader asked{.number = 7,
                                    .codec = decode::Codec::H264,
                                    .width = 640,
                                    .units = 10,
                                    .work_limit_ms = 2000,
                                    .bytes = 4000};
  if (const auto answer = decode::AnswerHeader::parse(bytes)) {
    if (answer->jpeg_bytes > limits::kStillJpegBytes) std::abort();
    if (std::uint64_t{answer->width} * answer->height > limits::kDecodedSamples) std::abort();
    if ((answer->jpeg_bytes != 0) != (answer->outcome == decode::Outcome::Picture)) std::abort();
    if (decode::AnswerHeader::parse(answer->encode())->encode() != answer->encode()) std::abort();
    if (decode::check_answer(*answer, asked) && answer->outcome == decode::Outcome::Picture &&
        (answer->unit >= asked.units || answer->width > asked.width || answer->number != asked.number)) {
      std::abort();
    }
  }
  if (const auto request = decode::RequestHeader::parse(bytes)) {
    if (request->bytes > limits::kStillUnitBytes || request->units > limits::kStillUnits) std::abort();
    if (decode::RequestHeader::parse(request->encode())->encode() != request->encode()) std::abort();
  }
  static_cast<void>(decode::looks_like_jpeg(bytes));
  return 0;
}
