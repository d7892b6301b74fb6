// One client of the camera: its RTSP dialogue, and its pictures and sound over the same connection or over
// UDP. Lives on the loop, from accept to the end of the connection; the session ends with it.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "camera/dialogue.h"
#include "camera/facts.h"
#include "camera/feed.h"
#include "camera/rtp_sender.h"
#include "camera/sound_sender.h"
#include "camera/sound_stream.h"
#include "camera/udp_channel.h"
#include "io/loop.h"
#include "io/stream.h"
#include "io/task.h"
#include "io/task_group.h"
#include "rtsp/auth.h"
#include "rtsp/parser.h"

namespace jalousie::camera {

/// What all connections share; outlives them.
struct Services {
  io::Loop& loop;
  const Clock& clock;
  RandomSource& random;
  const CameraFacts& facts;
  rtsp::DigestVerifier* verifier;                       // null: no password
  const std::vector<std::unique_ptr<Feed>>& streams;    // as in facts
  std::shared_ptr<io::TlsServerContext> tls = nullptr;  // null: in the clear
  bool http_tunnel = false;                             // also RTSP over HTTP
  SoundStream* sound = nullptr;                         // where facts say that there is sound
};

class Connection final : private MediaPort, private Watcher, private Listener {
 public:
  Connection(const Services& services, std::unique_ptr<io::Stream> stream);
  ~Connection() override;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Until the client goes, is silent for too long, or cannot be understood. Once.
  io::Task<> serve();

 private:
  io::Task<> converse(io::TaskGroup& group);
  io::Task<> read();
  io::Task<> write();
  io::Task<> watch_silence();
  bool handle_all();
  void say(std::string_view text);

  Result<rtsp::Transport> set_up(std::size_t stream, std::size_t track,
                                 const rtsp::Transport& offered) override;
  std::vector<Start> play() override;
  void pause() override;
  void tear_down() override;
  void on_frame(const CodedFrame& frame) override;
  void on_sound(const CodedSound& sound) override;
  void send(std::size_t track, rtp::PacketBatch& packets);
  void send_interleaved(const rtsp::Pair& channels, rtp::PacketBatch& packets);
  void send_rtcp(std::size_t track, ByteView compound);

  const Services& services_;
  std::unique_ptr<io::Stream> stream_;
  rtsp::Parser parser_;
  Dialogue dialogue_;

  std::deque<Buffer> outbox_;
  std::size_t outbox_bytes_ = 0;
  io::Event outbox_filled_;
  io::Event outbox_empty_;
  bool is_dropping_ = false;

  std::size_t playing_stream_ = 0;
  bool is_playing_ = false;
  std::uint64_t first_frame_ = 0;
  std::uint64_t first_sound_ = 0;
  std::optional<RtpSender> sender_;       // while the pictures are set up
  std::optional<SoundSender> listening_;  // while the sound is
  struct Way {
    std::optional<rtsp::Pair> channels;
    std::unique_ptr<UdpChannel> udp;
  };
  std::array<Way, kTracks> ways_;
};

}  // namespace jalousie::camera
