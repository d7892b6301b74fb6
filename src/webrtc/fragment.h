// What a viewer's SDP fragment (RFC 8840, application/trickle-ice-sdpfrag) says about the session that it is
// for. Its candidates are passed over: an ICE-lite side learns from checks where the peer is (RFC 8445
// section 2.5). Values in, values out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace jalousie::webrtc {

struct Fragment {
  /// The `a=ice-ufrag:` lines, of the session's level and of its media sections, in order (RFC 8840 section
  /// 4.4). May be empty.
  std::vector<std::string> ufrags;

  /// It names this one, or none: it restarts nothing.
  bool is_for(std::string_view ufrag) const;
};

/// ResourceExhausted over the limits of a session description, InvalidArgument for what has lines of another
/// form than `x=...`.
Result<Fragment> parse_fragment(std::string_view text);

}  // namespace jalousie::webrtc
