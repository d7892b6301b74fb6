#include "base/ids.h"

#include <fmt/format.h>

#include "base/encoding.h"

namespace jalousie::ids_detail {

Result<std::array<std::uint8_t, 16>> parse_hex(std::string_view text, std::string_view what) {
  std::array<std::uint8_t, 16> bytes{};
  const auto decoded = text.size() == 32 ? decode_hex(text) : std::nullopt;
  if (!decoded) return fail(ErrorKind::InvalidArgument, fmt::format("{}: expected 32 hex digits", what));
  std::copy(decoded->begin(), decoded->end(), bytes.begin());
  return bytes;
}

std::string to_hex(const std::array<std::uint8_t, 16>& bytes) { return encode_hex(bytes); }

}  // namespace jalousie::ids_detail
