// SDP fragments of viewers: whatever is taken names ufrags that can be, and restarts nothing when it names
// none.
#include <cstdlib>

#include "base/bytes.h"
#include "webrtc/fragment.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace jalousie;
  const auto fragment = webrtc::parse_fragment(as_text({data, size}));
  if (!fragment) return 0;
  for (const std::string& ufrag : fragment->ufrags) {
    if (ufrag.empty() || ufrag.find_first_of(" \r\n") != std::string::npos) std::abort();
  }
  if (!fragment->is_for(fragment->ufrags.empty() ? "x" : fragment->ufrags.front())) std::abort();
  if (!fragment->ufrags.empty() && fragment->is_for("")) std::abort();
  return 0;
}
