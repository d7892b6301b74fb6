// CRC-32 as Ethernet and zlib have it (ISO 3309, polynomial 0x04C11DB7 reflected): for STUN's FINGERPRINT
// (RFC 8489 section 14.7). Finds accidents, not attackers.
#pragma once

#include "base/bytes.h"

namespace jalousie {

std::uint32_t crc32(ByteView bytes) noexcept;

}  // namespace jalousie
