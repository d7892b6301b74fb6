// Every bound on what a remote may make us hold, in one place, each with its reason. Parsers take them as
// constants; what an operator may change is in the configuration.
#pragma once

#include <cstddef>
#include <cstdint>

namespace jalousie::limits {

// One access unit: a 4K key frame at very high quality is below 4 MiB.
inline constexpr std::size_t kAccessUnitBytes = std::size_t{8} << 20;
// NAL units in one access unit: slices per picture are at most a few hundred at the highest levels (H.264
// table A-1).
inline constexpr std::size_t kNalUnitsPerAccessUnit = 512;
// A parameter set; real ones are below 200 bytes.
inline constexpr std::size_t kParameterSetBytes = 4096;
// How many of them a stream may have at once; cameras have one of each, encoders with several layers a few.
inline constexpr std::size_t kVpsPerStream = 4;
inline constexpr std::size_t kSpsPerStream = 4;
inline constexpr std::size_t kPpsPerStream = 16;
// Width or height of a picture: the highest levels allow 16880 (H.264 table A-1, level 6.2).
inline constexpr std::uint64_t kVideoSamples = 16'896;

// One frame of sound: AAC has 768 bytes a channel at most (ISO/IEC 14496-3, 4.5.3.1), an Opus packet below
// 7.5 KiB; G.711 is cut by its camera, and a second of it has 8000.
inline constexpr std::size_t kAudioFrameBytes = 8192;
inline constexpr std::size_t kAudioFramesPerPacket = 64;
inline constexpr std::uint32_t kAudioRate = 96'000;
inline constexpr std::uint8_t kAudioChannels = 8;
// An AudioSpecificConfig; real ones have 2 to 7 bytes.
inline constexpr std::size_t kAacConfigBytes = 64;

// RTP and RTCP: what one datagram, or one interleaved frame, may carry (its length field has 16 bits).
inline constexpr std::size_t kRtpPacketBytes = 65'535;
// Sequence numbers that one compound RTCP packet may ask for again; a receiver that lacks more needs a key
// frame.
inline constexpr std::size_t kNackSequences = 1024;
// RTCP packets in a compound one: an ordinary one has two or three.
inline constexpr std::size_t kRtcpPackets = 32;

// RTSP: a status line or header line, how many headers, and a body (an SDP of a many-track camera is below 8
// KiB).
inline constexpr std::size_t kRtspLineBytes = 4096;
inline constexpr std::size_t kRtspHeaders = 64;
inline constexpr std::size_t kRtspHeaderBytes = 16 * 1024;  // all header lines of a message
inline constexpr std::size_t kRtspBodyBytes = 64 * 1024;
inline constexpr std::size_t kSdpBytes = 64 * 1024;
inline constexpr std::size_t kSdpLines = 1000;
inline constexpr std::size_t kSdpMedia = 32;

// HTTP: RFC 9110 asks for at least 8000 octets of request line.
inline constexpr std::size_t kHttpHeaderBytes = 16 * 1024;
inline constexpr std::size_t kHttpTargetBytes = 8 * 1024;
inline constexpr std::size_t kHttpHeaders = 100;
inline constexpr std::size_t kHttpQueryFields = 64;
inline constexpr std::size_t kHttpBodyBytes = 256 * 1024;
// What a WebSocket's client may send: we expect control frames alone, which have at most 125 bytes, and a few
// of those between two pings of ours.
inline constexpr std::size_t kWebSocketMessageBytes = 4096;
inline constexpr std::size_t kWebSocketFramesPerPing = 64;
inline constexpr std::size_t kHttpConnections = 4096;
inline constexpr std::size_t kHttpConnectionsPerAddress = 256;

// A datagram that we read; ours are at most 1200 bytes of payload, STUN and DTLS stay below 1500.
inline constexpr std::size_t kDatagramBytes = 2048;

// Stills: what a decoder is sent for one picture. A GOP of 20 s at 30 a second; a key frame of the largest
// kind and 4 MiB behind it; a picture of a 12-megapixel camera with room; its JPEG.
inline constexpr std::size_t kStillUnits = 600;
inline constexpr std::size_t kStillUnitBytes = std::size_t{12} << 20;
inline constexpr std::size_t kDecodedSamples = std::size_t{16} << 20;
inline constexpr std::size_t kStillJpegBytes = std::size_t{8} << 20;
inline constexpr std::uint16_t kStillWidthLeast = 16;
// Requests that wait for one home's decoder, and children at once on one loop.
inline constexpr std::size_t kStillsWaitingPerHome = 8;
inline constexpr std::size_t kDecodersPerLoop = 16;
// Stills that all may have under way, each with up to kStillUnitBytes; those of one session, fewer than wait
// for its home's decoder; and how many a session may ask for: a wall of 32, then 5 a second.
inline constexpr std::size_t kStillsAtOnce = 128;
inline constexpr std::size_t kStillsAtOncePerSession = 6;
inline constexpr double kStillBurstPerSession = 32;
inline constexpr double kStillsPerSecondPerSession = 5;

inline constexpr std::size_t kHomesPerServer = 100'000;
inline constexpr std::size_t kCamerasPerHome = 256;
inline constexpr std::size_t kViewingsPerSession = 64;
inline constexpr std::size_t kViewingsPerHome = 512;
inline constexpr std::size_t kLateLedgerEntries =
    10'000;  // kept in memory while the ledger cannot be written
inline constexpr std::size_t kNameBytes = 100;
inline constexpr std::size_t kUrlBytes = 2048;

}  // namespace jalousie::limits
