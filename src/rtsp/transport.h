// The headers that set a session up: Transport (RFC 2326 section 12.39), Session (12.37) and RTP-Info
// (12.33), read and written, for client and server.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"

namespace jalousie::rtsp {

/// Two ports, or two channels: RTP and RTCP. One that was written alone has the next number as its second.
struct Pair {
  std::uint16_t rtp = 0;
  std::uint16_t rtcp = 0;
  friend bool operator==(const Pair&, const Pair&) = default;
};

/// One way offered or chosen. Parameters that it does not know are left out.
struct Transport {
  bool tcp = false;     // RTP/AVP/TCP; else RTP/AVP or RTP/AVP/UDP
  bool unicast = true;  // servers take a missing word as multicast by the letter; clients mean unicast
  std::optional<Pair> interleaved;
  std::optional<Pair> client_port;
  std::optional<Pair> server_port;
  std::string source;       // address
  std::string destination;  // address
  std::optional<std::uint32_t> ssrc;
  std::string mode;  // "PLAY", unquoted; empty when not said

  friend bool operator==(const Transport&, const Transport&) = default;
};

/// All alternatives that are RTP/AVP, in the order of preference; others (RTP/SAVP, RAW) are left out.
std::vector<Transport> parse_transport(std::string_view value);
std::string write(const Transport& transport);

/// `Session: id;timeout=60`.
struct SessionHeader {
  std::string id;
  Seconds timeout{60};  // section 12.37: the default
  friend bool operator==(const SessionHeader&, const SessionHeader&) = default;
};
std::optional<SessionHeader> parse_session(std::string_view value);
std::string write(const SessionHeader& session);

/// One stream of RTP-Info: where it starts.
struct RtpInfo {
  std::string url;
  std::optional<std::uint16_t> sequence;
  std::optional<std::uint32_t> rtp_time;
  friend bool operator==(const RtpInfo&, const RtpInfo&) = default;
};
std::vector<RtpInfo> parse_rtp_info(std::string_view value);
std::string write(const std::vector<RtpInfo>& streams);

}  // namespace jalousie::rtsp
