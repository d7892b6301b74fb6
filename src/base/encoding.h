// Bytes as text: hex, Base64 (RFC 4648 sections 4 and 5).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace jalousie {

std::string encode_hex(ByteView bytes);  // lower case
std::optional<Buffer> decode_hex(
    std::string_view text);  // either case; nothing on an odd length or another character

std::string encode_base64(ByteView bytes);                   // padded
std::optional<Buffer> decode_base64(std::string_view text);  // padding may be missing (cameras leave it out)
std::string encode_base64url(ByteView bytes);                // not padded
std::optional<Buffer> decode_base64url(std::string_view text);

}  // namespace jalousie
