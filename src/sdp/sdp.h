// Session descriptions (SDP, RFC 8866) as values, as cameras (RTSP, RFC 2326 appendix C) and browsers (JSEP,
// RFC 8829) write them. Tolerant: lines out of order, unknown lines, bare LF, empty lines, a trailing NUL and
// missing session lines are taken; what makes no sense at all (no media line that can be read, over a limit)
// is an error. Knows no attribute's meaning but those below; everything else is kept as text, in order. No
// sockets, no clocks, no threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace jalousie::sdp {

/// `a=name:value`, or `a=name` with an empty value. Names keep their case; values are trimmed of surrounding
/// blanks.
struct Attribute {
  std::string name;
  std::string value;
  friend bool operator==(const Attribute&, const Attribute&) = default;
};

/// Attributes of the session or of one media section, in the order they were written.
class Attributes {
 public:
  Attributes() = default;
  Attributes(std::initializer_list<Attribute> list) : list_(list) {}

  void add(std::string_view name, std::string_view value = {}) {
    list_.push_back({std::string(name), std::string(value)});
  }
  bool has(std::string_view name) const { return find(name).has_value(); }
  /// The first of that name, borrowed from here; names compare without case, since some cameras write
  /// `a=Control`.
  std::optional<std::string_view> find(std::string_view name) const;
  /// All of that name, borrowed from here.
  std::vector<std::string_view> find_all(std::string_view name) const;

  const std::vector<Attribute>& list() const { return list_; }
  friend bool operator==(const Attributes&, const Attributes&) = default;

 private:
  std::vector<Attribute> list_;
};

/// `o=` (section 5.2).
struct Origin {
  std::string username = "-";
  std::string session_id = "0";
  std::string session_version = "0";
  std::string network_type = "IN";
  std::string address_type = "IP4";
  std::string address = "0.0.0.0";
  friend bool operator==(const Origin&, const Origin&) = default;
};

/// `c=` (section 5.7). `address` without `/ttl`.
struct Connection {
  std::string network_type = "IN";
  std::string address_type = "IP4";
  std::string address;
  friend bool operator==(const Connection&, const Connection&) = default;
};

/// `b=` (section 5.8), in the unit of its type.
struct Bandwidth {
  std::string type;
  std::uint64_t value = 0;
  friend bool operator==(const Bandwidth&, const Bandwidth&) = default;
};

enum class Direction : std::uint8_t { SendRecv, SendOnly, RecvOnly, Inactive };
std::string_view to_string(Direction direction);  // "sendrecv", ...

/// `a=rtpmap:payload encoding/clock_rate[/channels]` (section 6.6).
struct RtpMap {
  std::uint8_t payload_type = 0;
  std::string encoding;  // as written; compare without case
  std::uint32_t clock_rate = 0;
  std::uint32_t channels = 1;
  friend bool operator==(const RtpMap&, const RtpMap&) = default;
};

/// `name=value` of a format's parameters, in order; a parameter without `=` has an empty value.
using FormatParameters = std::vector<std::pair<std::string, std::string>>;

/// One `m=` section (section 5.14).
struct Media {
  std::string kind;  // "video", "audio", "application"
  std::uint16_t port = 0;
  std::uint16_t port_count = 1;
  std::string protocol;  // "RTP/AVP", "UDP/TLS/RTP/SAVPF"
  std::vector<std::string> formats;
  std::string title;  // i=
  std::optional<Connection> connection;
  std::vector<Bandwidth> bandwidths;
  Attributes attributes;

  /// Where the RTP runs: from a=rtpmap, or for a payload type below 35 without one from RFC 3551 section 6.
  std::optional<RtpMap> rtpmap(std::uint8_t payload_type) const;
  /// Of every numeric entry in `formats` that has one, in that order.
  std::vector<RtpMap> rtpmaps() const;
  /// The text after `a=fmtp:<payload type> `.
  std::optional<std::string_view> fmtp(std::uint8_t payload_type) const;
  /// The same, split at `;`. Empty when there is none.
  FormatParameters format_parameters(std::uint8_t payload_type) const;
  std::optional<std::string_view> control() const { return attributes.find("control"); }
  std::optional<std::string_view> mid() const { return attributes.find("mid"); }

  friend bool operator==(const Media&, const Media&) = default;
};

struct Session {
  Origin origin;
  std::string name = "-";
  std::string information;
  std::optional<Connection> connection;
  std::vector<Bandwidth> bandwidths;
  Attributes attributes;
  std::vector<Media> media;

  std::optional<std::string_view> control() const { return attributes.find("control"); }
  /// Of one section: its own, else the session's, else sendrecv (section 6.7).
  Direction direction(const Media& of) const;

  friend bool operator==(const Session&, const Session&) = default;
};

/// InvalidArgument names the line that cannot be read; ResourceExhausted when over limits::kSdp*.
Result<Session> parse(std::string_view text);

/// With CRLF, times `t=0 0`. Text that holds a line end is cut there, so that no value can start a line of
/// its own.
std::string write(const Session& session);

/// The value of `name` (compared without case), borrowed from `parameters`.
std::optional<std::string_view> find(const FormatParameters& parameters, std::string_view name);
/// Splits `a=1;b=2` as in fmtp. Blanks around names and values go; values may hold `=`.
FormatParameters parse_format_parameters(std::string_view text);

}  // namespace jalousie::sdp
