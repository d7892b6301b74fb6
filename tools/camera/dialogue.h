// The server's side of one RTSP 1.0 connection (RFC 2326, appendix A.2): requests in, responses out, and a
// session that is set up, plays and ends. No sockets and no threads; what media do is behind MediaPort.
//
//   state     SETUP   PLAY     PAUSE   TEARDOWN
//   Init      Ready   455      455     454
//   Ready     Ready   Playing  Ready   Init
//   Playing   455     Playing  Ready   Init
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "camera/facts.h"
#include "rtsp/auth.h"
#include "rtsp/message.h"
#include "rtsp/transport.h"

namespace jalousie::camera {

/// Where packets go and come from; implemented by the connection.
class MediaPort {
 public:
  virtual ~MediaPort() = default;
  /// `offered` is unicast RTP/AVP, over TCP with channels or over UDP with client ports. The answer goes into
  /// the response. ResourceExhausted when no ports are left.
  virtual Result<rtsp::Transport> set_up(std::size_t stream, std::size_t track,
                                         const rtsp::Transport& offered) = 0;
  struct Start {
    std::size_t track = 0;
    std::uint16_t sequence = 0;
    std::uint32_t rtp_time = 0;
  };
  virtual std::vector<Start>
  play() = 0;  // of the tracks that were set up; also while playing: says where it is
  virtual void pause() = 0;
  virtual void tear_down() = 0;
};

class Dialogue {
 public:
  /// `verifier` may be null: everybody may watch. All outlive the dialogue. `local_address` is what the
  /// client reached.
  Dialogue(const CameraFacts& camera, rtsp::DigestVerifier* verifier, MediaPort& media, RandomSource& random,
           std::string local_address, SteadyTime now);

  rtsp::Response answer(const rtsp::Request& request, SteadyTime now);
  /// RTCP from the client keeps a session alive, too.
  void heard(SteadyTime now) { last_heard_ = now; }
  /// Nothing was heard for a session timeout: the connection is to be closed.
  bool is_expired(SteadyTime now) const { return now - last_heard_ > camera_.session_timeout; }

 private:
  enum class State : std::uint8_t { Init, Ready, Playing };
  struct Target {
    std::size_t stream;
    std::optional<std::size_t> track;  // nothing: all of them
  };

  rtsp::Response dispatch(const rtsp::Request& request);
  std::optional<rtsp::Response> challenge(const rtsp::Request& request, SteadyTime now);
  rtsp::Response options(const rtsp::Request& request) const;
  rtsp::Response describe(const rtsp::Request& request) const;
  rtsp::Response set_up(const rtsp::Request& request);
  rtsp::Response play(const rtsp::Request& request);
  rtsp::Response pause(const rtsp::Request& request);
  rtsp::Response tear_down(const rtsp::Request& request);
  rtsp::Response get_parameter(const rtsp::Request& request) const;
  /// 454 unless the request names our session.
  std::optional<rtsp::Response> check_session(const rtsp::Request& request) const;
  rtsp::Response in_session(const rtsp::Request& request) const;
  std::optional<Target> find(const std::string& uri) const;

  const CameraFacts& camera_;
  rtsp::DigestVerifier* verifier_;
  MediaPort& media_;
  RandomSource& random_;
  std::string local_address_;
  SteadyTime last_heard_;
  State state_ = State::Init;
  std::string session_;
  std::size_t stream_ = 0;
};

}  // namespace jalousie::camera
