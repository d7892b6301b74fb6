// Session descriptions: what was read is written and read again to the same value, and helpers take any text.
#include "sdp/sdp.h"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace jalousie;
  const auto session = sdp::parse(as_text({data, size}));
  if (!session) return 0;
  for (const auto& media : session->media) {
    for (const auto& map : media.rtpmaps()) static_cast<void>(media.format_parameters(map.payload_type));
    static_cast<void>(session->direction(media));
  }
  const auto again = sdp::parse(sdp::write(*session));
  // Writing may only fail to read back by growing over the limit (it adds the session lines that were
  // missing).
  if (again ? *again != *session : again.error().kind() != ErrorKind::ResourceExhausted) std::abort();
  return 0;
}
