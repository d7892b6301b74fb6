#include "camera/facts.h"

#include <fmt/format.h>

#include "base/encoding.h"
#include "sdp/sdp.h"

namespace jalousie::camera {

namespace {

sdp::Media media_of(const codec::AudioFormat& sound) {
  const unsigned type = sound_payload_type(sound.codec);
  sdp::Media media;
  media.kind = "audio";
  media.protocol = "RTP/AVP";
  media.formats = {std::to_string(type)};
  switch (sound.codec) {
    case codec::AudioCodec::Opus:
      media.attributes.add("rtpmap", fmt::format("{} opus/48000/2", type));
      break;
    case codec::AudioCodec::Aac:
      media.attributes.add("rtpmap", fmt::format("{} mpeg4-generic/{}/{}", type, sound.rate, sound.channels));
      media.attributes.add("fmtp",
                           fmt::format("{} streamtype=5;profile-level-id=1;mode=AAC-hbr;sizelength=13;"
                                       "indexlength=3;indexdeltalength=3;config={}",
                                       type, encode_hex(sound.config)));
      break;
    default:
      media.attributes.add("rtpmap", fmt::format("{} {}/{}", type, to_string(sound.codec), sound.rate));
  }
  media.attributes.add("control", control_of(kSoundTrack));
  return media;
}

}  // namespace

std::uint8_t sound_payload_type(codec::AudioCodec codec) {
  if (codec == codec::AudioCodec::Pcmu) return 0;
  return codec == codec::AudioCodec::Pcma ? 8 : kPayloadType + 1;
}

std::string control_of(std::size_t track) { return fmt::format("trackID={}", track + 1); }

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
      {"control", control_of(kPictureTrack)}};
  session.media.push_back(std::move(video));
  if (camera.sound) session.media.push_back(media_of(*camera.sound));
  return sdp::write(session);
}

}  // namespace jalousie::camera
