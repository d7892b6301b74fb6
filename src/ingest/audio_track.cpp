#include "ingest/audio_track.h"

#include <algorithm>
#include <charconv>

#include "base/encoding.h"
#include "base/limits.h"
#include "codec/aac_config.h"
#include "codec/opus.h"

namespace jalousie::ingest {

namespace {

bool is_name(std::string_view text, std::string_view upper) {
  return std::ranges::equal(text, upper, [](char c, char wanted) {
    return (c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c) == wanted;
  });
}

/// A field's width: 0 where it is not said; one that is no number is wider than any that is taken.
unsigned width(const sdp::FormatParameters& parameters, std::string_view name) {
  const auto text = sdp::find(parameters, name);
  if (!text) return 0;
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  return error == std::errc() && end == text->data() + text->size() ? value : UINT_MAX;
}

rtp::AacPayload aac_payload(const sdp::FormatParameters& parameters) {
  // RFC 3640 section 4.1 has no header where no width is said; but cameras that leave all of them out send
  // AAC-hbr.
  if (!sdp::find(parameters, "sizelength") && !sdp::find(parameters, "constantsize")) return {};
  return {.size_length = width(parameters, "sizelength"),
          .index_length = width(parameters, "indexlength"),
          .index_delta_length = width(parameters, "indexdeltalength"),
          .cts_delta_length = width(parameters, "ctsdeltalength"),
          .dts_delta_length = width(parameters, "dtsdeltalength"),
          .stream_state_length = width(parameters, "streamstateindication"),
          .auxiliary_length = width(parameters, "auxiliarydatasizelength"),
          .random_access = width(parameters, "randomaccessindication") == 1};
}

bool take_aac(const sdp::FormatParameters& parameters, AudioTrack& track) {
  const auto hex = sdp::find(parameters, "config");
  if (!hex || hex->size() > 2 * limits::kAacConfigBytes) return false;
  const auto bytes = decode_hex(*hex);
  if (!bytes) return false;
  const auto config = codec::parse_aac_config(*bytes);
  track.payload = aac_payload(parameters);
  if (!config || !track.payload.is_valid()) return false;
  const bool is_stereo_by_ps = config->object == codec::AacObject::Ps && config->channels == 1;
  track.format = {.codec = codec::AudioCodec::Aac,
                  .rate = config->output_rate,
                  .channels = is_stereo_by_ps ? std::uint8_t{2} : config->channels,
                  .config = *bytes};
  const auto ticks = std::uint64_t{config->frame_samples} * track.clock_rate / config->rate;
  track.frame_ticks = static_cast<std::uint32_t>(ticks);
  return true;
}

bool take(const sdp::RtpMap& map, const sdp::FormatParameters& parameters, AudioTrack& track) {
  if (map.clock_rate > limits::kAudioRate || map.channels == 0 || map.channels > limits::kAudioChannels)
    return false;
  track.payload_type = map.payload_type;
  track.clock_rate = map.clock_rate;
  const auto channels = static_cast<std::uint8_t>(map.channels);
  if (is_name(map.encoding, "MPEG4-GENERIC")) return take_aac(parameters, track);
  if (is_name(map.encoding, "PCMU") || is_name(map.encoding, "PCMA")) {
    const bool is_mu = is_name(map.encoding, "PCMU");
    track.format = {is_mu ? codec::AudioCodec::Pcmu : codec::AudioCodec::Pcma, map.clock_rate, channels, {}};
    return true;
  }
  if (is_name(map.encoding, "OPUS") && map.clock_rate == codec::kOpusRate) {
    // RFC 7587 section 7: the rtpmap always says two channels.
    const bool is_stereo = sdp::find(parameters, "sprop-stereo") == "1";
    track.format = {
        codec::AudioCodec::Opus, codec::kOpusRate, is_stereo ? std::uint8_t{2} : std::uint8_t{1}, {}};
    return true;
  }
  return false;
}

std::optional<AudioTrack> pick_in(const sdp::Session& description, bool is_sendonly) {
  for (std::size_t i = 0; i < description.media.size(); ++i) {
    const auto& media = description.media[i];
    if (!is_name(media.kind, "AUDIO") || media.attributes.has("sendonly") != is_sendonly) continue;
    for (const auto& map : media.rtpmaps()) {
      AudioTrack track;
      track.media = i;
      if (take(map, media.format_parameters(map.payload_type), track)) return track;
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<AudioTrack> pick_audio(const sdp::Session& description) {
  // By ONVIF a=sendonly is the way to the camera's loudspeaker, which we did not ask for; by RFC 8866 it is
  // what a camera may say of its microphone.
  auto track = pick_in(description, false);
  return track ? track : pick_in(description, true);
}

}  // namespace jalousie::ingest
