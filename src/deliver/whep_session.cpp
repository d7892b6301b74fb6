#include "deliver/whep_session.h"

#include <algorithm>

#include "base/assert.h"
#include "base/encoding.h"
#include "base/log.h"
#include "rtp/h264_packetizer.h"
#include "rtp/h265_packetizer.h"
#include "rtp/rtx.h"
#include "rtp/sequence.h"

namespace jalousie::deliver {

namespace {

// RFC 3550 6.2 has 5 s as the least average interval for RTCP; AVPF (RFC 4585) lets go of it, and players set
// their clocks by the first one.
constexpr Microseconds kReportEvery = Seconds(1);
constexpr Microseconds kTellLive = Seconds(1);
constexpr Microseconds kTellWalking = Milliseconds(200);
// RFC 3550 5.1: the fixed header; what a sender report counts is behind it (6.4.1).
constexpr std::size_t kRtpHeaderBytes = 12;

// RFC 7022 section 4.2: 96 random bits, new for each session.
std::string random_name(RandomSource& random) {
  std::array<std::uint8_t, 12> bytes{};
  random.fill(bytes);
  return encode_base64url(bytes);
}

std::uint32_t to_90khz(Microseconds time) {
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(time.count()) * 9 / 100);
}

std::unique_ptr<rtp::NalPacketizer> packetizer_for(const webrtc::NegotiatedVideo& video, std::uint32_t ssrc) {
  if (video.codec == codec::VideoCodec::H265)
    return std::make_unique<rtp::H265Packetizer>(ssrc, video.payload_type);
  return std::make_unique<rtp::H264Packetizer>(ssrc, video.payload_type);
}

std::optional<SoundSender> sound_sender_for(const webrtc::Negotiated& negotiated, RandomSource& random) {
  if (!negotiated.sound) return std::nullopt;
  return SoundSender(*negotiated.sound, random);
}

}  // namespace

WhepMetrics::WhepMetrics(Metrics& metrics)
    : started(metrics.counter("jalousie_deliver_whep_sessions_total", "WHEP sessions that were begun")),
      packets(metrics.counter("jalousie_deliver_rtp_packets_total", "RTP packets sent to viewers")),
      bytes(metrics.counter("jalousie_deliver_rtp_bytes_total", "Bytes of RTP payload sent to viewers")),
      dropped(metrics.counter("jalousie_deliver_dropped_packets_total",
                              "Packets that the kernel's send buffer had no room for")),
      retransmitted(
          metrics.counter("jalousie_deliver_retransmitted_packets_total", "Packets sent again on request")),
      unrepairable(metrics.counter("jalousie_deliver_unrepairable_packets_total",
                                   "Packets asked for that were no longer at hand")),
      key_frames_wanted(metrics.counter("jalousie_deliver_key_frames_wanted_total",
                                        "Picture loss indications from viewers")) {}

WhepSession::WhepSession(Parts parts, SessionId owner, webrtc::Negotiated negotiated,
                         std::shared_ptr<const webrtc::Identity> identity, webrtc::IceCredentials credentials,
                         std::move_only_function<void()> ended)
    : parts_(parts),
      owner_(owner),
      negotiated_(std::move(negotiated)),
      video_(negotiated_.video.codec),
      identity_(std::move(identity)),
      credentials_(std::move(credentials)),
      ended_call_(std::move(ended)),
      ssrc_(random_u32(parts.random)),
      rtx_ssrc_(ssrc_ ^ 0x5a5a5a5a),
      cname_(random_name(parts.random)),
      sound_(sound_sender_for(negotiated_, parts.random)),
      peer_(peer_config(), parts.shard.clock().steady()),
      packetizer_(packetizer_for(negotiated_.video, ssrc_)),
      timestamp_base_(random_u32(parts.random)),
      next_sequence_(rtp::first_sequence(parts.random)),
      next_rtx_sequence_(rtp::first_sequence(parts.random)),
      deadline_(parts.shard.loop()) {
  parts_.metrics.started.add();
}

