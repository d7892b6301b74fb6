#include "webrtc/offer.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "sdp/sdp.h"
#include "webrtc/dtls.h"

namespace jalousie::webrtc {
namespace {

constexpr std::size_t kFingerprints = 4;  // one, or a few while a certificate is exchanged
constexpr std::uint32_t kVideoClock = 90'000;

using sdp::Media;
using sdp::Session;

bool equal_without_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

std::vector<std::string_view> words(std::string_view text) {
  std::vector<std::string_view> found;
  while (!text.empty()) {
    const std::size_t blank = std::min(text.find(' '), text.size());
    if (blank > 0) found.push_back(text.substr(0, blank));
    text.remove_prefix(std::min(blank + 1, text.size()));
  }
  return found;
}

/// The sections of the bundle group that `mid` is in (RFC 9143), or nothing.
std::vector<std::string_view> bundle_of(const Session& session, std::string_view mid) {
  for (const std::string_view group : session.attributes.find_all("group")) {
    auto mids = words(group);
    if (mids.empty() || mids[0] != "BUNDLE") continue;
    mids.erase(mids.begin());
    if (std::find(mids.begin(), mids.end(), mid) != mids.end()) return mids;
  }
  return {};
}

/// Where the transport of a section stands: in itself, else in the first of its bundle (which speaks for
/// all), else above.
class Transport {
 public:
  Transport(const Session& session, const Media& media, const std::vector<std::string_view>& bundle) {
    levels_.push_back(&media.attributes);
    if (!bundle.empty()) {
      for (const Media& other : session.media) {
        if (other.mid() == bundle.front()) levels_.push_back(&other.attributes);
      }
    }
    levels_.push_back(&session.attributes);
  }
  std::optional<std::string_view> find(std::string_view name) const {
    for (const auto* level : levels_) {
      if (const auto value = level->find(name)) return value;
    }
    return std::nullopt;
  }
  std::vector<std::string_view> find_all(std::string_view name) const {
    for (const auto* level : levels_) {
      if (level->has(name)) return level->find_all(name);
    }
    return {};
  }

 private:
  std::vector<const sdp::Attributes*> levels_;
};

Result<std::vector<std::string>> read_fingerprints(const Transport& transport) {
  const auto offered = transport.find_all("fingerprint");
  if (offered.empty()) return fail(ErrorKind::InvalidArgument, "the offer has no DTLS fingerprint");
  std::vector<std::string> found;
  for (const std::string_view one : offered) {
    const auto parts = words(one);
    if (parts.size() != 2 || !equal_without_case(parts[0], "sha-256")) continue;
    const auto normal = normal_fingerprint(parts[1]);
    if (!normal) return fail(ErrorKind::InvalidArgument, "the offer's DTLS fingerprint is malformed");
    if (found.size() < kFingerprints) found.push_back(*normal);
  }
  if (found.empty()) return fail(ErrorKind::Unsupported, "the offer has no SHA-256 DTLS fingerprint");
  return found;
}

/// RFC 8839 section 5.4: 4 to 256 and 22 to 256 characters of letters, digits, + and /.
bool is_ice_text(std::string_view text, std::size_t least) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
  };
  return text.size() >= least && text.size() <= 256 && std::all_of(text.begin(), text.end(), allowed);
}

Result<> read_transport(const Transport& transport, Negotiated& into) {
  const auto ufrag = transport.find("ice-ufrag");
  const auto pwd = transport.find("ice-pwd");
  if (!ufrag || !pwd) return fail(ErrorKind::InvalidArgument, "the offer has no ICE user name and password");
  if (!is_ice_text(*ufrag, 4) || !is_ice_text(*pwd, 22)) {
    return fail(ErrorKind::InvalidArgument, "the offer's ICE user name or password is malformed");
  }
  into.remote_ufrag = *ufrag;
  if (transport.find("ice-lite"))
    return fail(ErrorKind::Unsupported, "the offer is from an ICE-lite peer, as we are one");
  TRY(into.fingerprints, read_fingerprints(transport));
  const std::string_view setup = transport.find("setup").value_or("actpass");
  if (setup != "actpass" && setup != "active") {
    return fail(ErrorKind::Unsupported,
                "the offer wants us to open DTLS (a=setup:passive); it must be actpass or active");
  }
  return {};
}

struct H264Format {
  std::uint8_t payload_type = 0;
  std::string profile_level_id;
};

