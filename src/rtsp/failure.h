// Why a camera gives no stream, told apart as far as its owner can do something about it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace jalousie::rtsp {

enum class FailureKind : std::uint8_t {
  WrongPassword,      // name and password were refused
  CredentialsNeeded,  // it asks for a password and we have none
  AuthUnsupported,    // it asks for a proof of another kind than Digest and Basic
  Forbidden,          // 403: this account may not
  NotFound,           // 404, 410: no such stream
  TransportRefused,   // 461, or it answered with another transport than asked for
  Busy,               // 453, 503: too many viewers, starting up
  Redirected,         // 3xx, or a REDIRECT: where to stands in `location`; the caller decides
  SessionLost,        // 454, or it tore the session down
  Refused,            // any other 4xx
  ServerError,        // any other 5xx
  BadDescription,     // its SDP cannot be read
  Protocol,           // what it sends is not RTSP, or over a limit
  NoAnswer,           // it took too long
};
std::string_view to_string(FailureKind kind);  // "wrong_password", ...

/// `message` has no secret and none of the peer's own text but a redirect's host.
struct Failure {
  FailureKind kind = FailureKind::Protocol;
  int status = 0;  // of RTSP, where there was one
  std::string message;
  std::string location{};  // of a redirect: a whole URL without credentials; empty when it named none
};

/// For an answer of 300 and above, but 401.
Failure failure_of(std::string_view method, int status);

}  // namespace jalousie::rtsp