webrtc::PeerConfig WhepSession::peer_config() const {
  using Repeats = webrtc::SrtpSender::Repeats;
  webrtc::PeerConfig config;
  config.identity = identity_;
  config.local = credentials_;
  config.remote_ufrag = negotiated_.remote_ufrag;
  config.remote_fingerprints = negotiated_.fingerprints;
  config.streams.push_back({ssrc_, negotiated_.video.rtx_payload_type ? Repeats::No : Repeats::Yes});
  if (negotiated_.video.rtx_payload_type) config.streams.push_back({rtx_ssrc_, Repeats::No});
  if (sound_) config.streams.push_back({sound_->ssrc(), Repeats::No});
  return config;
}

WhepSession::~WhepSession() { parts_.mux.remove(credentials_.ufrag); }

std::string WhepSession::answer(const Endpoint& candidate) const {
  webrtc::LocalDescription local;
  local.ice = credentials_;
  local.fingerprint = identity_->fingerprint();
  local.candidates = {candidate};
  local.session_id = timestamp_base_;
  local.ssrc = ssrc_;
  local.rtx_ssrc = rtx_ssrc_;
  local.cname = cname_;
  local.stream_id = "camera";
  local.track_id = "video";
  if (sound_) local.sound_ssrc = sound_->ssrc();
  local.sound_track_id = "sound";
  return webrtc::write_answer(negotiated_, local);
}

void WhepSession::attach(std::unique_ptr<stream::Viewing> viewing) {
  viewing_ = std::move(viewing);
  flush_control();
}

void WhepSession::on_datagram(MutableBytes datagram, const Endpoint& from) {
  if (finished_) return;
  handle(peer_.feed(datagram, from, parts_.shard.clock().steady()));
}

void WhepSession::handle(const std::optional<webrtc::PeerEvent>& event) {
  if (event) {
    switch (event->kind) {
      case webrtc::PeerEvent::Kind::Path:
        parts_.mux.bind(event->path, credentials_.ufrag);
        if (event->forgotten) parts_.mux.unbind(*event->forgotten, credentials_.ufrag);
        break;
      case webrtc::PeerEvent::Kind::Connected:
        connected_ = true;
        flush_control();
        viewing_->start();
        break;
      case webrtc::PeerEvent::Kind::Rtcp:
        on_rtcp(event->rtcp);
        break;
      case webrtc::PeerEvent::Kind::Closed:
      case webrtc::PeerEvent::Kind::Failed:
        log::info("deliver", "viewer gone",
                  {{"viewing", viewing_->id().to_string()}, {"why", event->reason}});
        finish();
        return;
    }
  }
  if (!finished_) flush_control();
}

void WhepSession::flush_control() {
  while (const auto output = peer_.poll_output()) {
    const ByteView bytes = output->bytes;
    parts_.mux.send(output->to, std::span(&bytes, 1));
  }
  if (const auto deadline = peer_.next_deadline()) {
    const SteadyTime now = parts_.shard.clock().steady();
    deadline_.start(std::max<Microseconds>(*deadline - now, Microseconds(0)), [this] {
      if (!finished_) handle(peer_.on_deadline(parts_.shard.clock().steady()));
    });
  }
}

void WhepSession::on_frame(const stream::Frame& frame) {
  const auto to = peer_.peer();
  if (!connected_ || finished_ || !to) return;
  if (!video_.still_fits(frame)) {
    log::info("deliver", "the camera sends something else now; its viewers ask again",
              {{"viewing", viewing_->id().to_string()}});
    finish();
    return;
  }
  const std::uint32_t timestamp = timestamp_base_ + frame.rtp_timestamp;
  batch_.clear();
  const auto packets = packetizer_->packetize(frame.clear, timestamp, next_sequence_, batch_);
  if (!packets) {
    log::error("deliver", "a picture could not be packetised",
               {{"viewing", viewing_->id().to_string()}, {"why", packets.error().message()}});
    return;
  }
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < batch_.size(); ++i) bytes += batch_.packet(i).size() - kRtpHeaderBytes;
  if (!send_batch(*to)) return;
  history_.add({next_sequence_, static_cast<std::uint16_t>(*packets), timestamp, frame.block,
                parts_.shard.clock().steady()});
  next_sequence_ = static_cast<std::uint16_t>(next_sequence_ + *packets);
  packets_sent_ += static_cast<std::uint32_t>(*packets);
  bytes_sent_ += static_cast<std::uint32_t>(bytes);
  parts_.metrics.bytes.add(static_cast<double>(bytes));
  last_ = LastPicture{timestamp, frame.block->header().capture, parts_.shard.clock().steady()};
  if (last_->at - last_report_ >= kReportEvery) send_reports();
  tell_time(frame.is_live);
}

