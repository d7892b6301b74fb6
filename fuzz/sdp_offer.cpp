// Offers of viewers: what is accepted must give an answer that can be read, with as many sections, of which
// the video's is taken, and the sound's where one was agreed.
#include <cstdlib>

#include "sdp/sdp.h"
#include "webrtc/offer.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace jalousie;
  const auto negotiated =
      webrtc::accept_offer(as_text({data, size}), {.profile = "640028", .sound = codec::AudioCodec::Opus});
  if (!negotiated) return 0;
  webrtc::LocalDescription local;
  local.ice = {"ours", "ourpasswordofmorethan22chars"};
  local.fingerprint = negotiated->fingerprints.front();
  local.candidates = {Endpoint::v4({192, 0, 2, 1}, 8189)};
  local.ssrc = 1;
  local.rtx_ssrc = 2;
  local.sound_ssrc = 3;
  local.cname = local.stream_id = local.track_id = local.sound_track_id = "x";
  const auto answer = sdp::parse(webrtc::write_answer(*negotiated, local));
  // The answer may be over the limits of what we read, where the offer was at them.
  if (!answer) return answer.error().kind() == ErrorKind::ResourceExhausted ? 0 : (std::abort(), 0);
  if (answer->media.size() != negotiated->sections.size()) std::abort();
  std::size_t taken = 0;
  for (const auto& media : answer->media) taken += media.port != 0;
  if (taken != (negotiated->sound ? 2U : 1U)) std::abort();
  return 0;
}
