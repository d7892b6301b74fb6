// Offer and answer (RFC 3264, RFC 8829) for one viewer of one H.264 or H.265 stream and its sound: what a
// browser or display offers to receive is read and judged, and the answer that accepts its video, its sound
// where there is some that both can do, and nothing else is written. We send only, are ICE-lite and DTLS
// server, bundle (RFC 9143) and multiplex RTCP. Values in, values out.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/endpoint.h"
#include "base/result.h"
#include "codec/audio_format.h"
#include "codec/video_format.h"
#include "webrtc/ice.h"

namespace jalousie::webrtc {

/// One m= section of the offer, as much as the answer needs to take it or to turn it down.
struct OfferedSection {
  std::string kind;      // "video"
  std::string protocol;  // "UDP/TLS/RTP/SAVPF"
  std::string format;    // its first: a section turned down still names one
  std::string mid;       // may be missing
};

/// The video that both sides can do.
struct NegotiatedVideo {
  std::size_t section = 0;  // index into Negotiated::sections
  std::uint8_t payload_type = 0;
  codec::VideoCodec codec = codec::VideoCodec::H264;
  std::string profile_level_id;  // of that payload type, as offered: 6 hex digits; of H.265 empty
  std::string h265_parameters;   // as offered, for the answer: "level-id=93;tx-mode=SRST"; may be empty
  std::optional<std::uint8_t> rtx_payload_type;  // RFC 4588; only together with nack
  bool nack = false;                             // RFC 4585 generic NACK
  bool pli = false;
  bool fir = false;  // RFC 5104
};

/// The sound that both sides can do.
struct NegotiatedSound {
  std::size_t section = 0;  // index into Negotiated::sections
  std::uint8_t payload_type = 0;
  codec::AudioCodec codec = codec::AudioCodec::Opus;

  friend bool operator==(const NegotiatedSound&, const NegotiatedSound&) = default;
};

struct Negotiated {
  std::string remote_ufrag;
  std::vector<std::string> fingerprints;  // SHA-256, as normal_fingerprint() gives them; never empty
  NegotiatedVideo video;
  std::optional<NegotiatedSound> sound;
  std::vector<OfferedSection> sections;
  bool bundle = false;  // the video section is in the offer's bundle group
};

/// What there is to send. `profile` as in VideoFormat (empty when not known); no sound where it is not sent.
struct Outgoing {
  codec::VideoCodec video = codec::VideoCodec::H264;
  std::string_view profile = {};
  std::optional<codec::AudioCodec> sound = {};
};

/// Chooses what to send of `offer`. Of H.264, a payload type of its profile is taken first; then Constrained
/// Baseline, which browsers that list no better decode Main and High under all the same; then any other. Of
/// H.265 (draft-ietf-avtcore-hevc-webrtc), one of its profile and tier; a lower level is taken all the same,
/// since players set it by what hardware promises and do more. Sound goes by the video's transport or not at
/// all (RFC 9143), as Opus, PCMU or PCMA, whichever is sent; an offer that cannot carry it is taken without.
/// InvalidArgument: no session description, or one that lacks what it must have. Unsupported: nothing in it
/// can carry the stream. Messages are for people.
Result<Negotiated> accept_offer(std::string_view offer, const Outgoing& outgoing = {});

/// Our side of the answer.
struct LocalDescription {
  IceCredentials ice;
  std::string fingerprint;           // Identity::fingerprint()
  std::vector<Endpoint> candidates;  // host, UDP, best first; at least one
  std::uint64_t session_id = 0;      // random; 63 bits of it are used
  std::uint32_t ssrc = 0;
  std::uint32_t rtx_ssrc = 0;    // used where RTX was negotiated
  std::uint32_t sound_ssrc = 0;  // used where sound was
  std::string cname;             // random per session (RFC 7022); no blanks
  std::string stream_id;         // msid: what the page sees as stream.id
  std::string track_id;
  std::string sound_track_id;
};

/// The answer. Sections that carry neither the video nor the sound are turned down with port 0.
std::string write_answer(const Negotiated& negotiated, const LocalDescription& local);

}  // namespace jalousie::webrtc
