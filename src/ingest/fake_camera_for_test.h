// A camera that does what a test's script says, on the test's loop: RTSP by hand, pictures by H264Packetizer.
// The slices are real up to where the depacketizer reads them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "io/stream.h"
#include "io/task_group.h"
#include "io/udp.h"
#include "rtp/h264_packetizer.h"
#include "rtsp/auth.h"
#include "rtsp/parser.h"

namespace jalousie::ingest {

struct Script {
  enum class Then : std::uint8_t {
    GoOn,
    Silence,     // no picture any more; the connection stays
    Cut,         // the connection ends
    CutInFrame,  // likewise, in the middle of an interleaved frame
    Garbage,     // bytes that are nothing
  };

  std::string password{};  // of "admin"; empty: anybody may watch
  std::string raw{};       // sent instead of any answer, for as long as the client reads
  bool mute = false;       // never answers
  int describe_status = 200;
  bool is_tcp_refused = false;
  bool is_udp_refused = false;
  std::string redirect{};       // Location of the answer to DESCRIBE, which is then 302
  int redirects = 1'000'000;    // so often
  int keep_alive_status = 200;  // of OPTIONS while it plays
  bool has_server_port = true;
  std::string rtpmap = "H264/90000";
  bool has_parameter_sets = true;
  bool has_key_frames = true;
  bool has_b_frames = false;
  int b_frames_until = 1'000'000;  // this picture
  int gop = 10;
  Microseconds interval = Milliseconds(20);
  int frames = 0;  // then `then`
  Then then = Then::GoOn;
  int lost_packet_at = -1;  // of this frame, over UDP: its first, or its last
  bool is_last_lost = false;
  int damaged_from = -1;  // over UDP: each frame from this one on loses its first packet,
  int damaged_until = 0;  // and this one is whole again
  std::size_t slice_bytes = 3000;

  enum class Sound : std::uint8_t { None, Pcmu, Refused, CutAtSetup };
  Sound sound = Sound::None;  // a packet with every picture
  std::string cut_at{};       // the first request by this method ends its connection
};

class FakeCamera {
 public:
  FakeCamera(io::Loop& loop, RandomSource& random, const Clock& clock,
             const Endpoint& at = Endpoint::v4({127, 0, 0, 1}, 0));
  ~FakeCamera();

  std::uint16_t port() const { return listener_->local().port(); }
  std::string url() const { return "rtsp://" + listener_->local().to_string() + "/live"; }
  void start() { tasks_.spawn(accept()); }
  io::Task<> close();

  // On the loop:
  Script script;                              // of the connections that come after it is set
  std::shared_ptr<io::TlsServerContext> tls;  // null: in the clear
  int connections = 0;
  std::vector<std::string> methods;  // of requests that were let in
  int redirected = 0;
  int refused_passwords = 0;
  int receiver_reports = 0;
  std::vector<std::string> set_up;  // what was asked for by SETUP

 private:
  struct Visit;
  io::Task<> accept();
  io::Task<> serve(std::unique_ptr<io::Stream> stream);
  io::Task<> answer_all(Visit& visit);
  io::Task<bool> answer(Visit& visit, const rtsp::Request& request);
  io::Task<> play(Visit& visit);
  io::Task<bool> send_frame(Visit& visit, int number);
  io::Task<bool> send_sound(Visit& visit, int number);

  io::Loop& loop_;
  RandomSource& random_;
  const Clock& clock_;
  std::unique_ptr<io::TcpListener> listener_;
  io::TaskGroup tasks_;
};

}  // namespace jalousie::ingest
