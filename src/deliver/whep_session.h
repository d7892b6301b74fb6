// One viewer by WebRTC: takes the opened pictures and sound of one viewing, packetises them into its own
// buffer, encrypts them for its own peer and sends them. Sends lost packets again (RFC 4585, RFC 4588) by
// opening their sealed block once more. What is clear exists during on_frame() and a retransmission only, and
// is wiped with the buffer.
//
// Lives on one loop, that of its viewing. Ends when the peer goes, consent expires, the viewing is ended from
// above, or the camera begins to send what this peer was not asked about: another codec, or B-frames.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/metrics.h"
#include "base/random.h"
#include "deliver/sent_history.h"
#include "deliver/sound_sender.h"
#include "deliver/udp_mux.h"
#include "deliver/video_fit.h"
#include "deliver/viewing_events.h"
#include "io/loop.h"
#include "rtp/nal_packetizer.h"
#include "rtp/packet_batch.h"
#include "rtp/rtcp.h"
#include "stream/shard.h"
#include "webrtc/offer.h"
#include "webrtc/peer_session.h"

namespace jalousie::deliver {

/// Counters that all sessions share.
struct WhepMetrics {
  explicit WhepMetrics(Metrics& metrics);
  Counter& started;
  Counter& packets;
  Counter& bytes;
  Counter& dropped;  // the kernel's send buffer was full
  Counter& retransmitted;
  Counter& unrepairable;  // asked for too late
  Counter& key_frames_wanted;
};

class WhepSession final : public stream::Sink {
 public:
  struct Parts {
    stream::Shard& shard;
    UdpMux& mux;
    RandomSource& random;
    WhepMetrics& metrics;
    ViewingEventSink& events;
  };
  /// `ended` is called once, on the loop; the session may be destroyed after it has returned, not inside.
  WhepSession(Parts parts, SessionId owner, webrtc::Negotiated negotiated,
              std::shared_ptr<const webrtc::Identity> identity, webrtc::IceCredentials credentials,
              std::move_only_function<void()> ended);
  ~WhepSession() override;

  /// The viewing that feeds it; once, before datagrams come.
  void attach(std::unique_ptr<stream::Viewing> viewing);
  stream::Viewing& viewing() { return *viewing_; }
  void on_datagram(MutableBytes datagram, const Endpoint& from);
  /// Ends from above (a revocation): keys wiped, the page told why, the peer's session closed.
  void end(keeper::EndReason reason);
  /// The viewer leaves of its own accord, or the server ends.
  void leave() { finish(); }

  void on_frame(const stream::Frame& frame) override;
  bool wants_sound() const override { return sound_ && connected_; }
  void on_sound(const stream::Sound& sound) override;
  void on_skipped(std::uint64_t count) override;
  void on_ended(keeper::EndReason reason) override;

  /// The SDP answer, with our address for the media port.
  std::string answer(const Endpoint& candidate) const;

 private:
  webrtc::PeerConfig peer_config() const;
  void handle(const std::optional<webrtc::PeerEvent>& event);
  void on_rtcp(ByteView compound);
  void resend(std::vector<std::uint16_t> lost);
  bool wants_key_frame(const rtp::RtcpPacket& packet) const;
  Result<std::size_t> append_retransmission(ByteView original);
  Result<std::size_t> append_repetition(ByteView original);
  void resend_from(const SentHistory::Sent& sent, std::span<const std::uint16_t> lost);
  bool send_batch(const Endpoint& to);
  void send_reports();
  void send_report(const Endpoint& to, const rtp::SenderReport& report);
  void tell_time(bool is_live);
  void flush_control();
  void finish();

  Parts parts_;
  SessionId owner_;
  webrtc::Negotiated negotiated_;
  VideoWatch video_;
  std::shared_ptr<const webrtc::Identity> identity_;
  webrtc::IceCredentials credentials_;
  std::move_only_function<void()> ended_call_;
  std::uint32_t ssrc_;
  std::uint32_t rtx_ssrc_;
  std::string cname_;
  std::optional<SoundSender> sound_;
  webrtc::PeerSession peer_;
  std::unique_ptr<rtp::NalPacketizer> packetizer_;
  rtp::PacketBatch batch_;
  rtp::PacketBatch again_;   // a picture made once more
  rtp::PacketBatch resent_;  // those of its packets that were asked for
  SentHistory history_;
  std::unique_ptr<stream::Viewing> viewing_;
  std::uint32_t timestamp_base_;
  std::uint16_t next_sequence_;
  std::uint16_t next_rtx_sequence_;
  std::uint32_t packets_sent_ = 0;
  std::uint32_t bytes_sent_ = 0;
  struct LastPicture {
    std::uint32_t rtp_timestamp = 0;
    UtcTime capture{};
    SteadyTime at{};
  };
  std::optional<LastPicture> last_;
  SteadyTime last_report_{};
  SteadyTime last_told_{};
  /// Retransmission per second: 2 Mb/s at 30 % loss asks for about 80 packets; a peer that asks for
  /// everything, or for one packet each of many large pictures, gets neither an amplifier nor the loop's
  /// time.
  struct ResendBudget {
    int packets = 600;
    int opens = 60;
    std::int64_t opened_bytes = 4'000'000;
  };
  ResendBudget budget_;
  SteadyTime budget_since_{};
  io::Timer deadline_;
  bool connected_ = false;
  bool finished_ = false;
};

}  // namespace jalousie::deliver