/// False where the session has ended.
bool WhepSession::send_batch(const Endpoint& to) {
  if (const auto done = peer_.protect(batch_); !done) {
    log::error("deliver", "packets could not be encrypted",
               {{"viewing", viewing_->id().to_string()}, {"why", done.error().message()}});
    finish();
    return false;
  }
  const std::size_t taken = parts_.mux.send(to, batch_.packets());
  parts_.metrics.packets.add(static_cast<double>(taken));
  if (taken < batch_.size()) parts_.metrics.dropped.add(static_cast<double>(batch_.size() - taken));
  return true;
}

void WhepSession::on_sound(const stream::Sound& sound) {
  const auto to = peer_.peer();
  if (!sound_ || !connected_ || finished_ || !to) return;
  batch_.clear();
  if (sound_->packetize(sound, batch_) == 0) return;
  send_batch(*to);
}

void WhepSession::on_skipped(std::uint64_t count) {
  log::info("deliver", "viewer fell behind; going on at the newest key frame",
            {{"viewing", viewing_->id().to_string()}, {"pictures", std::to_string(count)}});
}

void WhepSession::tell_time(bool is_live) {
  if (last_->at - last_told_ < (is_live ? kTellLive : kTellWalking)) return;
  last_told_ = last_->at;
  parts_.events.picture_time(owner_, viewing_->id(), last_->rtp_timestamp, last_->capture);
}

void WhepSession::on_rtcp(ByteView compound) {
  const auto packets = rtp::parse_rtcp(compound);
  if (!packets) {
    log::debug("deliver", "malformed RTCP",
               {{"viewing", viewing_->id().to_string()}, {"why", packets.error().message()}});
    return;
  }
  for (const rtp::RtcpPacket& packet : *packets) {
    if (const auto* nack = std::get_if<rtp::Nack>(&packet); nack != nullptr && nack->media_ssrc == ssrc_) {
      resend(nack->sequences);
    } else if (wants_key_frame(packet)) {
      parts_.metrics.key_frames_wanted.add();
      viewing_->key_frame_wanted();
    } else if (std::get_if<rtp::Bye>(&packet) != nullptr) {
      finish();
      return;
    }
    if (finished_) return;
  }
}

bool WhepSession::wants_key_frame(const rtp::RtcpPacket& packet) const {
  if (const auto* loss = std::get_if<rtp::PictureLoss>(&packet); loss != nullptr)
    return loss->media_ssrc == ssrc_;
  const auto* request = std::get_if<rtp::FullIntraRequest>(&packet);
  return request != nullptr && std::any_of(request->entries.begin(), request->entries.end(),
                                           [this](const auto& entry) { return entry.media_ssrc == ssrc_; });
}

void WhepSession::resend(std::vector<std::uint16_t> lost) {
  const SteadyTime now = parts_.shard.clock().steady();
  if (now - budget_since_ >= Seconds(1)) {
    budget_since_ = now;
    budget_ = {};
  }
  // In the order of sending, so that what is of one picture stands together and each picture is opened once.
  const auto order = [oldest = static_cast<std::uint16_t>(next_sequence_ + 0x8000)](std::uint16_t sequence) {
    return static_cast<std::uint16_t>(sequence - oldest);
  };
  std::ranges::sort(lost, {}, order);
  lost.erase(std::unique(lost.begin(), lost.end()), lost.end());
  std::size_t begin = 0;
  while (begin < lost.size() && budget_.packets > 0 && budget_.opens > 0 && budget_.opened_bytes > 0 &&
         !finished_) {
    const SentHistory::Sent* found = history_.find(lost[begin], now);
    if (found == nullptr) {
      parts_.metrics.unrepairable.add();
      --budget_.packets;
      ++begin;
      continue;
    }
    const SentHistory::Sent sent = *found;
    std::size_t end = begin;
    while (end < lost.size() && static_cast<std::uint16_t>(lost[end] - sent.first_sequence) < sent.packets)
      ++end;
    end = std::min(end, begin + static_cast<std::size_t>(budget_.packets));
    --budget_.opens;
    budget_.opened_bytes -= static_cast<std::int64_t>(sent.block->bytes().size());
    budget_.packets -= static_cast<int>(end - begin);
    resend_from(sent, std::span(lost).subspan(begin, end - begin));
    begin = end;
  }
}

