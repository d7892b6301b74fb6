// RTP packets: RFC 3550 section 5.1, header extensions of RFC 3550 section 5.3.1 and RFC 8285 stepped over.
// Views borrow from the datagram or interleaved frame; writing goes into memory of the caller.
//
//     0                   1                   2                   3
//     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//    |V=2|P|X|  CC   |M|     PT      |       sequence number         |
//    |                           timestamp                           |
//    |                             SSRC                              |
//    |               CSRC (CC times), extension (if X)               |
//    |         payload ...           | padding, its length (if P)    |
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace jalousie::rtp {

inline constexpr std::size_t kHeaderBytes = 12;

struct PacketHeader {
  bool marker = false;
  std::uint8_t payload_type = 0;  // 0 to 127
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;
  std::uint32_t ssrc = 0;
};

struct PacketView : PacketHeader {
  std::size_t header_bytes = kHeaderBytes;  // with CSRCs and the extension: where the payload begins
  ByteView payload;                         // without padding; may be empty

  /// InvalidArgument where it is no RTP packet of version 2, or its lengths do not fit.
  static Result<PacketView> parse(ByteView packet);
};

/// A header without CSRCs and extension.
void write_header(ByteWriter& writer, const PacketHeader& header);

/// Where RTP and RTCP share a port: RFC 5761 section 4, packet types 192 to 223 are RTCP.
bool is_rtcp(ByteView packet);

}  // namespace jalousie::rtp
