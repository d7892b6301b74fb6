// write_answer(): the other half of offer.h.
#include <fmt/format.h>

#include "base/assert.h"
#include "sdp/sdp.h"
#include "webrtc/offer.h"

namespace jalousie::webrtc {
namespace {

constexpr std::string_view kAnyAddress = "0.0.0.0";

std::string_view address_type(const Endpoint& endpoint) { return endpoint.is_v4() ? "IP4" : "IP6"; }

/// RFC 8445 section 5.1.2.1 for a host candidate; RFC 8839 section 5.1 for the line. One foundation per
/// address.
std::string candidate_line(std::size_t number, const Endpoint& endpoint) {
  const std::uint32_t local_preference = 65'535 - static_cast<std::uint32_t>(number);
  const std::uint32_t priority = 126U << 24 | local_preference << 8 | 255U;
  return fmt::format("{} 1 udp {} {} {} typ host", number + 1, priority, endpoint.address_text(),
                     endpoint.port());
}

sdp::Media turn_down(const OfferedSection& offered) {
  sdp::Media media;
  media.kind = offered.kind;
  media.port = 0;
  media.protocol = offered.protocol;
  media.formats = {offered.format};
  media.connection = sdp::Connection{"IN", "IP4", std::string(kAnyAddress)};
  if (!offered.mid.empty()) media.attributes.add("mid", offered.mid);
  media.attributes.add("inactive");
  return media;
}

void add_transport(sdp::Attributes& attributes, const LocalDescription& local) {
  attributes.add("ice-ufrag", local.ice.ufrag);
  attributes.add("ice-pwd", local.ice.pwd);
  attributes.add("fingerprint", "sha-256 " + local.fingerprint);
  attributes.add("setup", "passive");
  attributes.add("rtcp-mux");
  attributes.add("rtcp-rsize");
}

void add_formats(sdp::Media& media, const NegotiatedVideo& video) {
  const unsigned type = video.payload_type;
  auto& attributes = media.attributes;
  media.formats = {std::to_string(type)};
  attributes.add("rtpmap", fmt::format("{} {}/90000", type, codec::to_string(video.codec)));
  if (video.codec == codec::VideoCodec::H264) {
    attributes.add("fmtp",
                   fmt::format("{} level-asymmetry-allowed=1;packetization-mode=1;profile-level-id={}", type,
                               video.profile_level_id));
  } else if (!video.h265_parameters.empty()) {
    attributes.add("fmtp", fmt::format("{} {}", type, video.h265_parameters));
  }
  if (video.nack) attributes.add("rtcp-fb", fmt::format("{} nack", type));
  if (video.pli) attributes.add("rtcp-fb", fmt::format("{} nack pli", type));
  if (video.fir) attributes.add("rtcp-fb", fmt::format("{} ccm fir", type));
  if (!video.rtx_payload_type) return;
  const unsigned rtx = *video.rtx_payload_type;
  media.formats.push_back(std::to_string(rtx));
  attributes.add("rtpmap", fmt::format("{} rtx/90000", rtx));
  attributes.add("fmtp", fmt::format("{} apt={}", rtx, type));
}

void add_formats(sdp::Media& media, const NegotiatedSound& sound) {
  const unsigned type = sound.payload_type;
  const bool is_opus = sound.codec == codec::AudioCodec::Opus;
  media.formats = {std::to_string(type)};
  media.attributes.add(
      "rtpmap",
      fmt::format("{} {}", type, is_opus ? "opus/48000/2" : fmt::format("{}/8000", to_string(sound.codec))));
}

void add_source(sdp::Attributes& attributes, const LocalDescription& local, std::uint32_t ssrc,
                std::string_view track) {
  attributes.add("ssrc", fmt::format("{} cname:{}", ssrc, local.cname));
  attributes.add("ssrc", fmt::format("{} msid:{} {}", ssrc, local.stream_id, track));
}

void add_sources(sdp::Attributes& attributes, const NegotiatedVideo& video, const LocalDescription& local) {
  attributes.add("msid", local.stream_id + " " + local.track_id);
  if (video.rtx_payload_type)
    attributes.add("ssrc-group", fmt::format("FID {} {}", local.ssrc, local.rtx_ssrc));
  add_source(attributes, local, local.ssrc, local.track_id);
  if (video.rtx_payload_type) add_source(attributes, local, local.rtx_ssrc, local.track_id);
}

void add_sources(sdp::Attributes& attributes, const NegotiatedSound&, const LocalDescription& local) {
  attributes.add("msid", local.stream_id + " " + local.sound_track_id);
  add_source(attributes, local, local.sound_ssrc, local.sound_track_id);
}

/// `what` is the section's NegotiatedVideo or NegotiatedSound. Each section says the transport and the
/// candidates, though bundled ones have them in common: there are peers that look in one place only.
sdp::Media take(const OfferedSection& offered, const auto& what, const LocalDescription& local) {
  const Endpoint& first = local.candidates.front();
  sdp::Media media;
  media.kind = offered.kind;
  media.port = first.port();
  media.protocol = offered.protocol;
  media.connection = sdp::Connection{"IN", std::string(address_type(first)), first.address_text()};
  if (!offered.mid.empty()) media.attributes.add("mid", offered.mid);
  media.attributes.add("sendonly");
  add_transport(media.attributes, local);
  add_formats(media, what);
  add_sources(media.attributes, what, local);
  for (std::size_t i = 0; i < local.candidates.size(); ++i) {
    media.attributes.add("candidate", candidate_line(i, local.candidates[i]));
  }
  media.attributes.add("end-of-candidates");
  return media;
}

}  // namespace

std::string write_answer(const Negotiated& negotiated, const LocalDescription& local) {
  JAL_ASSERT(!local.candidates.empty() && negotiated.video.section < negotiated.sections.size());
  sdp::Session session;
  session.origin.session_id = std::to_string(local.session_id & ~(std::uint64_t{1} << 63));
  session.origin.session_version = "1";
  const auto& sound = negotiated.sound;
  std::string bundled;
  for (std::size_t i = 0; i < negotiated.sections.size(); ++i) {
    const OfferedSection& offered = negotiated.sections[i];
    const bool is_video = i == negotiated.video.section;
    const bool is_sound = sound && i == sound->section;
    if (is_video || is_sound) bundled += " " + offered.mid;
    session.media.push_back(is_video   ? take(offered, negotiated.video, local)
                            : is_sound ? take(offered, *sound, local)
                                       : turn_down(offered));
  }
  if (negotiated.bundle) session.attributes.add("group", "BUNDLE" + bundled);
  session.attributes.add("msid-semantic", "WMS " + local.stream_id);
  session.attributes.add("ice-lite");
  return sdp::write(session);
}

}  // namespace jalousie::webrtc