void WhepSession::resend_from(const SentHistory::Sent& sent, std::span<const std::uint16_t> lost) {
  const auto to = peer_.peer();
  const auto clear = viewing_->reopen(sent.block);
  if (!clear || !to) return;
  resent_.clear();
  const auto made = packetizer_->packetize(clear->bytes(), sent.rtp_timestamp, sent.first_sequence, again_);
  if (!made || *made != sent.packets) {
    again_.wipe();
    return;
  }
  for (const std::uint16_t sequence : lost) {
    const auto index = static_cast<std::uint16_t>(sequence - sent.first_sequence);
    const ByteView original = std::as_const(again_).packet(index);
    const auto length =
        negotiated_.video.rtx_payload_type ? append_retransmission(original) : append_repetition(original);
    if (!length) {
      log::warn("deliver", "a packet could not be sent again",
                {{"viewing", viewing_->id().to_string()}, {"why", length.error().message()}});
      break;
    }
    resent_.resize(resent_.size() - 1, *length);
  }
  parts_.metrics.retransmitted.add(static_cast<double>(parts_.mux.send(*to, resent_.packets())));
  again_.wipe();
}

Result<std::size_t> WhepSession::append_retransmission(ByteView original) {
  TRY_VOID(rtp::append_rtx(resent_, original, rtx_ssrc_, *negotiated_.video.rtx_payload_type,
                           next_rtx_sequence_++));
  const std::size_t last = resent_.size() - 1;
  auto length = peer_.protect_rtp(resent_.with_trailer(last), resent_.packet(last).size());
  if (!length) resent_.truncate(last);
  return length;
}

Result<std::size_t> WhepSession::append_repetition(ByteView original) {
  const MutableBytes packet = resent_.append(original.size());
  std::copy(original.begin(), original.end(), packet.begin());
  const std::size_t last = resent_.size() - 1;
  auto length = peer_.protect_rtp_again(resent_.with_trailer(last), original.size());
  if (!length) resent_.truncate(last);
  return length;
}

void WhepSession::send_reports() {
  const auto to = peer_.peer();
  if (!last_ || !to) return;
  const SteadyTime now = parts_.shard.clock().steady();
  last_report_ = now;
  const rtp::NtpTime ntp = rtp::to_ntp(parts_.shard.clock().utc());
  const std::uint32_t shown = last_->rtp_timestamp + to_90khz(now - last_->at);
  send_report(
      *to,
      {.ssrc = ssrc_, .ntp = ntp, .rtp_timestamp = shown, .packets = packets_sent_, .octets = bytes_sent_});
  if (!sound_) return;
  if (const auto report = sound_->report(ntp, shown - timestamp_base_)) send_report(*to, *report);
}

void WhepSession::send_report(const Endpoint& to, const rtp::SenderReport& report) {
  std::array<std::uint8_t, 256> buffer{};
  ByteWriter writer(buffer);
  rtp::write_sender_report(writer, report);
  rtp::write_cname(writer, report.ssrc, cname_);
  JAL_ASSERT(writer.ok());
  const auto protected_length = peer_.protect_rtcp(buffer, writer.position());
  if (!protected_length) return;
  const ByteView bytes = ByteView(buffer).first(*protected_length);
  parts_.mux.send(to, std::span(&bytes, 1));
}

void WhepSession::end(keeper::EndReason reason) {
  if (viewing_) viewing_->end(reason);
}

void WhepSession::on_ended(keeper::EndReason reason) {
  parts_.events.viewing_ended(owner_, viewing_->id(), reason);
  finish();
}

void WhepSession::finish() {
  if (finished_) return;
  finished_ = true;
  connected_ = false;
  history_.clear();
  batch_.wipe();
  again_.wipe();
  resent_.wipe();
  deadline_.cancel();
  peer_.close();
  while (const auto output = peer_.poll_output()) {
    const ByteView bytes = output->bytes;
    parts_.mux.send(output->to, std::span(&bytes, 1));
  }
  parts_.mux.remove(credentials_.ufrag);
  ended_call_();
}

}  // namespace jalousie::deliver
