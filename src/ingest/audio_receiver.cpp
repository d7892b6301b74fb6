#include "ingest/audio_receiver.h"

#include "ingest/report.h"
#include "rtp/packet.h"

namespace jalousie::ingest {

namespace {

using Depacketizer = std::variant<rtp::FrameDepacketizer, rtp::AacDepacketizer>;

Depacketizer depacketizer_for(const AudioTrack& track) {
  if (track.format.codec == codec::AudioCodec::Aac)
    return rtp::AacDepacketizer(track.payload, track.frame_ticks);
  return rtp::FrameDepacketizer(track.format.codec, track.format.channels);
}

}  // namespace

AudioReceiver::AudioReceiver(AudioTrack track, bool reorder, std::uint32_t ssrc, UnitCall on_unit)
    : track_(std::move(track)),
      ssrc_(ssrc),
      on_unit_(std::move(on_unit)),
      depacketizer_(depacketizer_for(track_)),
      reception_(track_.clock_rate) {
  if (reorder) reorder_.emplace();
}

void AudioReceiver::on_rtp(ByteView packet, SteadyTime now) {
  const auto view = rtp::PacketView::parse(packet);
  if (!view || view->payload_type != track_.payload_type) return;
  media_ssrc_ = view->ssrc;
  reception_.on_packet(view->sequence, view->timestamp, now);
  if (!reorder_) {
    take(*view);
  } else if (reorder_->push(packet, now)) {
    drain(now);
  }
}

void AudioReceiver::drain(SteadyTime now) {
  while (const auto packet = reorder_->pop(now)) {
    if (const auto view = rtp::PacketView::parse(*packet)) take(*view);
  }
}

void AudioReceiver::take(const rtp::PacketView& packet) {
  std::visit(
      [&](auto& depacketizer) {
        static_cast<void>(depacketizer.push(packet));  // what cannot be read is not heard
        while (const auto unit = depacketizer.pull()) on_unit_(*unit);
      },
      depacketizer_);
}

std::optional<rtp::SenderReport> AudioReceiver::on_rtcp(ByteView packet, SteadyTime now) {
  const auto parsed = rtp::parse_rtcp(packet);
  if (!parsed) return std::nullopt;
  std::optional<rtp::SenderReport> found;
  for (const auto& one : *parsed) {
    const auto* report = std::get_if<rtp::SenderReport>(&one);
    if (report == nullptr || report->ssrc != media_ssrc_) continue;
    reception_.on_sender_report(report->ntp, now);
    found = *report;
  }
  return found;
}

std::optional<SteadyTime> AudioReceiver::next_deadline() const {
  return reorder_ ? reorder_->next_deadline() : std::nullopt;
}

void AudioReceiver::on_deadline(SteadyTime now) {
  if (reorder_) drain(now);
}

std::optional<Buffer> AudioReceiver::report(SteadyTime now) {
  return write_report(reception_, ssrc_, media_ssrc_, now);
}

}  // namespace jalousie::ingest
