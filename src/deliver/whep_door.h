// The WHEP door (draft-ietf-wish-whep-03): an offer from somebody signed in becomes a grant, a viewing and a
// session; the answer says where to reach it. The API authenticates and hands over; requests are served on
// the loop that they came in on, and the viewing lives there.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/metrics.h"
#include "codec/video_format.h"
#include "deliver/udp_mux.h"
#include "deliver/viewing_events.h"
#include "deliver/whep_session.h"
#include "http/message.h"
#include "io/workers.h"
#include "stream/hub.h"
#include "webrtc/dtls.h"

namespace jalousie::deliver {

/// What a camera sends, where that is known; NotFound where the asker may not know the camera. On a worker
/// thread.
using AskVideo = std::function<Result<std::optional<codec::VideoFormat>>(const keeper::Principal&, CameraId)>;

/// Asks the keeper; on a worker thread.
using AskGrant = std::function<Result<keeper::Grant>(const keeper::GrantRequest&, keeper::RevokedCall)>;

class WhepDoor {
 public:
  struct Parts {
    stream::Hub& hub;
    UdpMux& mux;
    io::Workers& workers;
    stream::GrantOffice& office;
    AskGrant ask_grant;
    AskVideo ask_video;
    RandomSource& random;
    Metrics& metrics;
    ViewingEventSink& events;
    std::shared_ptr<const webrtc::Identity> identity;
    std::optional<Endpoint>
        advertised;  // instead of the address that the viewer reached; its port is not used
  };
  explicit WhepDoor(Parts parts);
  ~WhepDoor();
  WhepDoor(const WhepDoor&) = delete;
  WhepDoor& operator=(const WhepDoor&) = delete;

  io::Task<http::Response> offer(keeper::Principal principal, CameraId camera, http::Request request);
  /// NotFound unless the viewing is of this session.
  io::Task<http::Response> patch(keeper::Principal principal, ViewingId viewing, http::Request request);
  io::Task<http::Response> remove(keeper::Principal principal, ViewingId viewing);
  /// Ends all sessions, on every loop. The mux takes no more datagrams by then.
  io::Task<> close();

 private:
  struct Pending;
  struct Corner;
  Corner& here();
  Endpoint candidate_for(const http::Request& request) const;
  http::Response open(Corner& corner, SessionId owner, keeper::Grant grant, webrtc::Negotiated negotiated,
                      std::shared_ptr<Pending> pending, const Endpoint& candidate);
  void route(Corner& corner, ViewingId id, const std::string& fragment);

  Parts parts_;
  WhepMetrics metrics_;
  std::vector<std::unique_ptr<Corner>> corners_;
};

}  // namespace jalousie::deliver