/// H.264 payload types with packetization-mode 1, in the offer's order.
std::vector<H264Format> h264_formats(const Media& media, bool& other_mode) {
  std::vector<H264Format> found;
  for (const sdp::RtpMap& map : media.rtpmaps()) {
    if (!equal_without_case(map.encoding, "H264") || map.clock_rate != kVideoClock || map.payload_type > 127)
      continue;
    const auto parameters = media.format_parameters(map.payload_type);
    if (sdp::find(parameters, "packetization-mode") != "1") {
      other_mode = true;
      continue;
    }
    // RFC 6184 section 8.1: Baseline level 1 when nothing is said.
    std::string id(sdp::find(parameters, "profile-level-id").value_or("420010"));
    const bool hex = id.size() == 6 &&
                     std::all_of(id.begin(), id.end(), [](unsigned char c) { return std::isxdigit(c) != 0; });
    if (hex) found.push_back({map.payload_type, std::move(id)});
  }
  return found;
}

/// How well a format of profile `offered` suits a stream of `wanted`; the least is the best.
int distance(std::string_view offered, std::string_view wanted) {
  // Streams of profile_idc 66 are Constrained Baseline in all but name: nobody makes slice groups.
  if (wanted.size() == 6 && wanted.substr(0, 2) != "42") {
    if (equal_without_case(offered.substr(0, 4), wanted.substr(0, 4))) return 0;
    if (equal_without_case(offered.substr(0, 2), wanted.substr(0, 2))) return 1;
  }
  if (equal_without_case(offered.substr(0, 4), "42e0")) return 2;
  if (offered.substr(0, 2) == "42") return 3;
  return 4;
}

std::optional<std::uint8_t> rtx_for(const Media& media, std::uint8_t payload_type) {
  for (const sdp::RtpMap& map : media.rtpmaps()) {
    if (!equal_without_case(map.encoding, "rtx") || map.clock_rate != kVideoClock || map.payload_type > 127)
      continue;
    const auto parameters = media.format_parameters(map.payload_type);
    if (sdp::find(parameters, "apt") == std::to_string(payload_type)) return map.payload_type;
  }
  return std::nullopt;
}

void read_feedback(const Media& media, NegotiatedVideo& video) {
  const std::string own = std::to_string(video.payload_type);
  for (const std::string_view line : media.attributes.find_all("rtcp-fb")) {
    const auto parts = words(line);
    if (parts.size() < 2 || (parts[0] != own && parts[0] != "*")) continue;
    if (parts[1] == "nack" && parts.size() == 2) video.nack = true;
    if (parts[1] == "nack" && parts.size() == 3 && parts[2] == "pli") video.pli = true;
    if (parts[1] == "ccm" && parts.size() == 3 && parts[2] == "fir") video.fir = true;
  }
}

Result<NegotiatedVideo> choose_h264(const Media& media, std::string_view wanted) {
  bool other_mode = false;
  const auto formats = h264_formats(media, other_mode);
  if (formats.empty()) {
    return fail(ErrorKind::Unsupported,
                other_mode ? "the offer has H.264 with packetization-mode 0 only; 1 is needed"
                           : "the offer has no H.264");
  }
  const auto best =
      std::min_element(formats.begin(), formats.end(), [&](const H264Format& a, const H264Format& b) {
        return distance(a.profile_level_id, wanted) < distance(b.profile_level_id, wanted);
      });
  NegotiatedVideo video;
  video.payload_type = best->payload_type;
  video.profile_level_id = best->profile_level_id;
  return video;
}

/// draft-ietf-avtcore-hevc-webrtc and RFC 7798 section 7.1: Main profile, Main tier where nothing is said.
struct H265Profile {
  std::string_view profile_id;
  std::string_view tier_flag;
  friend bool operator==(const H265Profile&, const H265Profile&) = default;
};

/// Of a stream, as VideoFormat::profile has it: "1.6.L120.90".
H265Profile h265_profile(std::string_view text) {
  if (text.empty()) return {"1", "0"};
  const bool high = text.find(".H") != text.npos;
  return {text.substr(0, text.find('.')), high ? "1" : "0"};
}

Result<NegotiatedVideo> choose_h265(const Media& media, std::string_view wanted) {
  bool other_profile = false;
  for (const sdp::RtpMap& map : media.rtpmaps()) {
    if (!equal_without_case(map.encoding, "H265") || map.clock_rate != kVideoClock || map.payload_type > 127)
      continue;
    const auto parameters = media.format_parameters(map.payload_type);
    const H265Profile offered{sdp::find(parameters, "profile-id").value_or("1"),
                              sdp::find(parameters, "tier-flag").value_or("0")};
    if (offered != h265_profile(wanted) || sdp::find(parameters, "tx-mode").value_or("SRST") != "SRST") {
      other_profile = true;
      continue;
    }
    NegotiatedVideo video;
    video.codec = codec::VideoCodec::H265;
    video.payload_type = map.payload_type;
    for (const auto& [name, value] : parameters) {
      if (!video.h265_parameters.empty()) video.h265_parameters += ';';
      video.h265_parameters += name;
      if (!value.empty()) video.h265_parameters.append("=").append(value);
    }
    return video;
  }
  return fail(ErrorKind::Unsupported,
              other_profile ? "the offer has no H.265 of the camera's profile" : "the offer has no H.265");
}

