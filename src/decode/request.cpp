#include "decode/request.h"

#include "base/limits.h"

namespace jalousie::decode {

bool Request::add(ByteView unit) {
  constexpr std::size_t kLengthBytes = 4;
  if (units_ >= limits::kStillUnits || unit.size() > limits::kStillUnitBytes ||
      bytes_.size() + kLengthBytes + unit.size() > limits::kStillUnitBytes) {
    return false;
  }
  ByteWriter(bytes_.extend(kLengthBytes)).u32(static_cast<std::uint32_t>(unit.size()));
  bytes_.append(unit);
  ++units_;
  return true;
}

RequestHeader Request::header(std::uint32_t number, Milliseconds work_limit) const {
  return {.number = number,
          .codec = codec_,
          .width = width_,
          .units = units_,
          .work_limit_ms = static_cast<std::uint16_t>(work_limit.count()),
          .bytes = static_cast<std::uint32_t>(bytes_.size())};
}

}  // namespace jalousie::decode
