// One session with a camera, from TCP connect to the end, as a task: the RTSP client, the receiver and the
// watch, joined to sockets. Knows nothing of sealing, states or reconnecting; what it finds goes to its
// listener. Private to ingest.
//
// Two tasks run side by side: one reads, one writes and waits for deadlines. The first to find a problem ends
// both.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "ingest/audio_receiver.h"
#include "ingest/capture_clock.h"
#include "ingest/source.h"
#include "ingest/status.h"
#include "ingest/udp_pair.h"
#include "ingest/video_receiver.h"
#include "ingest/watch.h"
#include "ingest/way.h"
#include "io/loop.h"
#include "io/stream.h"
#include "io/task.h"
#include "io/task_group.h"
#include "rtsp/client.h"

namespace jalousie::ingest {

/// Called on the session's loop, while run() is under way.
class SessionListener {
 public:
  virtual ~SessionListener() = default;
  /// The camera has described its stream; nothing plays before this has ended. A problem ends the session.
  virtual io::Task<std::optional<Problem>> on_described(const VideoTrack& track) = 0;
  /// The camera at the owner's own address has described its stream behind a certificate that is not the one
  /// of Source: it was the first, or an authority vouches for it.
  virtual void on_certificate(const std::string& fingerprint) = 0;
  /// A unit to seal; good during the call. A problem ends the session.
  virtual std::optional<Problem> on_unit(const rtp::VideoUnit& unit,
                                         const std::optional<codec::VideoFormat>& format) = 0;
  /// A frame of sound, likewise. No fault of it ends the session.
  virtual void on_sound(const rtp::AudioUnit& unit, const AudioTrack& track) = 0;
  /// What the camera says of its own clock: `report` of that track.
  virtual void on_report(TrackKind track, const rtp::SenderReport& report) = 0;
  /// No picture comes, for now: the session goes on.
  virtual void on_pause(const Problem& problem) = 0;
};

class Session {
 public:
  /// All references outlive the session.
  Session(io::Loop& loop, const Source& source, const Timing& timing, const Clock& clock,
          RandomSource& random, SessionListener& listener);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Once. Returns why it ended; what stop() ended gives the problem that was given there. A redirect is
  /// followed, at most three in a row, and never to where encryption ends; the camera's password goes to no
  /// other host or port, and no redirect leads to where an owner's camera may not be. A camera that refuses
  /// TCP or UDP is asked for the other.
  io::Task<Problem> run();
  /// Before run(): the camera is not asked for its sound.
  void leave_sound_out() { is_sound_left_out_ = true; }
  /// Ends run() soon, with a TEARDOWN where one is due.
  void stop(Problem why = {});

  /// Of what came so far; nothing before the camera has described its stream.
  const VideoReceiver* receiver() const { return receiver_ ? &*receiver_ : nullptr; }
  /// The sound that is played; nothing before that is sure.
  const AudioTrack* sound() const { return sound_is_played_ ? &sound_->track() : nullptr; }
  /// The camera ended the connection when it was asked for its sound.
  bool was_cut_over_sound() const { return was_cut_over_sound_; }
  bool has_packets() const { return watch_ && watch_->has_packets(); }
  /// Something that its owner may want to know while all is well; may be empty.
  const std::string& note() const { return note_; }
  /// The camera has forgotten the session, and a new one may be had at once.
  bool is_session_lost() const { return is_session_lost_; }
  /// Also where the owner is not told so.
  bool is_password_refused() const { return is_password_refused_; }

 private:
  bool is_home(const rtsp::Url& url) const { return url.host == home_.host && url.port == home_.port; }
  Problem shown(Problem problem);
  io::Task<Problem> attempt();
  io::Task<> serve(io::TaskGroup& tasks);
  void begin_again();
  void on_failure(const rtsp::Failure& failure);
  std::optional<Problem> redirect(const rtsp::Failure& failure);
  io::Task<> read();
  io::Task<> hear_refusal();
  io::Task<> write();
  io::Task<> on_described(const sdp::Session& description);
  void on_playing(const rtsp::Playing& playing);
  void on_packet(const rtsp::Packet& packet);
  void on_rtp(ByteView packet);
  void note_gaps();
  void on_rtcp(ByteView packet);
  void on_sound_rtp(ByteView packet);
  void on_sound_rtcp(ByteView packet);
  void on_unit(const rtp::VideoUnit& unit);
  void on_sound(const rtp::AudioUnit& unit);
  void prepare_sound(const sdp::Session& description, std::vector<rtsp::TrackChoice>& choices);
  using OnDatagram = void (Session::*)(ByteView packet);
  std::optional<UdpPair> open_udp(std::size_t track, OnDatagram on_rtp, OnDatagram on_rtcp);
  std::optional<Endpoint> punch(const UdpPair& udp, const rtsp::Transport& transport);
  void on_deadlines();
  void look_at_watch();
  Transport rtp_transport() const { return way_.is_udp() ? Transport::Udp : Transport::Tcp; }
  void send_reports();
  void send_report(std::size_t track, const Buffer& report);
  Microseconds until_next_deadline() const;
  void end(Problem problem);
  void end_cut();
  io::Task<> say_goodbye();

  io::Loop& loop_;
  const Source& source_;
  Way way_;
  rtsp::Url home_;               // the owner's address: where the password may go
  std::optional<Way> next_way_;  // another attempt follows this one
  bool has_other_transport_ = false;
  std::string note_;
  std::string certificate_;  // that was met on the present way; empty without TLS
  bool is_stopped_ = false;
  bool is_sound_left_out_ = false;
  bool is_session_lost_ = false;
  bool is_password_refused_ = false;
  const Timing& timing_;
  const Clock& clock_;
  RandomSource& random_;
  SessionListener& listener_;

  std::unique_ptr<io::Stream> stream_;
  TunnelStream* tunnel_ = nullptr;  // the stream, where it is one
  std::optional<rtsp::Client> client_;
  std::optional<VideoReceiver> receiver_;
  std::optional<Watch> watch_;
  std::optional<AudioReceiver> sound_;
  /// By track: pictures, then sound.
  std::array<std::optional<UdpPair>, 2> udp_;
  std::array<std::optional<Endpoint>, 2> camera_rtcp_;
  bool sound_is_played_ = false;
  bool was_cut_over_sound_ = false;
  std::uint32_t ssrc_;
  std::uint64_t gaps_seen_ = 0;  // of those that the receiver has counted

  io::Event wake_;  // of the writer
  io::Event done_;
  std::optional<Problem> end_;
  std::optional<Problem> pause_;
  std::optional<SteadyTime> report_at_;
  bool writing_ = false;
  bool connected_to_camera_ = false;  // what answers on the present way speaks RTSP
};

}  // namespace jalousie::ingest