Result<NegotiatedVideo> choose_format(const Media& media, const Outgoing& wanted) {
  const bool is_h265 = wanted.video == codec::VideoCodec::H265;
  TRY(auto video, is_h265 ? choose_h265(media, wanted.profile) : choose_h264(media, wanted.profile));
  read_feedback(media, video);
  if (video.nack) video.rtx_payload_type = rtx_for(media, video.payload_type);
  return video;
}

bool asks_to_receive(const Session& session, const Media& media) {
  const auto direction = session.direction(media);
  return direction == sdp::Direction::RecvOnly || direction == sdp::Direction::SendRecv;
}

bool is_over_srtp(const Media& media) {
  return media.protocol.ends_with("RTP/SAVPF") || media.protocol.ends_with("RTP/SAVP");
}

/// The payload type of `codec` in one channel of G.711, or of Opus as RFC 7587 section 7 has it.
std::optional<std::uint8_t> payload_type_of(const Media& media, codec::AudioCodec codec) {
  const bool is_opus = codec == codec::AudioCodec::Opus;
  for (const sdp::RtpMap& map : media.rtpmaps()) {
    const bool fits = is_opus ? map.clock_rate == 48'000 && map.channels == 2
                              : map.clock_rate == 8'000 && map.channels == 1;
    if (fits && map.payload_type <= 127 && equal_without_case(map.encoding, codec::to_string(codec)))
      return map.payload_type;
  }
  return std::nullopt;
}

/// The first section that can carry it by the transport of the video's.
std::optional<NegotiatedSound> choose_sound(const Session& session, const Negotiated& made,
                                            codec::AudioCodec codec) {
  if (!made.bundle || codec == codec::AudioCodec::Aac) return std::nullopt;
  const auto bundle = bundle_of(session, session.media[made.video.section].mid().value_or(""));
  for (std::size_t i = 0; i < session.media.size(); ++i) {
    const Media& media = session.media[i];
    if (media.kind != "audio" || !is_over_srtp(media) || !asks_to_receive(session, media)) continue;
    const bool is_off = media.port == 0 && !media.attributes.has("bundle-only");
    if (is_off || !media.mid() || std::ranges::find(bundle, *media.mid()) == bundle.end()) continue;
    if (const auto type = payload_type_of(media, codec))
      return NegotiatedSound{.section = i, .payload_type = *type, .codec = codec};
  }
  return std::nullopt;
}

/// Of one video section: the whole of what was agreed, or why it cannot be used.
Result<Negotiated> accept_section(const Session& session, std::size_t index, const Outgoing& wanted) {
  const Media& media = session.media[index];
  Negotiated made;
  const std::string_view mid = media.mid().value_or("");
  const auto bundle = bundle_of(session, mid);
  made.bundle = !mid.empty() && !bundle.empty();
  if (media.port == 0 && !media.attributes.has("bundle-only"))
    return fail(ErrorKind::Unsupported, "the offer's video is switched off");
  if (!is_over_srtp(media)) return fail(ErrorKind::Unsupported, "the offer's video is not over SRTP");
  if (!asks_to_receive(session, media)) {
    return fail(ErrorKind::Unsupported, fmt::format("the offer's video is {}: it does not ask to receive",
                                                    to_string(session.direction(media))));
  }
  TRY(made.video, choose_format(media, wanted));
  made.video.section = index;
  const Transport transport(session, media, bundle);
  if (!transport.find("rtcp-mux")) {
    return fail(ErrorKind::Unsupported, "the offer does not put RTCP on the port of RTP (a=rtcp-mux)");
  }
  TRY_VOID(read_transport(transport, made));
  if (wanted.sound) made.sound = choose_sound(session, made, *wanted.sound);
  return made;
}

}  // namespace

Result<Negotiated> accept_offer(std::string_view offer, const Outgoing& outgoing) {
  TRY(const Session session, sdp::parse(offer));
  if (session.media.empty()) return fail(ErrorKind::InvalidArgument, "not a session description with media");
  std::optional<Error> first_error;
  for (std::size_t i = 0; i < session.media.size(); ++i) {
    if (session.media[i].kind != "video") continue;
    auto made = accept_section(session, i, outgoing);
    if (!made) {
      if (!first_error) first_error = std::move(made).error();
      continue;
    }
    for (const Media& media : session.media) {
      made->sections.push_back({media.kind, media.protocol,
                                media.formats.empty() ? "0" : media.formats.front(),
                                std::string(media.mid().value_or(""))});
    }
    return made;
  }
  if (first_error) return std::unexpected(*std::move(first_error));
  return fail(ErrorKind::Unsupported, "the offer has no video");
}

}  // namespace jalousie::webrtc
