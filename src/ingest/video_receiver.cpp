#include "ingest/video_receiver.h"

#include "codec/access_unit.h"
#include "ingest/problems.h"
#include "ingest/report.h"
#include "rtp/h264_depacketizer.h"
#include "rtp/h265_depacketizer.h"
#include "rtp/jpeg_depacketizer.h"
#include "rtp/packet.h"

namespace jalousie::ingest {

namespace {
// One unit or packet may be a bit that flipped on the way; so many are how the camera is.
constexpr int kUnitsToBeSure = 3;

template <class Depacketizer>
std::unique_ptr<rtp::VideoDepacketizer> with_sets_of(const VideoTrack& track) {
  auto made = std::make_unique<Depacketizer>();
  // Sets that cannot be read are as good as none: most cameras repeat them in the stream.
  static_cast<void>(made->set_parameter_sets(track.parameter_sets));
  return made;
}

std::unique_ptr<rtp::VideoDepacketizer> depacketizer_for(const VideoTrack& track) {
  if (track.codec == codec::VideoCodec::Jpeg) {
    auto made = std::make_unique<rtp::JpegDepacketizer>();
    if (track.size) made->set_size(*track.size);
    return made;
  }
  if (track.codec == codec::VideoCodec::H265) return with_sets_of<rtp::H265Depacketizer>(track);
  return with_sets_of<rtp::H264Depacketizer>(track);
}

}  // namespace

VideoReceiver::VideoReceiver(const VideoTrack& track, bool reorder, std::uint32_t ssrc, UnitCall on_unit)
    : payload_type_(track.payload_type),
      ssrc_(ssrc),
      on_unit_(std::move(on_unit)),
      depacketizer_(depacketizer_for(track)) {
  if (reorder) reorder_.emplace();
}

bool VideoReceiver::on_rtp(ByteView packet, SteadyTime now) {
  const auto view = rtp::PacketView::parse(packet);
  if (!view || view->payload_type != payload_type_) return false;
  media_ssrc_ = view->ssrc;
  reception_.on_packet(view->sequence, view->timestamp, now);
  if (!reorder_) {
    take(*view);
  } else if (reorder_->push(packet, now)) {
    drain(now);
  }
  return true;
}

void VideoReceiver::drain(SteadyTime now) {
  while (const auto packet = reorder_->pop(now)) {
    if (const auto view = rtp::PacketView::parse(*packet)) take(*view);
  }
}

void VideoReceiver::take(const rtp::PacketView& packet) {
  const auto pushed = depacketizer_->push(packet);
  if (!pushed && pushed.error().kind() == ErrorKind::ResourceExhausted &&
      ++units_over_limit_ == kUnitsToBeSure) {
    problem_ = problems::over_limit(pushed.error());
  }
  if (!pushed && pushed.error().kind() == ErrorKind::Unsupported &&
      ++unsupported_packets_ == kUnitsToBeSure && !problem_) {
    problem_ = problems::not_read(pushed.error());
  }
  while (const auto unit = depacketizer_->pull()) {
    unsupported_packets_ = 0;
    note_format(*unit);
    if (!problem_) on_unit_(*unit);
  }
}

/// H.265's parameter sets say whether pictures change places. H.264's may leave it open, or allow what the
/// camera does not do: there, what comes decides, GOP by GOP.
void VideoReceiver::note_format(const rtp::VideoUnit& unit) {
  const auto& newest = depacketizer_->format();
  if (newest && newest->codec != codec::VideoCodec::H264) {
    if (format_ != newest) format_ = newest;
    return;
  }
  if (unit.is_key_frame) {
    if (units_with_b_slices_ == 0) has_b_frames_ = false;
    units_with_b_slices_ = 0;
    format_ = newest;
  } else if (codec::h264::has_b_slices(unit.payload)) {
    if (++units_with_b_slices_ == kUnitsToBeSure) has_b_frames_ = true;
  }
  if (format_) format_->has_b_frames = has_b_frames_;
}

std::optional<rtp::SenderReport> VideoReceiver::on_rtcp(ByteView packet, SteadyTime now) {
  const auto parsed = rtp::parse_rtcp(packet);
  if (!parsed) return std::nullopt;
  std::optional<rtp::SenderReport> found;
  for (const auto& one : *parsed) {
    const auto* report = std::get_if<rtp::SenderReport>(&one);
    if (report == nullptr) continue;
    reception_.on_sender_report(report->ntp, now);
    if (report->ssrc == media_ssrc_) found = *report;
  }
  return found;
}

std::optional<SteadyTime> VideoReceiver::next_deadline() const {
  return reorder_ ? reorder_->next_deadline() : std::nullopt;
}

void VideoReceiver::on_deadline(SteadyTime now) {
  if (reorder_) drain(now);
}

std::optional<Buffer> VideoReceiver::report(SteadyTime now) {
  return write_report(reception_, ssrc_, media_ssrc_, now);
}

}  // namespace jalousie::ingest
