// The MSE door (docs/design/mse.md): a WebSocket request from somebody signed in becomes a grant, a viewing
// and a session, which lives as long as its connection. The API authenticates and checks the origin.
#pragma once

#include "deliver/mse_session.h"
#include "deliver/viewing_desk.h"
#include "http/message.h"

namespace jalousie::deliver {

/// Sec-WebSocket-Protocol; docs/ref/api.md says what is spoken by this name.
inline constexpr std::string_view kMseProtocol = "jalousie.mse.v1";

class MseDoor {
 public:
  /// All outlive the door, and the door outlives its connections.
  struct Parts {
    ViewingDesk& desk;
    Metrics& metrics;
    ViewingEventSink& events;
  };
  explicit MseDoor(Parts parts) : parts_(parts), metrics_(parts.metrics) {}

  /// A request that is no handshake hears of everything before the grant as well, in words that browsers keep
  /// from who opened a WebSocket; else 426.
  io::Task<http::Response> open(keeper::Principal principal, CameraId camera, StreamId stream,
                                http::Request request);

 private:
  Parts parts_;
  MseMetrics metrics_;
};

}  // namespace jalousie::deliver
