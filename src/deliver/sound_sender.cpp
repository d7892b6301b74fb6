#include "deliver/sound_sender.h"

#include "codec/opus.h"
#include "rtp/sequence.h"

namespace jalousie::deliver {

namespace {

// Between the camera's clock for sound and the pictures': what is further off than this is put right at once,
// and heard as a click; less nobody notices.
constexpr Microseconds kMostApart = Milliseconds(60);

std::uint32_t rate_of(codec::AudioCodec codec) {
  return codec == codec::AudioCodec::Opus ? codec::kOpusRate : 8'000;
}

/// How long a frame is, at its rate; nothing where it cannot be told.
std::optional<std::uint32_t> length_of(const codec::AudioFrame& frame) {
  if (frame.format.codec != codec::AudioCodec::Opus) return static_cast<std::uint32_t>(frame.bytes.size());
  const auto facts = codec::opus_facts(frame.bytes);
  if (!facts) return std::nullopt;
  return static_cast<std::uint32_t>(facts->duration().count() * codec::kOpusRate / 1'000'000);
}

}  // namespace

SoundSender::SoundSender(const webrtc::NegotiatedSound& negotiated, RandomSource& random)
    : codec_(negotiated.codec),
      rate_(rate_of(negotiated.codec)),
      ssrc_(random_u32(random)),
      base_(random_u32(random)),
      sequence_(rtp::first_sequence(random)),
      packetizer_(ssrc_, negotiated.payload_type) {}

std::uint32_t SoundSender::ticks(Microseconds time) const {
  return static_cast<std::uint32_t>(time.count() * rate_ / 1'000'000);
}

std::size_t SoundSender::packetize(const stream::Sound& sound, rtp::PacketBatch& batch) {
  const auto coding = sound.block->header().audio_coding();
  if (!coding || static_cast<std::uint8_t>(*coding) != static_cast<std::uint8_t>(codec_)) return 0;
  const auto frame = codec::parse_audio_frame(static_cast<std::uint8_t>(codec_), sound.clear);
  if (!frame) return 0;
  const auto length = length_of(*frame);
  if (!length) return 0;
  std::uint32_t timestamp = base_ + ticks(sound.shown);
  bool begins = true;
  if (last_) {
    const auto ahead = static_cast<std::int32_t>(timestamp - last_->next);
    const auto most = static_cast<std::int32_t>(ticks(kMostApart));
    if (ahead < -most) return 0;
    begins = ahead > most;
    if (!begins) timestamp = last_->next;
  }
  const auto made = packetizer_.packetize(*frame, timestamp, sequence_, begins, batch);
  if (!made) return 0;
  last_ = Sent{sound.shown, timestamp, timestamp + *length};
  sequence_ = static_cast<std::uint16_t>(sequence_ + *made);
  packets_ += static_cast<std::uint32_t>(*made);
  octets_ += static_cast<std::uint32_t>(frame->bytes.size());
  return *made;
}

std::optional<rtp::SenderReport> SoundSender::report(rtp::NtpTime ntp,
                                                     std::uint32_t picture_timestamp) const {
  if (!last_) return std::nullopt;
  const auto shown_90khz =
      static_cast<std::uint32_t>(static_cast<std::uint64_t>(last_->shown.count()) * 9 / 100);
  const auto since_90khz = static_cast<std::int32_t>(picture_timestamp - shown_90khz);
  const std::int64_t since = std::int64_t{since_90khz} * rate_ / 90'000;
  return rtp::SenderReport{.ssrc = ssrc_,
                           .ntp = ntp,
                           .rtp_timestamp = last_->timestamp + static_cast<std::uint32_t>(since),
                           .packets = packets_,
                           .octets = octets_};
}

}  // namespace jalousie::deliver
