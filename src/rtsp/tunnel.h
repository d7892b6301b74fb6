// RTSP over HTTP, as Apple's QuickTime made it and cameras speak it (also ONVIF Streaming section 5.1.1): one
// GET whose answer never ends carries what the camera says, one POST whose body never ends carries what the
// client says, in Base64. Both name the same x-sessioncookie.
//
//   GET /path HTTP/1.0              POST /path HTTP/1.0
//   x-sessioncookie: C              x-sessioncookie: C
//   Accept: application/x-rtsp-tunnelled      Content-Type: application/x-rtsp-tunnelled
//
// Both ends, without sockets. Not done: a second POST after the first one's Content-Length, which no server
// that we met counts.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"
#include "rtsp/message.h"
#include "rtsp/url.h"

namespace jalousie::rtsp {

/// Random, as long as Apple's own (22 characters).
std::string make_tunnel_cookie(RandomSource& random);
/// As in the request line: what a Digest over HTTP signs.
std::string tunnel_path(const Url& url);

enum class TunnelHalf : std::uint8_t { Get, Post };
/// The head of one half. `host` as in the Host header; `authorization` empty where none is asked for.
std::string write_tunnel_request(TunnelHalf half, const Url& url, std::string_view host,
                                 std::string_view cookie, std::string_view authorization);

/// A head of HTTP that `size` bytes at the start of a stream make up.
struct TunnelReply {
  int status = 0;
  Headers headers;
  std::size_t size = 0;
  /// Such as the page that a camera's web server answers any path with.
  bool is_text() const;
};
struct TunnelRequest {
  TunnelHalf half = TunnelHalf::Get;
  std::string path;
  Headers headers;
  std::size_t size = 0;
  std::string_view cookie() const { return headers.find("x-sessioncookie").value_or(""); }
};
/// Nothing when more bytes are needed; an error when these can begin no such head, or one over a limit.
Result<std::optional<TunnelReply>> parse_tunnel_reply(ByteView bytes);
Result<std::optional<TunnelRequest>> parse_tunnel_request(ByteView bytes);

/// What a client says, as the body of the POST: each piece padded by itself, as QuickTime does.
std::string encode_tunnelled(ByteView bytes);

/// The server's side of that, for a stream cut in any way: padding may stand anywhere, blanks and line ends
/// are passed over.
class TunnelDecoder {
 public:
  /// What these bytes complete. InvalidArgument, once and for all, for what is not Base64.
  Result<Buffer> feed(ByteView bytes);

 private:
  std::uint32_t bits_ = 0;
  int characters_ = 0;  // of the group of four under way
  bool padded_ = false;
  bool failed_ = false;
};

}  // namespace jalousie::rtsp
