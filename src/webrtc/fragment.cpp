#include "webrtc/fragment.h"

#include <algorithm>

#include "base/limits.h"

namespace jalousie::webrtc {

namespace {

constexpr std::string_view kUfrag = "a=ice-ufrag:";
// RFC 8839 section 5.4: 4 to 256 ice-chars.
constexpr std::size_t kUfragBytes = 256;

bool is_ice_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
}

// Names of attributes compare with case (RFC 8866 section 5.13), as browsers write them.
Result<> take_line(Fragment& fragment, std::string_view line) {
  if (line.size() < 2 || line[1] != '=') return fail(ErrorKind::InvalidArgument, "not an SDP fragment");
  if (!line.starts_with(kUfrag)) return {};
  line.remove_prefix(kUfrag.size());
  while (line.ends_with(' ') || line.ends_with('\t')) line.remove_suffix(1);
  if (line.empty() || line.size() > kUfragBytes || !std::ranges::all_of(line, is_ice_char))
    return fail(ErrorKind::InvalidArgument, "an ice-ufrag that cannot be");
  if (fragment.ufrags.size() >= limits::kSdpMedia + 1)
    return fail(ErrorKind::ResourceExhausted, "too many ice-ufrag lines");
  fragment.ufrags.emplace_back(line);
  return {};
}

}  // namespace

bool Fragment::is_for(std::string_view ufrag) const {
  return ufrags.empty() || std::ranges::find(ufrags, ufrag) != ufrags.end();
}

Result<Fragment> parse_fragment(std::string_view text) {
  if (text.size() > limits::kSdpBytes) return fail(ErrorKind::ResourceExhausted, "the fragment is too long");
  Fragment fragment;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of("\r\n"), text.size());
    const auto line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.empty()) TRY_VOID(take_line(fragment, line));
  }
  return fragment;
}

}  // namespace jalousie::webrtc
