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
#include "deliver/udp_mux.h"
#include "deliver/viewing_desk.h"
#include "deliver/viewing_events.h"
#include "deliver/whep_session.h"
#include "http/message.h"
#include "webrtc/dtls.h"

namespace jalousie::deliver {

class WhepDoor {
 public:
  struct Parts {
    ViewingDesk& desk;
    UdpMux& mux;
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

  io::Task<http::Response> offer(keeper::Principal principal, CameraId camera, StreamId stream,
                                 http::Request request);
  /// NotFound unless the viewing is of the asker's session.
  io::Task<http::Response> patch(keeper::Principal principal, ViewingId viewing, http::Request request);
  io::Task<http::Response> remove(keeper::Principal principal, ViewingId viewing);
  /// Ends all sessions, on every loop. The mux takes no more datagrams by then.
  io::Task<> close();

 private:
  struct Corner;
  Corner& here();
  Endpoint candidate_for(const http::Request& request) const;
  http::Response open(Corner& corner, SessionId owner, StreamId stream, ViewingDesk::Admission admission,
                      const webrtc::Negotiated& negotiated, const Endpoint& candidate);
  void route(Corner& corner, ViewingId id, const std::string& fragment);

  Parts parts_;
  WhepMetrics metrics_;
  std::vector<std::unique_ptr<Corner>> corners_;
};

}  // namespace jalousie::deliver
