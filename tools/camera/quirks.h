// What real cameras get wrong, for tests of who has to cope with it: each is an entry of
// docs/ref/camera-quirks.md. Plain functions.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "rtsp/message.h"

namespace jalousie::camera {

enum class Quirk : std::uint8_t {
  NoRtpInfo,            // PLAY is answered without RTP-Info
  NoCseq,               // answers do not say which request they are for
  ContentBaseNoScheme,  // Content-Base: 192.0.2.1/main/
  NoServerPort,         // SETUP over UDP does not say where packets come from
  SessionBlanks,        // Session: id ; timeout=60
  LowerCaseNames,       // of headers
  LineFeeds,            // LF for CRLF
  StaleUnsaid,          // a nonce runs out without stale=true
  NoGetParameter,       // listed in Public, and answered 501
  ForgetfulSession,     // keep-alives are answered 454
  NoTcp,                // 461
  NoUdp,                // 461
  SilentTeardown,       // not answered
};
inline constexpr std::array<std::pair<std::string_view, Quirk>, 13> kQuirkNames = {{
    {"no-rtp-info", Quirk::NoRtpInfo},
    {"no-cseq", Quirk::NoCseq},
    {"content-base-no-scheme", Quirk::ContentBaseNoScheme},
    {"no-server-port", Quirk::NoServerPort},
    {"session-blanks", Quirk::SessionBlanks},
    {"lower-case-names", Quirk::LowerCaseNames},
    {"line-feeds", Quirk::LineFeeds},
    {"stale-unsaid", Quirk::StaleUnsaid},
    {"no-get-parameter", Quirk::NoGetParameter},
    {"forgetful-session", Quirk::ForgetfulSession},
    {"no-tcp", Quirk::NoTcp},
    {"no-udp", Quirk::NoUdp},
    {"silent-teardown", Quirk::SilentTeardown},
}};

class Quirks {
 public:
  Quirks() = default;
  /// InvalidArgument names the first that there is not, and those that there are.
  static Result<Quirks> parse(const std::vector<std::string>& names);

  bool has(Quirk quirk) const { return (bits_ & 1U << static_cast<unsigned>(quirk)) != 0; }
  /// The text of a response, as a camera with these quirks writes it.
  std::string write(rtsp::Response response) const;

 private:
  std::uint32_t bits_ = 0;
};

}  // namespace jalousie::camera
