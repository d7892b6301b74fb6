#include "camera/facts.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "sdp/sdp.h"

namespace jalousie::camera {

std::string describe(const CameraFacts& camera, const StreamFacts& stream, std::string_view address) {
  sdp::Session session;
  session.origin.session_id = session.origin.session_version = "1";
  session.origin.address_type = address.find(':') == std::string_view::npos ? "IP4" : "IP6";
  session.origin.address = address;
  session.name = camera.name;
  session.information = fmt::format("{}, firmware {}", camera.model, camera.firmware);
  session.connection = sdp::Connection{"IN", session.origin.address_type,
                                       session.origin.address_type == "IP4" ? "0.0.0.0" : "::"};
  session.attributes = {
      {"tool", camera.product()}, {"type", "broadcast"}, {"control", "*"}, {"range", "npt=now-"}};
  std::string sets, profile;
  for (const auto& set : stream.parameter_sets) {
    sets += (sets.empty() ? "" : ",") + encode_base64(set);
    if (profile.empty()) profile = encode_hex(ByteView(set).subspan(1, 3));  // the SPS comes first
  }
  sdp::Media video;
  video.kind = "video";
  video.protocol = "RTP/AVP";
  video.formats = {std::to_string(kPayloadType)};
  video.bandwidths = {{"AS", stream.kilobits_per_second}};
  video.attributes = {
      {"rtpmap", fmt::format("{} H264/{}", kPayloadType, kVideoClock)},
      {"fmtp", fmt::format("{} packetization-mode=1;profile-level-id={};sprop-parameter-sets={}",
                           kPayloadType, profile, sets)},
      {"framerate", std::to_string(stream.fps)},
      {"framesize", fmt::format("{} {}-{}", kPayloadType, stream.width, stream.height)},
      {"control", "trackID=1"}};
  session.media.push_back(std::move(video));
  return sdp::write(session);
}

}  // namespace jalousie::camera
