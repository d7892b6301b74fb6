// The client's side of one RTSP 1.0 session (RFC 2326), as a state machine: bytes and times in, events, bytes
// and a deadline out. No sockets, no clock, no threads; used from one loop.
//
//   state        sends                    goes on to
//   Options      OPTIONS                  Describing, whatever the answer (but for a password)
//   Describing   DESCRIBE                 Described, with that event
//   Described    nothing                  SettingUp, when play() is called
//   SettingUp    SETUP, once per track    Starting
//   Starting     PLAY                     Playing, with that event
//   Playing      GET_PARAMETER or OPTIONS at half of the session's timeout
//   Ended        TEARDOWN, when asked     nothing: all input is dropped
//
// An answer that ends the session is a Failed event, the last one. Redirects are not followed here and
// another transport is not tried: the caller, who knows what the owner allowed, starts again with another
// client. Any 401 is answered as auth.h says.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "rtsp/auth.h"
#include "rtsp/failure.h"
#include "rtsp/message.h"
#include "rtsp/parser.h"
#include "rtsp/transport.h"
#include "rtsp/url.h"
#include "sdp/sdp.h"

namespace jalousie::rtsp {

struct ClientOptions {
  Url url;
  std::string username;
  std::string password;
  Microseconds answer_timeout = Seconds(8);
  Microseconds optional_timeout = Seconds(2);  // of an optional track's SETUP
};

/// What to set up: a section of the SDP, and for UDP our ports.
struct TrackChoice {
  std::size_t media = 0;
  std::optional<Pair> udp_ports{};  // else interleaved
  /// Where the camera refuses it, or does not answer in time, the others are played without it. Not the
  /// first.
  bool is_optional = false;
};

struct Described {
  sdp::Session description;
};
/// One per choice, in that order; nothing for an optional one that is not played.
struct Playing {
  std::vector<std::optional<Transport>> transports;
  std::vector<RtpInfo> rtp_info;
};
/// A packet of a track that play() chose, by its place there. `payload` is good until the next prepare() or
/// feed().
struct Packet {
  std::size_t track = 0;
  bool rtcp = false;
  ByteView payload;
};
struct Failed {
  Failure failure;
};
using Event = std::variant<Described, Playing, Packet, Failed>;

class Client {
 public:
  Client(ClientOptions options, RandomSource& random, SteadyTime now);

  /// Where to read into, and how much was read. Ends the life of packets that were given.
  MutableBytes prepare() { return parser_.prepare(); }
  void commit(std::size_t count, SteadyTime now);
  void feed(ByteView bytes, SteadyTime now);
  /// The next event; nothing when more bytes are needed. Call until then after each commit().
  std::optional<Event> poll_event();

  /// Bytes to send, in order; empty when there are none.
  std::string poll_output();
  bool has_output() const { return !output_.empty(); }
  /// When on_deadline() is to be called; nothing when there is nothing to wait for.
  std::optional<SteadyTime> next_deadline() const;
  /// A Failed event when an answer was waited for in vain.
  std::optional<Event> on_deadline(SteadyTime now);

  /// After Described, once: at least one choice, at most 16, all of them either UDP or interleaved.
  void play(std::vector<TrackChoice> choices, SteadyTime now);
  /// RTCP of ours on the track's RTCP channel. Only when interleaved, and from Playing on.
  void send_rtcp(std::size_t track, ByteView packet);
  /// Says TEARDOWN where there is a session to end. Send what poll_output() has, then close.
  void teardown(SteadyTime now);
  /// Overwrites the pictures in the read buffer.
  void wipe_buffer() { parser_.wipe_buffer(); }

  /// The track's SETUP was sent, and not answered. There are cameras that hang up over one.
  bool is_setting_up(std::size_t track) const { return state_ == State::SettingUp && next_track_ == track; }
  Seconds session_timeout() const { return session_ ? session_->timeout : SessionHeader{}.timeout; }

 private:
  enum class State : std::uint8_t { Options, Describing, Described, SettingUp, Starting, Playing, Ended };
  struct Track {
    TrackChoice choice;
    Transport transport;
    bool is_left_out = false;
  };

  std::optional<Event> on_item(Item& item);
  std::optional<Event> on_response(const Response& response);
  std::optional<Event> on_unauthorized(const Response& response);
  std::optional<Event> on_options(const Response& response);
  std::optional<Event> on_describe(const Response& response);
  std::optional<Event> on_setup(const Response& response);
  std::optional<Event> on_play(const Response& response);
  std::optional<Event> on_keep_alive(const Response& response);
  std::optional<Event> on_request(const Request& request);
  std::optional<Event> on_frame(const InterleavedFrame& frame) const;
  std::optional<Failure> accept_transport(const Response& response, Track& track, std::size_t index);

  void send(std::string_view method, std::string uri, Headers headers = {});
  void send_pending();
  void send_setup();
  void next_setup();
  bool leave_out_track();
  void send_keep_alive();
  Event failed(FailureKind kind, std::string message);
  Event failed(Failure failure);
  Event redirected(Failure failure, const Headers& headers);

  ClientOptions options_;
  Authenticator authenticator_;
  Parser parser_;
  State state_ = State::Options;
  SteadyTime now_;
  std::string output_;

  std::optional<Request> pending_;  // one at a time; without CSeq and Authorization
  std::uint32_t cseq_ = 0;
  SteadyTime answer_deadline_{};
  std::optional<SteadyTime> keep_alive_at_;

  bool has_get_parameter_ = false;
  std::string base_;
  sdp::Session description_;
  std::vector<Track> tracks_;
  std::size_t next_track_ = 0;
  std::array<std::int16_t, 256> channels_{};  // track * 2 + 1 for RTCP; -1 for none
  std::optional<SessionHeader> session_;
};

}  // namespace jalousie::rtsp
