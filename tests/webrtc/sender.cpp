// Sends one H.264 byte stream to one WebRTC viewer: the webrtc room on a real socket, for chromium.mjs.
//
//   webrtc_sender STREAM.h264 FPS LOSE_EVERY <offer.sdp >answer.sdp 2>report.json
//
// Reads the offer to its end, writes the answer and closes standard output, sends the stream over and over at
// FPS until the viewer goes, and reports. Of the packets, each LOSE_EVERY-th is not sent (0: all are), to be
// asked for again.
#include <charconv>
#include <cstdio>
#include <deque>
#include <fstream>
#include <iostream>
#include <iterator>

#include <fmt/format.h>

#include "base/assert.h"
#include "codec/annex_b.h"
#include "crypto/system_random.h"
#include "io/loop.h"
#include "io/udp.h"
#include "rtp/h264_packetizer.h"
#include "rtp/packet_batch.h"
#include "rtp/rtcp.h"
#include "rtp/rtx.h"
#include "webrtc/offer.h"
#include "webrtc/peer_session.h"

namespace jalousie {
namespace {

constexpr std::uint32_t kSsrc = 0x4a414c01;
constexpr std::uint32_t kRtxSsrc = 0x4a414c02;

std::vector<Buffer> read_units(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const Buffer stream((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::vector<Buffer> units;
  codec::h264::AnnexBUnits reader(stream);
  for (;;) {
    const auto unit = reader.next();
    JAL_ASSERT(unit);
    if (unit->empty()) return units;
    units.emplace_back(unit->begin(), unit->end());
  }
}

class Sender {
 public:
  Sender(io::Loop& loop, std::vector<Buffer> units, int fps, unsigned lose_every)
      : loop_(loop),
        units_(std::move(units)),
        fps_(fps),
        lose_every_(lose_every),
        socket_(io::UdpSocket::bind(loop, Endpoint::v4({127, 0, 0, 1}, 0)).value()),
        frame_timer_(loop),
        session_timer_(loop) {}

  Result<std::string> answer(const std::string& offer) {
    TRY(const auto negotiated, webrtc::accept_offer(offer, {.profile = "640028"}));
    video_ = negotiated.video;
    TRY(const auto identity, webrtc::Identity::create(random_, clock_.utc()));
    webrtc::LocalDescription local;
    local.ice = webrtc::IceCredentials::make(random_);
    local.fingerprint = identity->fingerprint();
    local.candidates = {socket_->local()};
    local.session_id = 1;
    local.ssrc = kSsrc;
    local.rtx_ssrc = kRtxSsrc;
    local.cname = local.stream_id = local.track_id = "sender";
    using Repeats = webrtc::SrtpSender::Repeats;
    session_ = std::make_unique<webrtc::PeerSession>(
        webrtc::PeerConfig{
            identity,
            local.ice,
            negotiated.remote_ufrag,
            negotiated.fingerprints,
            {{kSsrc, video_.rtx_payload_type ? Repeats::No : Repeats::Yes}, {kRtxSsrc, Repeats::No}}},
        clock_.steady());
    packetizer_.emplace(kSsrc, video_.payload_type);
    return webrtc::write_answer(negotiated, local);
  }

  void start() {
    began_ = clock_.steady();
    socket_->receive([this](MutableBytes datagram, const Endpoint& from) {
      const auto event = session_->feed(datagram, from, clock_.steady());
      flush();  // first: the peer has keys only when it has the last flight
      if (event) on_event(*event);
    });
    flush();
  }

  void report() const {
    std::cerr << fmt::format(
        R"({{"connected_ms":{},"frames":{},"packets":{},"lost":{},"nacked":{},"resent":{},"pli":{},"rtx":{},"end":"{}"}})",
        connected_ms_, frames_, packets_, lost_, nacked_, resent_, pli_, video_.rtx_payload_type.has_value(),
        end_);
  }

 private:
  struct Sent {
    std::uint16_t first = 0;
    std::size_t packets = 0;
    std::uint32_t timestamp = 0;
    std::size_t unit = 0;
  };

  void on_event(const webrtc::PeerEvent& event) {
    using Kind = webrtc::PeerEvent::Kind;
    switch (event.kind) {
      case Kind::Path:
        break;
      case Kind::Connected:
        connected_ms_ = std::chrono::duration_cast<Milliseconds>(clock_.steady() - began_).count();
        started_ = clock_.steady();
        send_frame();
        break;
      case Kind::Rtcp:
        on_rtcp(event.rtcp);
        break;
      case Kind::Closed:
      case Kind::Failed:
        end_ = event.reason;
        loop_.stop();
    }
  }

  void flush() {
    while (const auto output = session_->poll_output()) {
      const ByteView one(output->bytes);
      socket_->send(output->to, {&one, 1});
    }
    const auto deadline = session_->next_deadline();
    if (!deadline) return;
    session_timer_.start(std::max(Microseconds(0), *deadline - clock_.steady()), [this] {
      if (const auto event = session_->on_deadline(clock_.steady())) on_event(*event);
      flush();
    });
  }

  void send_frame() {
    const std::size_t unit = next_unit_++ % units_.size();
    const auto timestamp = static_cast<std::uint32_t>(frames_ * 90'000 / fps_);
    batch_.clear();
    const auto packets = packetizer_->packetize(units_[unit], timestamp, sequence_, batch_);
    JAL_ASSERT(packets && session_->protect(batch_));
    sent_.push_back({sequence_, *packets, timestamp, unit});
    if (sent_.size() > 100) sent_.pop_front();
    sequence_ = static_cast<std::uint16_t>(sequence_ + *packets);
    send_batch(lose_every_);
    if (frames_ % fps_ == 0) send_report(timestamp);
    ++frames_;
    const SteadyTime next = started_ + Microseconds(std::int64_t{1'000'000} * frames_ / fps_);
    frame_timer_.start(std::max(Microseconds(0), next - clock_.steady()), [this] {
      if (session_->peer()) send_frame();
    });
  }

  void send_batch(unsigned lose_every) {
    for (const ByteView packet : batch_.packets()) {
      ++packets_;
      if (lose_every != 0 && packets_ % lose_every == 0) {
        ++lost_;
      } else {
        socket_->send(*session_->peer(), {&packet, 1});
      }
    }
  }

  void send_report(std::uint32_t timestamp) {
    Buffer buffer(256);
    ByteWriter writer(buffer);
    rtp::write_sender_report(
        writer, {kSsrc, rtp::to_ntp(clock_.utc()), timestamp, static_cast<std::uint32_t>(packets_), 0, {}});
    rtp::write_cname(writer, kSsrc, "sender");
    const auto total = session_->protect_rtcp(buffer, writer.position());
    JAL_ASSERT(total);
    const ByteView packet = ByteView(buffer).first(*total);
    socket_->send(*session_->peer(), {&packet, 1});
  }

  void on_rtcp(ByteView compound) {
    const auto packets = rtp::parse_rtcp(compound);
    if (!packets) return;
    for (const auto& packet : *packets) {
      if (std::holds_alternative<rtp::PictureLoss>(packet)) ++pli_;
      if (const auto* nack = std::get_if<rtp::Nack>(&packet)) {
        for (const std::uint16_t sequence : nack->sequences) resend(sequence);
      }
    }
  }

  void resend(std::uint16_t sequence) {
    ++nacked_;
    for (const Sent& sent : sent_) {
      const auto offset = static_cast<std::uint16_t>(sequence - sent.first);
      if (offset >= sent.packets) continue;
      rtp::PacketBatch clear;
      JAL_ASSERT(packetizer_->packetize(units_[sent.unit], sent.timestamp, sent.first, clear));
      batch_.clear();
      if (video_.rtx_payload_type) {
        JAL_ASSERT(rtp::append_rtx(batch_, clear.packet(offset), kRtxSsrc, *video_.rtx_payload_type,
                                   rtx_sequence_++));
        JAL_ASSERT(session_->protect(batch_));
      } else {
        const ByteView packet = clear.packet(offset);
        const MutableBytes copy = batch_.append(packet.size());
        std::copy(packet.begin(), packet.end(), copy.begin());
        const auto total = session_->protect_rtp_again(batch_.with_trailer(0), packet.size());
        JAL_ASSERT(total);
        batch_.resize(0, *total);
      }
      ++resent_;
      send_batch(0);
      return;
    }
  }

  io::Loop& loop_;
  std::vector<Buffer> units_;
  int fps_;
  unsigned lose_every_;
  SystemClock clock_;
  crypto::SystemRandom random_;
  std::unique_ptr<io::UdpSocket> socket_;
  io::Timer frame_timer_;
  io::Timer session_timer_;
  webrtc::NegotiatedVideo video_;
  std::unique_ptr<webrtc::PeerSession> session_;
  std::optional<rtp::H264Packetizer> packetizer_;
  rtp::PacketBatch batch_;
  std::deque<Sent> sent_;
  SteadyTime began_{};
  SteadyTime started_{};
  std::uint16_t sequence_ = 65'000;  // rolls over soon
  std::uint16_t rtx_sequence_ = 1;
  std::size_t next_unit_ = 0;
  std::int64_t frames_ = 0;
  std::int64_t connected_ms_ = -1;
  std::uint64_t packets_ = 0, lost_ = 0, nacked_ = 0, resent_ = 0, pli_ = 0;
  std::string end_;
};

int run(const std::string& path, int fps, unsigned lose_every) {
  const std::string offer((std::istreambuf_iterator<char>(std::cin)), std::istreambuf_iterator<char>());
  io::Loop loop;
  Sender sender(loop, read_units(path), fps, lose_every);
  const auto answer = sender.answer(offer);
  if (!answer) {
    std::cerr << answer.error().message() << "\n";
    return 1;
  }
  loop.post([&] {
    sender.start();
    std::cout << *answer << std::flush;
    std::fclose(stdout);
  });
  loop.run();
  sender.report();
  return 0;
}

}  // namespace
}  // namespace jalousie

int main(int count, char** arguments) {
  if (count != 4) return 2;
  return jalousie::run(arguments[1], std::atoi(arguments[2]), static_cast<unsigned>(std::atoi(arguments[3])));
}
